// What indexeddb_medium.cpp calls: straight on `indexedDB`. What is measured and why it is done so:
//
//   - a batch is one transaction over just the object stores it needs, with an explicit commit();
//   - bytes are sliced out of the module's memory: a view would make IndexedDB clone all of it;
//   - add() to a store with a key generator gives the record's number. If it isn't the expected one
//     the transaction is aborted, and the generator takes the number back.
//
// The browser may take the connection away at any time (from a page in the background, say). What
// only reads, and a commit that had not begun, is repeated on a new one. A commit that had begun
// was written or not: that is the answer, once there is a new connection to find out with.
//
// A new connection must lead to the same database: browsers evict, people clear, and another tab
// may have made a new one since. A database's identity is the name of an empty object store, which
// is there without a transaction.
//
// A connection is { name, isStrict, database, opening, identity, channel, ops, gone }: `database`
// is null while there is none; `ops` is the batch that is being handed over; `gone` is the error
// that every call gets, for good.
addToLibrary({
  $couchletConnections: 'new Map()',

  // By number of the area (store/medium.h); the first and the third have key generators.
  $couchletAreas: "['log', 'parts', 'manifest', 'blocks']",

  $couchletIdbVersion: '1',
  $couchletIdbIdentity: "'identity '",

  $couchletIdbFail__deps: [
    '$couchletIdbError',
    '$stackSave',
    '$stackRestore',
    '$stringToUTF8OnStack',
    'couchlet_idb_failed',
  ],
  $couchletIdbFail(answer, cause) {
    const { status, name, reason } = couchletIdbError(cause);
    const stack = stackSave();
    const nameAt = stringToUTF8OnStack(name);
    _couchlet_idb_failed(answer, status, nameAt, stringToUTF8OnStack(reason));
    stackRestore(stack);
  },

  // What an exception or a failed request means, in CouchDB's terms.
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
        return {
          status: 500,
          name: 'indexeddb_unavailable',
          reason:
            'The browser does not allow IndexedDB here (private mode?): use ' +
            `adapter: 'memory'. (${message})`,
        };
      default:
        return { status: 500, name: 'storage_failed', reason: `IndexedDB failed: ${message}` };
    }
  },

  $couchletIdbConnect__deps: ['$couchletIdbAdopt', '$couchletIdbCreate', '$couchletIdbVersion'],
  $couchletIdbConnect(connection) {
    if (connection.gone) return Promise.reject(connection.gone);
    if (connection.database) return Promise.resolve(connection.database);
    connection.opening ??= new Promise((resolve, reject) => {
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
      request.onerror = () => reject(connection.gone ?? request.error);
      request.onsuccess = () => {
        couchletIdbAdopt(connection, request.result);
        if (connection.database) resolve(connection.database);
        else reject(connection.gone);
      };
    }).finally(() => {
      connection.opening = null;
    });
    return connection.opening;
  },

  // There is no database of this name. If this connection has seen one, a new one is not it.
  $couchletIdbCreate__deps: ['$couchletAreas', '$couchletIdbIdentity', '$couchletIdbLost'],
  $couchletIdbCreate(connection, { result, transaction }) {
    if (connection.identity) {
      connection.gone = couchletIdbLost();
      transaction.abort();
      return;
    }
    couchletAreas.forEach((area, number) => {
      result.createObjectStore(area, { autoIncrement: number % 2 === 0 });
    });
    const unique = Date.now().toString(36) + Math.random().toString(36).slice(1);
    result.createObjectStore(couchletIdbIdentity + unique);
  },

  $couchletIdbAdopt__deps: ['$couchletIdbDrop', '$couchletIdbIdentity', '$couchletIdbLost'],
  $couchletIdbAdopt(connection, database) {
    const identity = [...database.objectStoreNames].find((name) =>
      name.startsWith(couchletIdbIdentity),
    );
    connection.identity ??= identity;
    if (identity !== connection.identity) connection.gone = couchletIdbLost();
    if (connection.gone) {
      database.close();
      return;
    }
    connection.database = database;
    // The browser has closed it: the next call opens it again.
    database.onclose = () => couchletIdbDrop(connection, database);
    // Another context removes the database or brings a newer format: don't stand in its way.
    database.onversionchange = ({ newVersion }) => {
      connection.gone = {
        status: 412,
        name: 'precondition_failed',
        reason:
          newVersion === null
            ? 'The database was destroyed, here or in another tab.'
            : 'A newer version of couchlet has opened this database: reload the page.',
      };
      couchletIdbDrop(connection, database);
    };
  },

  $couchletIdbLost: () => ({
    status: 410,
    name: 'storage_lost',
    reason:
      'The browser has removed the database while it was open (its storage was cleared, or was ' +
      'needed for something else): open it again and replicate.',
  }),

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

  couchlet_idb_open__deps: [
    '$couchletConnections',
    '$couchletIdbConnect',
    '$couchletIdbFail',
    '$couchletIdbListen',
    '$UTF8ToString',
    'couchlet_idb_done',
  ],
  couchlet_idb_open(medium, name, isStrict, answer) {
    const connection = {
      name: `couchlet:${UTF8ToString(name)}`,
      isStrict: isStrict !== 0,
      database: null,
      opening: null,
      identity: undefined,
      channel: null,
      ops: [],
      gone: null,
    };
    couchletConnections.set(medium, connection);
    couchletIdbConnect(connection).then(
      () => {
        couchletIdbListen(medium, connection);
        _couchlet_idb_done(answer, 0);
      },
      (cause) => couchletIdbFail(answer, cause),
    );
  },

  $couchletIdbListen__deps: ['$couchletConnections', 'couchlet_idb_foreign_commit'],
  $couchletIdbListen(medium, connection) {
    if (typeof BroadcastChannel === 'undefined') return;
    connection.channel = new BroadcastChannel(connection.name);
    connection.channel.onmessage = ({ data }) => {
      const isOpen = couchletConnections.get(medium) === connection;
      if (isOpen && Number.isSafeInteger(data)) _couchlet_idb_foreign_commit(medium, data);
    };
    connection.channel.unref?.(); // Node: not a reason to stay
  },

  $couchletIdbRead__deps: ['$couchletAreas'],
  $couchletIdbRead(database, area, first, last, limit) {
    const transaction = database.transaction(couchletAreas[area], 'readonly');
    const store = transaction.objectStore(couchletAreas[area]);
    const range = IDBKeyRange.bound(first, last);
    const numbers = store.getAllKeys(range, limit || undefined);
    const values = store.getAll(range, limit || undefined);
    transaction.commit?.();
    return new Promise((resolve, reject) => {
      values.onsuccess = () => resolve({ numbers: numbers.result, values: values.result });
      transaction.onabort = () => reject(transaction.error);
    });
  },

  couchlet_idb_read__deps: [
    '$couchletConnections',
    '$couchletIdbBegin',
    '$couchletIdbDrop',
    '$couchletIdbFail',
    '$couchletIdbIsBroken',
    '$couchletIdbRead',
    'couchlet_idb_done',
    'couchlet_idb_room',
  ],
  couchlet_idb_read(medium, area, first, last, limit, answer) {
    const connection = couchletConnections.get(medium);
    const read = (isSecondTry) =>
      couchletIdbBegin(connection, (database) =>
        couchletIdbRead(database, area, first, last, limit).catch((cause) => {
          if (isSecondTry || !couchletIdbIsBroken(connection, database, cause)) throw cause;
          couchletIdbDrop(connection, database);
          return read(true);
        }),
      );
    read(false).then(
      ({ numbers, values }) => {
        values.forEach((bytes, i) => {
          // The memory may grow, and HEAPU8 be another one, when room is made.
          const at = _couchlet_idb_room(answer, numbers[i], bytes.length);
          HEAPU8.set(bytes, at);
        });
        _couchlet_idb_done(answer, 0);
      },
      (cause) => couchletIdbFail(answer, cause),
    );
  },

  couchlet_idb_add__deps: ['$couchletConnections'],
  couchlet_idb_add(medium, area, number, bytes, length) {
    const { ops } = couchletConnections.get(medium);
    ops.push({ kind: 'add', area, number, bytes: HEAPU8.slice(bytes, bytes + length) });
  },

  couchlet_idb_put__deps: ['$couchletConnections'],
  couchlet_idb_put(medium, area, number, bytes, length) {
    const { ops } = couchletConnections.get(medium);
    ops.push({ kind: 'put', area, number, bytes: HEAPU8.slice(bytes, bytes + length) });
  },

  couchlet_idb_delete__deps: ['$couchletConnections'],
  couchlet_idb_delete(medium, area, first, last) {
    const { ops } = couchletConnections.get(medium);
    ops.push({ kind: 'delete', area, number: first, last });
  },

  // CommitOutcome, as indexeddb_medium.cpp reads it.
  $couchletIdbCommitted: '0',
  $couchletIdbNumberTaken: '1',
  $couchletIdbUnknown: '2',

  // Nothing of the batch is written where an exception comes in the middle: left alone, the
  // transaction would commit what it has got so far.
  $couchletIdbCommit__deps: ['$couchletAreas', '$couchletIdbCommitted', '$couchletIdbNumberTaken'],
  $couchletIdbCommit(database, ops, isStrict) {
    const areas = [...new Set(ops.map(({ area }) => couchletAreas[area]))];
    const durability = isStrict ? 'strict' : 'relaxed';
    const transaction = database.transaction(areas, 'readwrite', { durability });
    let numbered = null;
    let isNumberTaken = false;
    try {
      for (const { kind, area, number, last, bytes } of ops) {
        const store = transaction.objectStore(couchletAreas[area]);
        if (kind === 'put') store.put(bytes, number);
        else if (kind === 'delete') store.delete(IDBKeyRange.bound(number, last));
        else numbered = { request: store.add(bytes), number };
      }
    } catch (cause) {
      transaction.abort();
      throw cause;
    }
    if (numbered) {
      const { request, number } = numbered;
      request.onsuccess = () => {
        isNumberTaken = request.result !== number;
        if (isNumberTaken) transaction.abort();
        else transaction.commit?.();
      };
    } else {
      transaction.commit?.();
    }
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(couchletIdbCommitted);
      transaction.onabort = () => {
        if (isNumberTaken) resolve(couchletIdbNumberTaken);
        else reject(transaction.error);
      };
    });
  },

  couchlet_idb_commit__deps: [
    '$couchletConnections',
    '$couchletIdbBegin',
    '$couchletIdbCommit',
    '$couchletIdbCommitted',
    '$couchletIdbConnect',
    '$couchletIdbDrop',
    '$couchletIdbFail',
    '$couchletIdbIsBroken',
    '$couchletIdbUnknown',
    'couchlet_idb_done',
  ],
  couchlet_idb_commit(medium, answer) {
    const connection = couchletConnections.get(medium);
    const { ops } = connection;
    connection.ops = [];
    couchletIdbBegin(connection, (database) =>
      couchletIdbCommit(database, ops, connection.isStrict).catch((cause) => {
        if (!couchletIdbIsBroken(connection, database, cause)) throw cause;
        couchletIdbDrop(connection, database);
        return couchletIdbConnect(connection).then(() => couchletIdbUnknown);
      }),
    ).then(
      (outcome) => {
        const logged = ops.find(({ kind, area }) => kind === 'add' && area === 0);
        if (logged && outcome === couchletIdbCommitted) {
          connection.channel?.postMessage(logged.number);
        }
        _couchlet_idb_done(answer, outcome);
      },
      (cause) => couchletIdbFail(answer, cause),
    );
  },

  $couchletIdbClose__deps: ['$couchletConnections'],
  $couchletIdbClose(medium) {
    const connection = couchletConnections.get(medium);
    couchletConnections.delete(medium);
    connection?.channel?.close();
    connection?.database?.close();
    return connection;
  },

  couchlet_idb_close__deps: ['$couchletIdbClose'],
  couchlet_idb_close(medium) {
    couchletIdbClose(medium);
  },

  couchlet_idb_destroy__deps: ['$couchletIdbClose', '$couchletIdbFail', 'couchlet_idb_done'],
  couchlet_idb_destroy(medium, answer) {
    const { name, gone } = couchletIdbClose(medium);
    if (gone) {
      // What has the name now may be another database.
      couchletIdbFail(answer, gone);
      return;
    }
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => _couchlet_idb_done(answer, 0);
    request.onerror = () => couchletIdbFail(answer, request.error);
  },
});
