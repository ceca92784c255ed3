// What indexeddb_medium.cpp calls: straight on `indexedDB`. What is measured and why it is done so:
//
//   - a batch is one transaction over just the object stores it needs, with an explicit commit();
//   - bytes are sliced out of the module's memory: a view would make IndexedDB clone all of it;
//   - add() to a store with a key generator gives the record's number. If it isn't the expected one
//     the transaction is aborted, and the generator takes the number back;
//   - looking at the number before commit() is a round trip to the browser's process, a third of an
//     awaited put: a record that is void under another number is committed at once;
//   - a large batch is handed over in several turns, so that it doesn't hold the thread for longer
//     than a frame has; and only after its number, so that a race that is lost costs little.
//
// What becomes of connections, indexeddb_connection.library.js tells.
addToLibrary({
  couchlet_idb_open__deps: [
    '$couchletBlobSources',
    '$couchletConnections',
    '$couchletIdbFail',
    '$couchletIdbReadBlob',
    '$couchletIdbStart',
    '$couchletIdbTakeOver',
    '$couchletIdbWatch',
    '$UTF8ToString',
    'couchlet_idb_done',
  ],
  couchlet_idb_open(medium, name, isStrict, answer) {
    const connection = couchletIdbTakeOver(UTF8ToString(name));
    connection.medium = medium;
    connection.isStrict = isStrict !== 0;
    couchletConnections.set(medium, connection);
    couchletBlobSources.set(medium, (key) => couchletIdbReadBlob(connection, key));
    couchletIdbStart(connection).then(
      () => {
        couchletIdbWatch(connection);
        _couchlet_idb_done(answer, 0);
      },
      (cause) => couchletIdbFail(answer, cause),
    );
  },

  // Requests that one transaction may have before another one has to be begun: who writes to the
  // object store waits for its end.
  $couchletIdbReaderRequests: '64',

  // Calls ask(store) on the object store of an area. A transaction costs as much as reading a block
  // in it, so it is carried on: by what is asked for in the same turn, and by what follows from its
  // answers at once (a page that awaits one document after another), as it is still active then.
  //
  // It may be one that sees the state in which it began. So it is given up when something else is
  // read or written (couchletIdbEndReader): that is how this context hears of newer blocks.
  $couchletIdbAsk__deps: ['$couchletAreas', '$couchletIdbReaderRequests'],
  $couchletIdbAsk(connection, database, area, ask) {
    const { reader } = connection;
    if (reader?.area === area && reader.database === database && reader.requestsLeft > 0) {
      reader.requestsLeft -= 1;
      try {
        return ask(reader.store);
      } catch (cause) {
        if (cause?.name !== 'TransactionInactiveError') throw cause;
      }
    }
    const transaction = database.transaction(couchletAreas[area], 'readonly');
    const store = transaction.objectStore(couchletAreas[area]);
    const begun = { area, database, store, requestsLeft: couchletIdbReaderRequests - 1 };
    transaction.addEventListener('complete', () => {
      if (connection.reader === begun) connection.reader = null;
    });
    connection.reader = begun;
    return ask(store);
  },

  $couchletIdbEndReader(connection) {
    connection.reader = null;
  },

  $couchletIdbRead__deps: [
    '$couchletAreas',
    '$couchletIdbAsk',
    '$couchletIdbEndReader',
    '$couchletNumberedAreas',
  ],
  // Records of some ranges of numbers, in one transaction. Where all that can be in a range is there
  // their numbers follow, and only otherwise are they asked for: a request less for each block.
  $couchletIdbRead(connection, database, area, ranges, limit) {
    if (couchletNumberedAreas.includes(couchletAreas[area])) couchletIdbEndReader(connection);
    const read = (store) => ({ first, last }) => {
      const range = IDBKeyRange.bound(first, last);
      const isShort = !limit && last - first < 65536;
      const numbers = isShort ? null : store.getAllKeys(range, limit || undefined);
      return { first, last, range, numbers, values: store.getAll(range, limit || undefined) };
    };
    const isWhole = ({ first, last, values }) =>
      values.result.length === 0 || values.result.length === last - first + 1;
    const records = ({ first, numbers, values }) =>
      values.result.map((bytes, i) => ({ number: numbers ? numbers.result[i] : first + i, bytes }));
    return couchletIdbAsk(connection, database, area, (store) => {
      const results = ranges.map(read(store));
      return new Promise((resolve, reject) => {
        const { transaction } = store;
        const finish = () => resolve(results.flatMap(records));
        results.at(-1).values.onsuccess = () => {
          const gaps = results.filter((result) => !result.numbers && !isWhole(result));
          for (const gap of gaps) gap.numbers = store.getAllKeys(gap.range);
          if (gaps.length > 0) gaps.at(-1).numbers.onsuccess = finish;
          else finish();
        };
        transaction.addEventListener('abort', () => reject(transaction.error));
      });
    });
  },

  // read(database) begins a transaction and returns a promise. Where the connection breaks under it,
  // it is called once more.
  $couchletIdbReadWith__deps: ['$couchletIdbBegin', '$couchletIdbDrop', '$couchletIdbIsBroken'],
  $couchletIdbReadWith(connection, read, isSecondTry = false) {
    return couchletIdbBegin(connection, (database) =>
      read(database).catch((cause) => {
        if (isSecondTry || !couchletIdbIsBroken(connection, database, cause)) throw cause;
        couchletIdbDrop(connection, database);
        return couchletIdbReadWith(connection, read, true);
      }),
    );
  },

  couchlet_idb_read__deps: [
    '$couchletAreas',
    '$couchletConnections',
    '$couchletIdbFail',
    '$couchletIdbRead',
    '$couchletIdbReadWith',
    '$couchletIdbTakeEarly',
    'couchlet_idb_done',
    'couchlet_idb_room',
  ],
  // `numbers`: the first and the last of each range, as doubles.
  couchlet_idb_read(medium, area, numbers, count, limit, answer) {
    const bounds = new Float64Array(HEAPU8.buffer, numbers, 2 * count).slice();
    const ranges = Array.from({ length: count }, (_, i) => ({
      first: bounds[2 * i],
      last: bounds[2 * i + 1],
    }));
    const connection = couchletConnections.get(medium);
    const read = () =>
      couchletIdbReadWith(connection, (database) =>
        couchletIdbRead(connection, database, area, ranges, limit),
      );
    const records = connection.early
      ? connection.early.then(
          (early) =>
            couchletIdbTakeEarly(connection, early, couchletAreas[area], ranges[0], limit) ?? read(),
        )
      : read();
    records.then(
      (records) => {
        for (const { number, bytes } of records) {
          // The memory may grow, and HEAPU8 be another one, when room is made.
          const at = _couchlet_idb_room(answer, number, bytes.length);
          HEAPU8.set(bytes, at);
        }
        _couchlet_idb_done(answer, 0);
      },
      (cause) => couchletIdbFail(answer, cause),
    );
  },

  // A Blob or, of a small one, its bytes; undefined if there is none.
  $couchletIdbReadBlob__deps: ['$couchletIdbReadWith'],
  $couchletIdbReadBlob(connection, key) {
    return couchletIdbReadWith(connection, (database) => {
      const transaction = database.transaction('blobs', 'readonly');
      const request = transaction.objectStore('blobs').get(key);
      return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
      });
    });
  },

  couchlet_idb_read_blob__deps: [
    '$couchletBlobPart',
    '$couchletConnections',
    '$couchletIdbFail',
    '$couchletIdbReadBlob',
    '$UTF8ToString',
    'couchlet_idb_done',
    'couchlet_idb_room',
  ],
  couchlet_idb_read_blob(medium, key, offset, length, answer) {
    couchletIdbReadBlob(couchletConnections.get(medium), UTF8ToString(key))
      .then((blob) => couchletBlobPart(blob, offset, length))
      .then(
        (bytes) => {
          if (bytes) HEAPU8.set(bytes, _couchlet_idb_room(answer, 0, bytes.length));
          _couchlet_idb_done(answer, 0);
        },
        (cause) => couchletIdbFail(answer, cause),
      );
  },

  couchlet_idb_add__deps: ['$couchletConnections'],
  couchlet_idb_add(medium, area, number, isVoidElsewhere, at, length) {
    const { ops } = couchletConnections.get(medium);
    const bytes = HEAPU8.slice(at, at + length);
    ops.push({ kind: 'add', area, number, isVoidElsewhere: isVoidElsewhere !== 0, bytes });
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

  // A blob is a record of the last object store, under its key.
  $couchletIdbPutBlob__deps: ['$couchletAreas', '$couchletConnections', '$UTF8ToString'],
  $couchletIdbPutBlob(medium, key, bytes) {
    const area = couchletAreas.indexOf('blobs');
    const { ops } = couchletConnections.get(medium);
    ops.push({ kind: 'put', area, number: UTF8ToString(key), bytes });
  },

  couchlet_idb_put_blob__deps: ['$couchletBlobOf', '$couchletIdbPutBlob'],
  couchlet_idb_put_blob(medium, key, bytes, length) {
    couchletIdbPutBlob(medium, key, couchletBlobOf(bytes, length));
  },

  couchlet_idb_put_staged__deps: ['$couchletIdbPutBlob'],
  couchlet_idb_put_staged(medium, key, staged) {
    couchletIdbPutBlob(medium, key, Module['host'].staged.get(staged));
  },

  couchlet_idb_delete_blob__deps: ['$couchletAreas', '$couchletConnections', '$UTF8ToString'],
  couchlet_idb_delete_blob(medium, key) {
    const area = couchletAreas.indexOf('blobs');
    const { ops } = couchletConnections.get(medium);
    const number = UTF8ToString(key);
    ops.push({ kind: 'delete', area, number, last: number });
  },

  // CommitOutcome, as indexeddb_medium.cpp reads it.
  $couchletIdbCommitted: '0',
  $couchletIdbNumberTaken: '1',
  $couchletIdbUnknown: '2',

  // 4 MiB handed over at once hold the thread for 12 to 24 ms, 256 KiB for 2 to 5 (Chromium 156 and
  // Firefox 153, 2 slow cores).
  $couchletIdbTurnBytes: '256 * 1024',

  // What is handed over in one turn, from `ops[from]` on. The number of a large batch goes alone.
  $couchletIdbTurn__deps: ['$couchletIdbTurnBytes'],
  $couchletIdbTurn(ops, from) {
    const size = (op) => op.bytes?.length ?? 0;
    let end = from;
    for (let bytes = 0; end < ops.length && bytes < couchletIdbTurnBytes; end += 1) {
      bytes += size(ops[end]);
    }
    const isNumberOfLarge = from === 0 && ops[0].kind === 'add' && end < ops.length;
    return ops.slice(from, isNumberOfLarge ? 1 : end);
  },

  $couchletIdbSend__deps: ['$couchletAreas'],
  $couchletIdbSend(transaction, { kind, area, number, last, bytes }) {
    const store = transaction.objectStore(couchletAreas[area]);
    if (kind === 'add') return store.add(bytes);
    if (kind === 'put') return store.put(bytes, number);
    return store.delete(IDBKeyRange.bound(number, last));
  },

  // Both ways of committing resolve to the outcome and the number of the record that was added.
  $couchletIdbCommitUnchecked__deps: [
    '$couchletAreas',
    '$couchletIdbCommitted',
    '$couchletIdbNumberTaken',
  ],
  $couchletIdbCommitUnchecked(database, { area, number, bytes }, durability) {
    const transaction = database.transaction(couchletAreas[area], 'readwrite', { durability });
    return new Promise((resolve, reject) => {
      const request = transaction.objectStore(couchletAreas[area]).add(bytes);
      transaction.oncomplete = () => {
        const added = request.result;
        resolve({ outcome: added === number ? couchletIdbCommitted : couchletIdbNumberTaken, added });
      };
      transaction.onabort = () => reject(transaction.error);
      transaction.commit?.();
    });
  },

  // Nothing of the batch is written where an exception comes in the middle: left alone, the
  // transaction would commit what it has got so far.
  $couchletIdbCommitChecked__deps: [
    '$couchletAreas',
    '$couchletIdbCommitted',
    '$couchletIdbNumberTaken',
    '$couchletIdbSend',
    '$couchletIdbTurn',
  ],
  $couchletIdbCommitChecked(database, ops, durability) {
    const areas = [...new Set(ops.map(({ area }) => couchletAreas[area]))];
    const transaction = database.transaction(areas, 'readwrite', { durability });
    const isNumbered = ops[0].kind === 'add';
    let isNumberTaken = false;
    let failure = null;
    let sent = 0;

    const abort = (cause) => {
      failure = cause;
      try {
        transaction.abort();
      } catch {
        // It has ended by itself.
      }
    };
    const goOn = () => {
      if (sent < ops.length) sendTurn();
      else transaction.commit?.();
    };
    const sendTurn = () => {
      try {
        const requests = couchletIdbTurn(ops, sent).map((op) => couchletIdbSend(transaction, op));
        const isFirst = sent === 0;
        sent += requests.length;
        if (isFirst && isNumbered) checkNumber(requests[0]);
        // While the rest of this turn's is being stored, so that the batch takes no longer.
        else if (sent < ops.length) requests[0].onsuccess = goOn;
        else goOn();
      } catch (cause) {
        abort(cause);
      }
    };
    const checkNumber = (request) => {
      request.onsuccess = () => {
        isNumberTaken = request.result !== ops[0].number;
        if (isNumberTaken) abort(null);
        else goOn();
      };
    };

    return new Promise((resolve, reject) => {
      const added = isNumbered ? ops[0].number : undefined;
      transaction.oncomplete = () => resolve({ outcome: couchletIdbCommitted, added });
      transaction.onabort = () => {
        if (isNumberTaken) resolve({ outcome: couchletIdbNumberTaken });
        else reject(failure ?? transaction.error);
      };
      sendTurn();
    });
  },

  couchlet_idb_commit__deps: [
    '$couchletConnections',
    '$couchletIdbBegin',
    '$couchletIdbCommitChecked',
    '$couchletIdbCommitUnchecked',
    '$couchletIdbConnect',
    '$couchletIdbDrop',
    '$couchletIdbEndReader',
    '$couchletIdbFail',
    '$couchletIdbIsBroken',
    '$couchletIdbUnknown',
    '$couchletNewsTell',
    'couchlet_idb_done',
  ],
  couchlet_idb_commit(medium, answer) {
    const connection = couchletConnections.get(medium);
    const { ops } = connection;
    connection.ops = [];
    couchletIdbEndReader(connection);
    const durability = connection.isStrict ? 'strict' : 'relaxed';
    const commit = (database) =>
      ops[0].isVoidElsewhere
        ? couchletIdbCommitUnchecked(database, ops[0], durability)
        : couchletIdbCommitChecked(database, ops, durability);
    couchletIdbBegin(connection, (database) =>
      commit(database).catch((cause) => {
        if (!couchletIdbIsBroken(connection, database, cause)) throw cause;
        couchletIdbDrop(connection, database);
        return couchletIdbConnect(connection).then(() => ({ outcome: couchletIdbUnknown }));
      }),
    ).then(
      ({ outcome, added }) => {
        // A void record takes a number too: who doesn't know of it would lose the next race.
        if (added && ops[0].area === 0) couchletNewsTell(connection, added);
        _couchlet_idb_done(answer, outcome);
      },
      (cause) => couchletIdbFail(answer, cause),
    );
  },

  $couchletIdbClose__deps: ['$couchletBlobSources', '$couchletConnections', '$couchletIdbEnd'],
  $couchletIdbClose(medium) {
    const connection = couchletConnections.get(medium);
    couchletConnections.delete(medium);
    couchletBlobSources.delete(medium);
    if (connection) couchletIdbEnd(connection);
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
