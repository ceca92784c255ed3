// The connection to a database in IndexedDB, and what becomes of it.
//
// The browser may take the connection away at any time (from a page in the background, say). What
// only reads, and a commit that had not begun, is repeated on a new one. A commit that had begun
// was written or not: that is the answer, once there is a new connection to find out with.
//
// A new connection must lead to the same database: browsers evict, people clear, and another tab
// may have made a new one since. A database's identity is the name of an empty object store, which
// is there without a transaction. A database that has been removed, or that a newer couchlet has
// taken over, is lost: the engine is told at once, and every call gets the error, for good. That is
// found out when the other tab says so (versionchange), when the browser closes the connection,
// when a page is looked at again (watch), and by whatever needs the connection.
addToLibrary({
  // Those that media have, by medium.
  $couchletConnections: 'new Map()',

  $couchletIdbConnection: (name) => ({
    medium: 0, // none yet
    name: `couchlet:${name}`,
    isStrict: false,
    database: null, // while there is none
    opening: null,
    identity: undefined,
    gone: null, // the error of a lost one
    ops: [], // the batch that is being handed over
    reader: null, // the transaction that blocks are read in
    early: null, // what has been read ahead: indexeddb_early.library.js
    news: null, // indexeddb_news.library.js
    endMerging() {}, // merge_lock.library.js
    unwatch() {},
  }),

  // By number of the area (store/medium.h), and the blobs.
  $couchletAreas: "['log', 'parts', 'manifest', 'blocks', 'blobs']",
  $couchletNumberedAreas: "['log', 'manifest']",

  // 2: with blobs.
  $couchletIdbVersion: '2',
  $couchletIdbIdentity: "'identity '",

  $couchletIdbFail__deps: ['$couchletIdbPassError', 'couchlet_idb_failed'],
  $couchletIdbFail(answer, cause) {
    couchletIdbPassError(_couchlet_idb_failed, answer, cause);
  },

  // Hands an error to the engine: take(to, status, name, reason).
  $couchletIdbPassError__deps: [
    '$couchletIdbError',
    '$stackSave',
    '$stackRestore',
    '$stringToUTF8OnStack',
  ],
  $couchletIdbPassError(take, to, cause) {
    const { status, name, reason } = couchletIdbError(cause);
    const stack = stackSave();
    const nameAt = stringToUTF8OnStack(name);
    take(to, status, nameAt, stringToUTF8OnStack(reason));
    stackRestore(stack);
  },

  $couchletIdbRefused(cause) {
    return {
      status: 500,
      name: 'indexeddb_unavailable',
      reason:
        'The browser does not allow IndexedDB here (private mode?): use ' +
        `adapter: 'memory'. (${cause.message})`,
    };
  },

  // What an exception or a failed request means, in CouchDB's terms.
  $couchletIdbError__deps: ['$couchletIdbRefused'],
  $couchletIdbError(cause) {
    if (cause?.status) return cause;
    const message = cause?.message || String(cause?.name ?? cause);
    switch (cause?.name) {
      case 'QuotaExceededError':
        return {
          status: 507,
          name: 'insufficient_storage',
          reason: `The browser has no room left for this site; nothing was written. (${message})`,
        };
      case 'VersionError':
        return {
          status: 500,
          name: 'unsupported_format',
          reason:
            'The database was made by a newer version of couchlet: reload the page or update.',
        };
      case 'SecurityError':
      case 'NotSupportedError':
        return couchletIdbRefused(cause);
      default:
        return { status: 500, name: 'storage_failed', reason: `IndexedDB failed: ${message}` };
    }
  },

  // Connects, and listens to what others write.
  $couchletIdbStart__deps: ['$couchletIdbConnect', '$couchletNewsListen'],
  $couchletIdbStart: (connection) =>
    couchletIdbConnect(connection).then(() => {
      if (!connection.news) couchletNewsListen(connection);
    }),

  $couchletIdbEnd(connection) {
    connection.unwatch();
    connection.endMerging();
    connection.news?.end();
    connection.database?.close();
  },

  // A browser that clears a site's data cuts new connections off too (Chromium 156: for 100 ms).
  $couchletIdbPatienceMs: '[100, 200, 400, 800]',

  $couchletIdbConnect__deps: ['$couchletIdbOpen', '$couchletIdbPatienceMs'],
  $couchletIdbConnect(connection) {
    if (connection.gone) return Promise.reject(connection.gone);
    if (connection.database) return Promise.resolve(connection.database);
    const open = (tries) =>
      couchletIdbOpen(connection).catch((cause) => {
        const pause = couchletIdbPatienceMs[tries];
        if (cause?.name !== 'AbortError' || !pause) throw cause;
        return new Promise((resume) => setTimeout(resume, pause)).then(() => open(tries + 1));
      });
    connection.opening ??= open(0).finally(() => {
      connection.opening = null;
    });
    return connection.opening;
  },

  $couchletIdbOpen__deps: [
    '$couchletIdbAdopt',
    '$couchletIdbCreate',
    '$couchletIdbRefused',
    '$couchletIdbVersion',
  ],
  $couchletIdbOpen(connection) {
    return new Promise((resolve, reject) => {
      if (typeof indexedDB === 'undefined' || !indexedDB) {
        throw {
          status: 500,
          name: 'indexeddb_unavailable',
          reason:
            "There is no IndexedDB here: use adapter: 'memory', which keeps nothing when the " +
            'page closes.',
        };
      }
      const request = indexedDB.open(connection.name, couchletIdbVersion);
      request.onupgradeneeded = () => couchletIdbCreate(connection, request);
      // Firefox says InvalidStateError in private windows that have no IndexedDB.
      request.onerror = () => {
        const isRefused = request.error?.name === 'InvalidStateError' && !connection.identity;
        reject(connection.gone ?? (isRefused ? couchletIdbRefused(request.error) : request.error));
      };
      request.onsuccess = () => {
        couchletIdbAdopt(connection, request.result);
        if (connection.database) resolve(connection.database);
        else reject(connection.gone);
      };
    });
  },

  // There is no database of this name, or one of an earlier version, which lacks something. If this
  // connection has seen one, a new one is not it.
  $couchletIdbCreate__deps: [
    '$couchletAreas',
    '$couchletNumberedAreas',
    '$couchletIdbIdentity',
    '$couchletIdbLose',
    '$couchletIdbRemoved',
  ],
  $couchletIdbCreate(connection, { result, transaction }) {
    if (connection.identity) {
      transaction.abort();
      couchletIdbLose(connection, couchletIdbRemoved());
      return;
    }
    const present = [...result.objectStoreNames];
    for (const area of couchletAreas) {
      if (present.includes(area)) continue;
      result.createObjectStore(area, { autoIncrement: couchletNumberedAreas.includes(area) });
    }
    if (present.length > 0) return;
    const unique = Date.now().toString(36) + Math.random().toString(36).slice(1);
    result.createObjectStore(couchletIdbIdentity + unique);
  },

  $couchletIdbAdopt__deps: [
    '$couchletIdbDrop',
    '$couchletIdbIdentity',
    '$couchletIdbLook',
    '$couchletIdbLose',
    '$couchletIdbRemoved',
  ],
  $couchletIdbAdopt(connection, database) {
    const identity = [...database.objectStoreNames].find((name) =>
      name.startsWith(couchletIdbIdentity),
    );
    connection.identity ??= identity;
    if (identity !== connection.identity) couchletIdbLose(connection, couchletIdbRemoved());
    if (connection.gone) {
      database.close();
      return;
    }
    connection.database = database;
    // The browser has closed it: maybe because it has removed what was behind it.
    database.onclose = () => {
      couchletIdbDrop(connection, database);
      couchletIdbLook(connection);
    };
    // Another context removes the database or brings a newer format: don't stand in its way.
    database.onversionchange = ({ newVersion }) => {
      couchletIdbLose(connection, {
        status: 412,
        ...(newVersion === null
          ? {
              name: 'precondition_failed',
              reason: 'The database was destroyed, here or in another tab.',
            }
          : {
              name: 'newer_version',
              reason: 'A newer version of couchlet has opened this database: reload the page.',
            }),
      });
    };
  },

  $couchletIdbRemoved: () => ({
    status: 410,
    name: 'storage_lost',
    reason:
      'The browser has removed the database while it was open (its storage was cleared, or was ' +
      'needed for something else): open it again and replicate.',
  }),

  $couchletIdbLose__deps: [
    '$couchletConnections',
    '$couchletIdbDrop',
    '$couchletIdbPassError',
    'couchlet_idb_lost',
  ],
  $couchletIdbLose(connection, error) {
    if (connection.gone) return;
    connection.gone = error;
    if (connection.database) couchletIdbDrop(connection, connection.database);
    if (couchletConnections.get(connection.medium) !== connection) return; // closed
    couchletIdbPassError(_couchlet_idb_lost, connection.medium, error);
  },

  $couchletIdbDrop(connection, database) {
    if (connection.database === database) connection.database = null;
    database.close(); // lets transactions that have begun come to their end
  },

  // Whether it was the connection that failed. A transaction that ends with it may have no error.
  $couchletIdbIsBroken: (connection, database, cause) =>
    connection.database !== database ||
    !cause ||
    cause?.name === 'AbortError' ||
    cause?.name === 'InvalidStateError' ||
    /connection/i.test(cause?.message),

  // begin(database) begins a transaction and returns a promise. It throws InvalidStateError where
  // the browser has closed the connection: then it is called once more, with a new one.
  $couchletIdbBegin__deps: ['$couchletIdbConnect', '$couchletIdbDrop'],
  $couchletIdbBegin(connection, begin) {
    return couchletIdbConnect(connection).then((database) => {
      try {
        return begin(database);
      } catch (cause) {
        if (cause?.name !== 'InvalidStateError') throw cause;
        couchletIdbDrop(connection, database);
        return couchletIdbConnect(connection).then(begin);
      }
    });
  },

  // Finds out whether the database is still there, and what has been written to it unheard. A page
  // that nobody looks at does so when that changes: there the browser closes connections to keep
  // them closed.
  $couchletIdbLook__deps: [
    '$couchletConnections',
    '$couchletIdbBegin',
    'couchlet_idb_foreign_commit',
  ],
  $couchletIdbLook(connection) {
    const { medium } = connection;
    const isOpen = () => couchletConnections.get(medium) === connection;
    if (!isOpen() || globalThis.document?.visibilityState === 'hidden') return;
    couchletIdbBegin(connection, (database) => {
      const request = database.transaction('log').objectStore('log').openKeyCursor(null, 'prev');
      request.onsuccess = () => {
        if (request.result && isOpen()) _couchlet_idb_foreign_commit(medium, request.result.key);
      };
    }).catch(() => {}); // a lost database has been told of; anything else, whoever meets it is told
  },

  // When a page is looked at again it may have slept for long, and slept through messages.
  $couchletIdbWatch__deps: ['$couchletIdbLook'],
  $couchletIdbWatch(connection) {
    const look = () => couchletIdbLook(connection);
    globalThis.document?.addEventListener('visibilitychange', look);
    connection.unwatch = () => {
      globalThis.document?.removeEventListener('visibilitychange', look);
    };
  },
});
