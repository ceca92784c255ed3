// What indexeddb_medium.cpp calls: straight on `indexedDB`. What is measured and why it is done so:
//
//   - a batch is one transaction over just the object stores it needs, with an explicit commit();
//   - bytes are sliced out of the module's memory: a view would make IndexedDB clone all of it;
//   - add() to a store with a key generator gives the record's number. If it isn't the expected one the
//     transaction is aborted, and the generator takes the number back.
//
// A connection is { name, isStrict, database, opening, channel, ops, gone }: `database` is null while
// there is none; `ops` is the batch that is being handed over; `gone` tells why it won't be opened again.
addToLibrary({
  $couchletConnections: 'new Map()',

  // By number of the area (store/medium.h); the first and the third have key generators.
  $couchletAreas: "['log', 'parts', 'manifest', 'blocks']",

  $couchletIdbVersion: '1',

  $couchletIdbFail__deps: ['$stackSave', '$stackRestore', '$stringToUTF8OnStack', 'couchlet_idb_failed'],
  $couchletIdbFail(answer, { status, name, reason }) {
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
          reason: 'The database was made by a newer version of couchlet: reload the page or update.',
        };
      case 'SecurityError':
      case 'NotSupportedError':
        return {
          status: 500,
          name: 'indexeddb_unavailable',
          reason: `The browser does not allow IndexedDB here (private mode?): use adapter: 'memory'. (${message})`,
        };
      default:
        return { status: 500, name: 'storage_failed', reason: `IndexedDB failed: ${message}` };
    }
  },

  $couchletIdbConnect__deps: ['$couchletAreas', '$couchletIdbVersion'],
  $couchletIdbConnect(connection) {
    if (connection.gone) return Promise.reject(connection.gone);
    if (connection.database) return Promise.resolve(connection.database);
    connection.opening ??= new Promise((resolve, reject) => {
      if (typeof indexedDB === 'undefined' || !indexedDB) {
        throw {
          status: 500,
          name: 'indexeddb_unavailable',
          reason: "There is no IndexedDB here: use adapter: 'memory', which keeps nothing when the page closes.",
        };
      }
      const request = indexedDB.open(connection.name, couchletIdbVersion);
      request.onupgradeneeded = () => {
        couchletAreas.forEach((area, number) => {
          request.result.createObjectStore(area, { autoIncrement: number % 2 === 0 });
        });
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        // The browser has closed it: the next call opens it again.
        database.onclose = () => {
          if (connection.database === database) connection.database = null;
        };
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
          connection.database = null;
          database.close();
        };
        connection.database = database;
        resolve(database);
      };
    }).finally(() => {
      connection.opening = null;
    });
    return connection.opening;
  },

  // Runs `attempt` with an open database, and once more on a new connection if the browser has taken
  // this one away.
  $couchletIdbWithDatabase__deps: ['$couchletIdbConnect'],
  $couchletIdbWithDatabase(connection, attempt) {
    return couchletIdbConnect(connection).then((database) =>
      attempt(database).catch((cause) => {
        const wasClosed =
          connection.database !== database ||
          cause?.name === 'InvalidStateError' ||
          cause?.name === 'UnknownError';
        if (!wasClosed || connection.gone) throw connection.gone ?? cause;
        if (connection.database === database) {
          connection.database = null;
          database.close();
        }
        return couchletIdbConnect(connection).then(attempt);
      }),
    );
  },

  couchlet_idb_open__deps: [
    '$couchletConnections',
    '$couchletIdbConnect',
    '$couchletIdbError',
    '$couchletIdbFail',
    '$UTF8ToString',
    'couchlet_idb_done',
    'couchlet_idb_foreign_commit',
  ],
  couchlet_idb_open(medium, name, isStrict, answer) {
    const connection = {
      name: `couchlet:${UTF8ToString(name)}`,
      isStrict: isStrict !== 0,
      database: null,
      opening: null,
      channel: null,
      ops: [],
      gone: null,
    };
    couchletConnections.set(medium, connection);
    couchletIdbConnect(connection).then(
      () => {
        if (typeof BroadcastChannel !== 'undefined') {
          connection.channel = new BroadcastChannel(connection.name);
          connection.channel.onmessage = ({ data }) => {
            if (couchletConnections.get(medium) === connection) {
              _couchlet_idb_foreign_commit(medium, data);
            }
          };
          connection.channel.unref?.(); // Node: not a reason to stay
        }
        _couchlet_idb_done(answer, 0);
      },
      (cause) => couchletIdbFail(answer, couchletIdbError(cause)),
    );
  },

  $couchletIdbRead__deps: ['$couchletAreas'],
  $couchletIdbRead(database, area, first, last, limit) {
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(couchletAreas[area], 'readonly');
      const store = transaction.objectStore(couchletAreas[area]);
      const range = IDBKeyRange.bound(first, last);
      const numbers = store.getAllKeys(range, limit || undefined);
      const values = store.getAll(range, limit || undefined);
      values.onsuccess = () => resolve({ numbers: numbers.result, values: values.result });
      transaction.onabort = () => reject(transaction.error ?? new DOMException('', 'UnknownError'));
    });
  },

  couchlet_idb_read__deps: [
    '$couchletConnections',
    '$couchletIdbError',
    '$couchletIdbFail',
    '$couchletIdbRead',
    '$couchletIdbWithDatabase',
    'couchlet_idb_done',
    'couchlet_idb_room',
  ],
  couchlet_idb_read(medium, area, first, last, limit, answer) {
    couchletIdbWithDatabase(couchletConnections.get(medium), (database) =>
      couchletIdbRead(database, area, first, last, limit),
    ).then(
      ({ numbers, values }) => {
        values.forEach((bytes, i) => {
          // The memory may grow, and HEAPU8 be another one, when room is made.
          const at = _couchlet_idb_room(answer, numbers[i], bytes.length);
          HEAPU8.set(bytes, at);
        });
        _couchlet_idb_done(answer, 0);
      },
      (cause) => couchletIdbFail(answer, couchletIdbError(cause)),
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

  // Resolves with whether the number was taken by another context.
  $couchletIdbCommit__deps: ['$couchletAreas'],
  $couchletIdbCommit(database, ops, isStrict) {
    return new Promise((resolve, reject) => {
      const areas = [...new Set(ops.map(({ area }) => couchletAreas[area]))];
      const durability = isStrict ? 'strict' : 'relaxed';
      const transaction = database.transaction(areas, 'readwrite', { durability });
      let isNumberTaken = false;
      let mayCommit = true;
      for (const { kind, area, number, last, bytes } of ops) {
        const store = transaction.objectStore(couchletAreas[area]);
        if (kind === 'put') {
          store.put(bytes, number);
        } else if (kind === 'delete') {
          store.delete(IDBKeyRange.bound(number, last));
        } else {
          const request = store.add(bytes);
          mayCommit = false;
          request.onsuccess = () => {
            isNumberTaken = request.result !== number;
            if (isNumberTaken) transaction.abort();
            else transaction.commit?.();
          };
        }
      }
      if (mayCommit) transaction.commit?.();
      transaction.oncomplete = () => resolve(false);
      transaction.onabort = () => {
        if (isNumberTaken) resolve(true);
        else reject(transaction.error ?? new DOMException('Aborted', 'UnknownError'));
      };
    });
  },

  couchlet_idb_commit__deps: [
    '$couchletConnections',
    '$couchletIdbCommit',
    '$couchletIdbError',
    '$couchletIdbFail',
    '$couchletIdbWithDatabase',
    'couchlet_idb_done',
  ],
  couchlet_idb_commit(medium, answer) {
    const connection = couchletConnections.get(medium);
    const { ops } = connection;
    connection.ops = [];
    couchletIdbWithDatabase(connection, (database) =>
      couchletIdbCommit(database, ops, connection.isStrict),
    ).then(
      (isNumberTaken) => {
        const logged = ops.find(({ kind, area }) => kind === 'add' && area === 0);
        if (logged && !isNumberTaken) connection.channel?.postMessage(logged.number);
        _couchlet_idb_done(answer, isNumberTaken ? 1 : 0);
      },
      (cause) => couchletIdbFail(answer, couchletIdbError(cause)),
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

  couchlet_idb_destroy__deps: [
    '$couchletIdbClose',
    '$couchletIdbError',
    '$couchletIdbFail',
    'couchlet_idb_done',
  ],
  couchlet_idb_destroy(medium, answer) {
    const { name } = couchletIdbClose(medium);
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => _couchlet_idb_done(answer, 0);
    request.onerror = () => couchletIdbFail(answer, couchletIdbError(request.error));
  },
});
