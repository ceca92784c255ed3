// A head start: the database is opened, and what the store reads of it first is read, while the
// module is still being fetched and compiled (js/engine.js: openDatabase). couchlet_idb_open takes
// the connection over, and the first reads of the manifest and of the log take what is there.
//
// The two are read in one transaction, so they fit together. That another context may have
// committed since is as if they had been read in time: it tells of its commit. Where a number has been
// heard that is not among what was read, the log is read again.
addToLibrary({
  // By name: those that wait to be taken over.
  $couchletIdbEarly: 'new Map()',

  // More than the store reads ahead (kReadAhead, src/store/log_reader.cpp).
  $couchletIdbEarlyRecords: '257',

  // Returns what takes it back.
  $couchletIdbOpenEarly__deps: [
    '$couchletIdbConnection',
    '$couchletIdbEarly',
    '$couchletIdbEnd',
    '$couchletIdbReadEarly',
    '$couchletIdbStart',
  ],
  $couchletIdbOpenEarly__postset: "Module['host'].openEarly = couchletIdbOpenEarly;",
  $couchletIdbOpenEarly(name) {
    if (couchletIdbEarly.has(name)) return () => {};
    const connection = couchletIdbConnection(name);
    couchletIdbEarly.set(name, connection);
    connection.early = couchletIdbStart(connection)
      .then(() => couchletIdbReadEarly(connection.database))
      .catch(() => null); // who takes it over comes across it again, or it has passed
    return () => {
      if (couchletIdbEarly.get(name) !== connection) return;
      couchletIdbEarly.delete(name);
      connection.early.then(() => couchletIdbEnd(connection));
    };
  },

  // The connection for a medium. One that has been lost meanwhile was not the medium's yet.
  $couchletIdbTakeOver__deps: [
    '$couchletIdbConnection',
    '$couchletIdbEarly',
    '$couchletIdbOpenEarly',
  ],
  $couchletIdbTakeOver(name) {
    const early = couchletIdbEarly.get(name);
    couchletIdbEarly.delete(name);
    return early && !early.gone ? early : couchletIdbConnection(name);
  },

  $couchletIdbReadEarly__deps: ['$couchletIdbEarlyRecords'],
  $couchletIdbReadEarly(database) {
    const transaction = database.transaction(['log', 'manifest'], 'readonly');
    const read = (area) => {
      const store = transaction.objectStore(area);
      const numbers = store.getAllKeys(null, couchletIdbEarlyRecords);
      return { numbers, values: store.getAll(null, couchletIdbEarlyRecords) };
    };
    const records = ({ numbers, values }) =>
      values.result.map((bytes, i) => ({ number: numbers.result[i], bytes }));
    return new Promise((resolve, reject) => {
      const manifest = read('manifest');
      const log = read('log');
      log.values.onsuccess = () => resolve({ manifest: records(manifest), log: records(log) });
      transaction.onabort = () => reject(transaction.error);
    });
  },

  // The records in a range, if they have been read, for the first who asks; else undefined.
  $couchletIdbTakeEarly__deps: ['$couchletIdbEarlyRecords'],
  $couchletIdbTakeEarly(connection, early, area, { first, last }, limit) {
    const records = early?.[area];
    if (!records) return undefined;
    delete early[area];
    if (area === 'log') {
      connection.early = null;
      if (connection.news?.heard > (records.at(-1)?.number ?? 0)) return undefined;
    }
    const found = records.filter(({ number }) => number >= first && number <= last);
    if (limit && found.length >= limit) return found.slice(0, limit);
    return records.length < couchletIdbEarlyRecords ? found : undefined;
  },
});
