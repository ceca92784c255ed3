// Which of the contexts of a database merges: the one that holds a Web Lock. Nobody waits for it,
// no read and no write, and it goes with the context that holds it, however that ends. Where there
// are no Web Locks, or the browser doesn't let us use them, anybody may (Medium::begin_merging).
addToLibrary({
  couchlet_idb_begin_merging__deps: ['$couchletConnections', 'couchlet_idb_done'],
  couchlet_idb_begin_merging(medium, answer) {
    const connection = couchletConnections.get(medium);
    let isAnswered = false;
    const grant = (isGranted) => {
      if (isAnswered) return;
      isAnswered = true;
      _couchlet_idb_done(answer, isGranted ? 1 : 0);
    };
    const hold = (lock) => {
      const isOpen = couchletConnections.get(medium) === connection;
      if (!lock || !isOpen) return grant(false);
      return new Promise((release) => {
        connection.endMerging = release;
        grant(true);
      });
    };
    const locks = globalThis.navigator?.locks;
    if (!locks) return grant(true);
    locks
      .request(`${connection.name} merge`, { ifAvailable: true }, hold)
      .catch(() => grant(true));
  },

  couchlet_idb_end_merging__deps: ['$couchletConnections'],
  couchlet_idb_end_merging(medium) {
    couchletConnections.get(medium)?.endMerging();
  },
});
