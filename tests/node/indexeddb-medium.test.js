// The IndexedDB medium (src/wasm/indexeddb_medium.library.js) and what the store makes of its
// answers: several contexts on one database, and a browser that takes away connections, room and
// the database itself. Two instances of one name are two contexts: each has a connection of its
// own.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { eventually } from './eventually.js';

const kMaxRecordBytes = 60 * 1024;

// src/wasm/indexeddb_medium.library.js: a turn ends with the record that makes it as large.
const kMaxTurnBytes = 256 * 1024 + kMaxRecordBytes;

// src/wasm/indexeddb_news.library.js
const kNewsPauseMs = 10;

/** @type {(() => void | Promise<unknown>)[]} */
let cleanups = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A context with the database open. */
async function openContext(name = randomUUID(), options = {}, Class = Couchlet) {
  const db = new Class(name, options);
  cleanups.push(() => db.close().catch(() => {}));
  await db.info();
  return db;
}

let engines = 0;

/**
 * One with an engine of its own, as another tab has it: contexts of one engine tell each other
 * directly.
 *
 * @param {string} name
 */
async function openElsewhere(name) {
  const module = await import(`${import.meta.resolve('couchlet')}?engine=${(engines += 1)}`);
  return openContext(name, {}, module.default);
}

/**
 * Replaces a method until the test ends.
 *
 * @param {any} owner
 * @param {string} method
 * @param {(original: Function) => Function} wrap
 */
function patch(owner, method, wrap) {
  const original = owner[method];
  owner[method] = wrap(original);
  cleanups.push(() => {
    owner[method] = original;
  });
}

/** Every connection that is opened from now on. */
function watchConnections() {
  /** @type {IDBDatabase[]} */
  const connections = [];
  patch(
    IDBFactory.prototype,
    'open',
    (open) =>
      function (...args) {
        const request = open.apply(this, args);
        request.addEventListener('success', () => connections.push(request.result));
        return request;
      },
  );
  return connections;
}

/**
 * Lets `change` at the next transaction that writes.
 *
 * @param {(transaction: any) => void} change
 */
function atNextWrite(change) {
  let isDone = false;
  patch(
    IDBDatabase.prototype,
    'transaction',
    (begin) =>
      function (...args) {
        const transaction = begin.apply(this, args);
        if (args[1] === 'readwrite' && !isDone) {
          isDone = true;
          change(transaction);
        }
        return transaction;
      },
  );
}

/** What a browser may do to a transaction that the page has committed already. */
function abortAtCommit(transaction) {
  transaction.commit = () => transaction.abort();
}

/** The scopes of the transactions that write from now on. */
function watchWrites() {
  /** @type {string[][]} */
  const scopes = [];
  patch(
    IDBDatabase.prototype,
    'transaction',
    (begin) =>
      function (areas, mode, options) {
        if (mode === 'readwrite') scopes.push([areas].flat());
        return begin.call(this, areas, mode, options);
      },
  );
  return scopes;
}

/** What is handed over to IndexedDB from now on, by the turns in which it is. */
function watchTurns() {
  /** @type {{calls: string[], bytes: number}[]} */
  const turns = [];
  let isGoingOn = false;
  for (const method of ['add', 'put']) {
    patch(IDBObjectStore.prototype, method, (original) => function (bytes, ...args) {
      if (!isGoingOn) {
        isGoingOn = true;
        turns.push({ calls: [], bytes: 0 });
        queueMicrotask(() => (isGoingOn = false));
      }
      turns.at(-1).calls.push(method);
      turns.at(-1).bytes += bytes.byteLength;
      return original.call(this, bytes, ...args);
    });
  }
  return turns;
}

/** No time passes until the test ends; the function that it gives ends a pause between messages. */
function stopTheClock() {
  let end = () => {};
  patch(performance, 'now', () => () => 1e6);
  patch(globalThis, 'setTimeout', (set) => (callback, delay, ...args) => {
    if (delay !== kNewsPauseMs) return set(callback, delay, ...args);
    end = callback;
    return 1;
  });
  return () => end();
}

/** Nobody hears of commits until the test ends. */
function deafen() {
  patch(BroadcastChannel.prototype, 'postMessage', () => () => {});
}

/**
 * A connection of the test's own, past couchlet.
 *
 * @param {string} name
 * @param {number} [version]
 * @returns {Promise<IDBDatabase>}
 */
function openRaw(name, version) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`couchlet:${name}`, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * What a store of the database holds.
 *
 * @param {string} name
 * @param {string} area
 * @returns {Promise<Uint8Array[]>}
 */
async function recordsOf(name, area) {
  const database = await openRaw(name);
  const request = database.transaction(area).objectStore(area).getAll();
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  database.close();
  return request.result;
}

/**
 * As a browser does that clears the site's data, which may tell the pages or not.
 *
 * @param {string} name
 * @param {IDBDatabase[]} connections
 */
async function clearSiteData(name, connections, { tells = false } = {}) {
  for (const connection of connections) connection.close();
  await new Promise((resolve) => {
    indexedDB.deleteDatabase(`couchlet:${name}`).onsuccess = resolve;
  });
  if (tells) for (const connection of connections) connection.onclose?.(new Event('close'));
}

/**
 * The calls that a database refuses once it is lost: all of them.
 *
 * @param {Couchlet} db
 */
const callsOf = (db) => [
  () => db.put({ _id: 'b' }),
  () => db.bulkDocs([{ _id: 'b' }]),
  () => db.get('a'),
  () => db.allDocs(),
  () => db.changes(),
  () => db.info(),
  () => db.replicate.to(new Couchlet(randomUUID(), { adapter: 'memory' })),
  () => db.close(),
  () => db.destroy(),
];

/**
 * What a database that is lost tells, by its events and those of its feeds.
 *
 * @param {Couchlet} db
 */
function watchLoss(db) {
  const elsewhere = new Couchlet(randomUUID(), { adapter: 'memory' });
  const feeds = [
    db.changes({ live: true, since: 'now' }),
    db.replicate.to(elsewhere, { live: true, retry: true }),
    elsewhere.sync(db, { live: true, retry: true }),
    Couchlet.defaults({ adapter: 'memory' }).replicate(elsewhere.name, db, { live: true }),
  ];
  const iteration = (async () => {
    for await (const change of db.changes({ live: true })) void change;
  })();
  /** @type {string[]} */
  const events = [];
  for (const event of ['lost', 'destroyed', 'closed']) {
    db.on(event, (error) => events.push(error ? `${event} ${error.name}` : event));
  }
  const outcomes = Promise.allSettled([iteration, ...feeds]).then((all) =>
    all.map(({ reason }) => reason?.name),
  );
  cleanups.push(() => elsewhere.close());
  return { events, outcomes };
}

test('two contexts write at once: nothing is lost, each conflict is a 409', async () => {
  const one = await openContext();
  const other = await openElsewhere(one.name);
  const outcomes = { ok: 0, conflict: 0 };
  const write = (db, doc) =>
    db.put(doc).then(
      () => (outcomes.ok += 1),
      (error) => {
        assert.equal(error.status, 409);
        outcomes.conflict += 1;
      },
    );
  const own = async (db, who) => {
    for (let n = 0; n < 50; n += 1) {
      await Promise.all([
        write(db, { _id: `${who} ${n}` }),
        write(db, { _id: `both ${n}`, who }), // only one of the two can be first
      ]);
    }
  };
  await Promise.all([own(one, 'one'), own(other, 'other')]);
  assert.deepEqual(outcomes, { ok: 150, conflict: 50 });
  const fresh = await openContext(one.name);
  assert.equal((await fresh.info()).doc_count, 150);
  assert.deepEqual(await other.allDocs(), await fresh.allDocs());
});

test('a context hears of what another has written', async () => {
  const one = await openContext();
  const other = await openElsewhere(one.name);
  const feed = other.changes({ live: true, since: 'now' });
  const heard = [];
  feed.on('change', ({ id }) => heard.push(id));
  await other.info();
  await one.put({ _id: 'news' });
  await eventually(() => assert.deepEqual(heard, ['news']));
  feed.cancel();
});

test('a context that is alone posts nothing but a hello', async () => {
  /** @type {unknown[]} */
  const messages = [];
  patch(BroadcastChannel.prototype, 'postMessage', (post) => function (message) {
    messages.push(message);
    return post.call(this, message);
  });
  const db = await openContext();
  for (let i = 0; i < 5; ++i) await db.put({ _id: `note ${i}` });
  assert.deepEqual(messages, ['hello']);
});

for (const first of ['the first', 'the second']) {
  test(`whoever of two has opened first, ${first} that writes is heard by the other`, async () => {
    const one = await openContext();
    await one.put({ _id: 'alone' });
    const other = await openElsewhere(one.name);
    const [writer, reader] = first === 'the first' ? [one, other] : [other, one];
    const feed = reader.changes({ live: true, since: 'now' });
    /** @type {string[]} */
    const heard = [];
    feed.on('change', ({ id }) => heard.push(id));
    await reader.info();
    await writer.put({ _id: 'news' });
    await eventually(() => assert.deepEqual(heard, ['news']));
    feed.cancel();
  });
}

test('what was added before a hello arrived is told with the answer to it', async () => {
  const one = await openContext();
  /** @type {(() => void)[]} */
  const held = [];
  patch(BroadcastChannel.prototype, 'postMessage', (post) => function (message) {
    if (message === 'hello') held.push(() => post.call(this, message));
    else post.call(this, message);
  });
  const other = await openElsewhere(one.name);
  await one.put({ _id: 'untold' });
  await assert.rejects(other.get('untold'), { status: 404 });
  for (const post of held) post();
  await eventually(() => other.get('untold'));
});

test('a small commit that comes too late leaves a void record, and is made again', async () => {
  const one = await openContext();
  deafen();
  const other = await openElsewhere(one.name);
  await one.put({ _id: 'a' });
  const before = (await recordsOf(one.name, 'log')).length;
  await other.put({ _id: 'b' });
  assert.equal((await recordsOf(one.name, 'log')).length, before + 2);
  await assert.rejects(one.put({ _id: 'b' }), { status: 409 });
  assert.equal((await recordsOf(one.name, 'log')).length, before + 3);
  // Both have lost a race, and are careful.
  await one.put({ _id: 'c' });
  await other.put({ _id: 'd' });
  assert.equal((await recordsOf(one.name, 'log')).length, before + 5);
  const third = await openContext(one.name);
  const { rows } = await third.allDocs();
  assert.deepEqual(rows.map(({ id }) => id), ['a', 'b', 'c', 'd']);
});

test('a commit is one transaction over the log, and over the parts if it is large', async () => {
  const db = await openContext();
  const scopes = watchWrites();
  await db.put({ _id: 'small' });
  await db.bulkDocs(Array.from({ length: 100 }, (_, n) => ({ _id: `${n}` })));
  assert.deepEqual(scopes.splice(0), [['log'], ['log']]);
  await db.put({ _id: 'large', text: 'x'.repeat(3 * kMaxRecordBytes) });
  assert.deepEqual(scopes, [['log', 'parts']]);
});

test('a large commit is handed over in turns, its number first, and is whole', async () => {
  const db = await openContext();
  const turns = watchTurns();
  const docs = Array.from({ length: 30 }, (_, n) => ({ _id: `${n}`, text: 'é'.repeat(50_000) }));
  await db.bulkDocs(docs);
  assert.deepEqual(turns[0].calls, ['add']);
  assert.ok(turns.length > 10, `${turns.length} turns`);
  for (const { calls, bytes } of turns.slice(1)) {
    assert.ok(!calls.includes('add'));
    assert.ok(bytes <= kMaxTurnBytes, `${bytes} bytes in a turn`);
  }
  const fresh = await openContext(db.name);
  assert.equal((await fresh.get('29')).text, docs[29].text);
});

test('a large commit that comes too late has handed over no more than its number', async () => {
  const slow = await openContext();
  const fast = await openElsewhere(slow.name);
  deafen();
  await fast.put({ _id: 'first' });
  const turns = watchTurns();
  await slow.put({ _id: 'large', text: 'x'.repeat(10 * kMaxRecordBytes) });
  assert.deepEqual(turns[0].calls, ['add']);
  assert.deepEqual(turns[1].calls, ['add']); // again, with the next number
  const fresh = await openContext(slow.name);
  assert.equal((await fresh.info()).doc_count, 2);
});

test('what fails in a later turn of a large commit leaves nothing of it', async () => {
  const db = await openContext();
  const before = await recordsOf(db.name, 'log');
  for (const fail of [
    () => {
      throw new DOMException('No room', 'QuotaExceededError');
    },
    (request) => {
      const error = new DOMException('No room', 'QuotaExceededError');
      Object.defineProperty(request.transaction, 'error', { get: () => error });
      queueMicrotask(() => request.transaction.abort());
    },
  ]) {
    let puts = 0;
    patch(IDBObjectStore.prototype, 'put', (put) => function (...args) {
      const request = put.apply(this, args);
      puts += 1;
      if (puts === 12) fail(request);
      return request;
    });
    const large = { _id: 'a', text: 'x'.repeat(20 * kMaxRecordBytes) };
    await assert.rejects(db.put(large), { status: 507 });
    assert.deepEqual(await recordsOf(db.name, 'parts'), []);
    assert.equal((await recordsOf(db.name, 'log')).length, before.length);
  }
  await db.put({ _id: 'a' });
});

test('of a burst of commits the first is told of at once, the last after a pause', async () => {
  const one = await openContext();
  const other = await openElsewhere(one.name);
  const feed = other.changes({ live: true, since: 'now' });
  const heard = new Set();
  feed.on('change', ({ id }) => heard.add(id));
  await other.info();
  let messages = 0;
  patch(BroadcastChannel.prototype, 'postMessage', (post) => function (...args) {
    messages += 1;
    return post.apply(this, args);
  });
  const endPause = stopTheClock();
  await one.put({ _id: 'first' });
  assert.equal(messages, 1);
  for (let n = 0; n < 100; n += 1) await one.put({ _id: `${n}` });
  assert.equal(messages, 1);
  await eventually(() => assert.ok(heard.has('first')));
  endPause();
  assert.equal(messages, 2);
  await eventually(() => assert.equal(heard.size, 101));
  feed.cancel();
});

test('what has not been told yet is told when the database is closed', async () => {
  const one = await openContext();
  const other = await openElsewhere(one.name);
  const feed = other.changes({ live: true, since: 'now' });
  const heard = new Set();
  feed.on('change', ({ id }) => heard.add(id));
  await other.info();
  await one.put({ _id: 'told at once' });
  await one.put({ _id: 'told after a pause' });
  await one.close();
  await eventually(() => assert.equal(heard.size, 2));
  feed.cancel();
});

test('commits that wait together share a transaction', async () => {
  const db = await openContext();
  const scopes = watchWrites();
  await Promise.all(Array.from({ length: 500 }, (_, n) => db.put({ _id: `${n}` })));
  assert.equal((await db.info()).doc_count, 500);
  assert.ok(scopes.length <= 10, `${scopes.length} transactions`);
});

test('no record is larger than IndexedDB is quick with, nor drags the heap along', async () => {
  const db = await openContext();
  const docs = Array.from({ length: 50 }, (_, n) => ({ _id: `${n}`, text: 'é'.repeat(n * 1000) }));
  await db.bulkDocs(docs);
  for (const area of ['log', 'parts']) {
    const records = await recordsOf(db.name, area);
    assert.ok(records.length > 0);
    for (const bytes of records) {
      assert.ok(bytes.byteLength <= kMaxRecordBytes);
      assert.equal(bytes.buffer.byteLength, bytes.byteLength);
    }
  }
  const again = await openContext(db.name);
  assert.equal((await again.get('49')).text, docs[49].text);
});

test('a connection that the browser has closed is made again', async () => {
  const connections = watchConnections();
  const db = await openContext();
  await db.put({ _id: 'a' });
  connections.at(-1).close(); // as Safari does, without a word
  await db.put({ _id: 'b' });
  connections.at(-1).close();
  connections.at(-1).onclose(new Event('close'));
  await db.put({ _id: 'c' });
  assert.equal(connections.length, 3);
  const fresh = await openContext(db.name);
  assert.equal((await fresh.info()).doc_count, 3);
});

test('a new connection that is cut off at once is tried again', async () => {
  const connections = watchConnections();
  const db = await openContext();
  let cuts = 0;
  patch(IDBFactory.prototype, 'open', (open) => function (...args) {
    if ((cuts += 1) > 2) return open.apply(this, args);
    const request = { error: new DOMException('The connection was closed.', 'AbortError') };
    queueMicrotask(() => request.onerror());
    return request;
  });
  connections.at(-1).close();
  assert.ok((await db.put({ _id: 'a' })).ok);
  assert.equal(cuts, 3);
});

test('a commit that was lost with its connection is made again', async () => {
  const connections = watchConnections();
  const db = await openContext();
  const before = await recordsOf(db.name, 'log');
  const opened = connections.length;
  atNextWrite(abortAtCommit);
  const { rev } = await db.put({ _id: 'a' });
  assert.equal((await db.get('a'))._rev, rev);
  assert.equal(connections.length, opened + 1);
  assert.equal((await recordsOf(db.name, 'log')).length, before.length + 1);
});

test('a commit that was written before its connection broke is not made twice', async () => {
  const db = await openContext();
  const before = await recordsOf(db.name, 'log');
  atNextWrite((transaction) => {
    Object.defineProperty(transaction, 'oncomplete', {
      set: () => transaction.addEventListener('complete', () => transaction.onabort()),
    });
  });
  const { rev } = await db.put({ _id: 'a' });
  assert.equal((await db.get('a'))._rev, rev);
  assert.equal((await recordsOf(db.name, 'log')).length, before.length + 1);
  await db.put({ _id: 'b' });
});

test('without room a write is a 507, nothing of it is there, and the next may do', async () => {
  const db = await openContext();
  await db.put({ _id: 'before' });
  atNextWrite((transaction) => {
    const error = new DOMException('The disk is full', 'QuotaExceededError');
    Object.defineProperty(transaction, 'error', { get: () => error });
    queueMicrotask(() => transaction.abort());
  });
  await assert.rejects(db.put({ _id: 'a', text: 'x'.repeat(2 * kMaxRecordBytes) }), {
    status: 507,
    name: 'insufficient_storage',
  });
  await assert.rejects(db.get('a'), { status: 404 });
  assert.equal((await db.get('before'))._id, 'before');
  assert.deepEqual(await recordsOf(db.name, 'parts'), []);
  await db.put({ _id: 'a' });
});

test('what fails in the middle of a batch leaves nothing of it', async () => {
  const db = await openContext();
  const before = await recordsOf(db.name, 'log');
  let parts = 0;
  patch(IDBObjectStore.prototype, 'put', (put) => function (...args) {
    parts += 1;
    if (parts === 2) throw new DOMException('No room', 'QuotaExceededError');
    return put.apply(this, args);
  });
  const large = { _id: 'a', text: 'x'.repeat(3 * kMaxRecordBytes) };
  await assert.rejects(db.put(large), { status: 507 });
  assert.deepEqual(await recordsOf(db.name, 'parts'), []);
  assert.equal((await recordsOf(db.name, 'log')).length, before.length);
  await db.put(large);
  const again = await openContext(db.name);
  assert.equal((await again.get('a')).text, large.text);
});

test('an error that nothing is known of is told as it is', async () => {
  const db = await openContext();
  atNextWrite((transaction) => {
    const error = new DOMException('Internal error.', 'UnknownError');
    Object.defineProperty(transaction, 'error', { get: () => error });
    abortAtCommit(transaction);
  });
  await assert.rejects(db.put({ _id: 'a' }), { status: 500, message: /Internal error/ });
  await db.put({ _id: 'a' });
});

for (const adapter of /** @type {const} */ (['idb', 'memory'])) {
  test(`destroyed by one, it is gone for the others at once, adapter ${adapter}`, async () => {
    const one = await openContext(randomUUID(), { adapter });
    const other = await openContext(one.name, { adapter });
    await one.put({ _id: 'a' });
    const { events, outcomes } = watchLoss(other);
    const destroyed = [];
    const listener = (name) => destroyed.push(name);
    Couchlet.on('destroyed', listener);
    cleanups.push(() => Couchlet.off('destroyed', listener));
    await other.info();
    await one.destroy();
    assert.deepEqual(await outcomes, Array(5).fill('precondition_failed'));
    for (const call of callsOf(other)) {
      await assert.rejects(async () => call(), { status: 412, message: /destroyed/ });
    }
    assert.deepEqual(events, ['destroyed']);
    assert.deepEqual(destroyed, [one.name, one.name]); // by each instance
  });
}

test('destroyed in one context, it can be made anew', async () => {
  const one = await openContext();
  const other = await openContext(one.name);
  await one.put({ _id: 'a' });
  await one.destroy();
  await assert.rejects(other.put({ _id: 'b' }), { status: 412, message: /destroyed/ });
  const again = await openContext(one.name);
  assert.equal((await again.info()).doc_count, 0);
  await assert.rejects(other.destroy(), { status: 412 });
  await again.put({ _id: 'a' });
});

test('a database that the browser has removed is not taken for an empty one', async () => {
  const connections = watchConnections();
  const db = await openContext();
  await db.put({ _id: 'a' });
  await clearSiteData(db.name, connections);
  await assert.rejects(db.put({ _id: 'b' }), { status: 410, name: 'storage_lost' });
  await assert.rejects(db.put({ _id: 'b' }), { status: 410, name: 'storage_lost' });
  const databases = await indexedDB.databases();
  assert.ok(!databases.some(({ name }) => name === `couchlet:${db.name}`));
});

test('a removal that the browser tells of is known at once, without a call', async () => {
  const connections = watchConnections();
  const db = await openContext();
  await db.put({ _id: 'a' });
  const { events, outcomes } = watchLoss(db);
  await db.info();
  await clearSiteData(db.name, connections, { tells: true });
  assert.deepEqual(await outcomes, Array(5).fill('storage_lost'));
  assert.deepEqual(events, ['lost storage_lost']);
  for (const call of callsOf(db)) await assert.rejects(async () => call(), { status: 410 });
});

test('one that was not told of is known with the first call that needs the storage', async () => {
  const connections = watchConnections();
  const db = await openContext();
  const { events, outcomes } = watchLoss(db);
  await db.info();
  await clearSiteData(db.name, connections);
  await assert.rejects(db.put({ _id: 'b' }), { status: 410, name: 'storage_lost' });
  assert.deepEqual(await outcomes, Array(5).fill('storage_lost'));
  assert.deepEqual(events, ['lost storage_lost']);
});

test('opened again, a database that was removed is refilled from the server', async () => {
  const server = await couchDB();
  cleanups.push(() => server.clear());
  const url = server.newDatabase();
  const remote = new Couchlet(url);
  await remote.bulkDocs(Array.from({ length: 40 }, (_, n) => ({ _id: `${n}` })));
  const connections = watchConnections();
  const db = await openContext();
  await db.replicate.from(url); // and remembers so, on both sides
  assert.equal((await db.replicate.from(url)).docs_written, 0);

  const sync = db.sync(url, { live: true, retry: true });
  const { uuid } = await db.info();
  await clearSiteData(db.name, connections, { tells: true });
  await assert.rejects(async () => sync, { status: 410, name: 'storage_lost' });

  const again = await openContext(db.name);
  assert.notEqual((await again.info()).uuid, uuid);
  assert.equal((await again.replicate.from(url)).docs_written, 40);
  await again.put({ _id: 'new' });
  assert.equal((await again.replicate.to(url)).docs_written, 1);
  assert.equal((await remote.info()).doc_count, 41);
});

test('a write that was under way when a newer version came is not lost', async () => {
  const db = await openContext();
  const before = await recordsOf(db.name, 'log');
  const write = db.put({ _id: 'a' });
  (await openRaw(db.name, 1000)).close();
  assert.ok((await write).ok);
  assert.equal((await recordsOf(db.name, 'log')).length, before.length + 1);
});

test('nor is one that another context has made since', async () => {
  const connections = watchConnections();
  const db = await openContext();
  await db.put({ _id: 'a' });
  await clearSiteData(db.name, connections);
  const fresh = await openContext(db.name);
  await fresh.put({ _id: 'x' });
  await assert.rejects(db.put({ _id: 'b' }), { status: 410, name: 'storage_lost' });
  assert.equal((await fresh.info()).doc_count, 1);
});

test('a newer version of couchlet is let through, and told of', async () => {
  const db = await openContext();
  await db.put({ _id: 'a' });
  const { events, outcomes } = watchLoss(db);
  await db.info();
  const newer = await openRaw(db.name, 1000);
  cleanups.push(() => newer.close());
  assert.deepEqual(await outcomes, Array(5).fill('newer_version'));
  assert.deepEqual(events, ['lost newer_version']);
  for (const call of callsOf(db)) {
    await assert.rejects(async () => call(), { status: 412, message: /newer version.*reload/ });
  }
  const late = new Couchlet(db.name);
  await assert.rejects(late.info(), { name: 'unsupported_format', message: /newer version/ });
});

test('a realm without IndexedDB is told what to do', async () => {
  const factory = globalThis.indexedDB;
  delete globalThis.indexedDB;
  cleanups.push(() => {
    globalThis.indexedDB = factory;
  });
  const open = async () => new Couchlet(randomUUID()).info();
  const expected = { status: 500, name: 'indexeddb_unavailable', message: /adapter: 'memory'/ };
  await assert.rejects(open, expected);
  const inMemory = await openContext(randomUUID(), { adapter: 'memory' });
  await inMemory.put({ _id: 'a' });
});

// What browsers do in private windows and sandboxed frames, or where cookies are forbidden.
const kRefusals = {
  'says so when it is asked to open a database': () =>
    patch(IDBFactory.prototype, 'open', () => () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    }),
  'has an indexedDB that must not be looked at': () => {
    const property = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
    Object.defineProperty(globalThis, 'indexedDB', {
      configurable: true,
      get() {
        throw new DOMException('Access is denied for this document.', 'SecurityError');
      },
    });
    cleanups.push(() => Object.defineProperty(globalThis, 'indexedDB', property));
  },
  'fails to open any database': () =>
    patch(IDBFactory.prototype, 'open', () => () => {
      const request = { error: new DOMException('No mutations allowed.', 'InvalidStateError') };
      queueMicrotask(() => request.onerror());
      return request;
    }),
};
for (const [what, refuse] of Object.entries(kRefusals)) {
  test(`a browser that ${what} has no IndexedDB: the error is the same, memory works`, async () => {
    refuse();
    const db = new Couchlet(randomUUID());
    const expected = { status: 500, name: 'indexeddb_unavailable', message: /adapter: 'memory'/ };
    await assert.rejects(db.info(), expected);
    const inMemory = await openContext(randomUUID(), { adapter: 'memory' });
    assert.ok((await inMemory.put({ _id: 'a' })).ok);
  });
}

/**
 * Web Locks, as far as the medium uses them.
 *
 * @param {(name: string) => object | null | Error} answer
 */
function provideLocks(answer) {
  const log = { requested: [], held: 0, released: 0 };
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const locks = {
    async request(name, options, use) {
      log.requested.push({ name, ...options });
      const lock = answer(name);
      if (lock instanceof Error) throw lock;
      if (lock) log.held += 1;
      await use(lock);
      if (lock) log.released += 1;
    },
  };
  Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true });
  cleanups.push(() => {
    delete globalThis.navigator;
    if (before) Object.defineProperty(globalThis, 'navigator', before);
  });
  return log;
}

/**
 * Enough for several flushes.
 *
 * @param {Couchlet} db with a memtable of 64 KiB
 */
async function writeMuch(db) {
  const text = 'x'.repeat(990);
  for (let n = 0; n < 10; n += 1) {
    const docs = Array.from({ length: 30 }, (_, i) => ({ _id: `${n} ${i}`, text }));
    await db.bulkDocs(docs);
  }
  assert.equal((await db.info()).doc_count, 300);
}

const kSmallMemtable = { memtableSize: 64 * 1024 };

for (const [what, answer] of Object.entries({
  'is granted': () => ({}),
  'is held elsewhere': () => null,
  'may not be asked for': () => new DOMException('not here', 'SecurityError'),
})) {
  test(`writes and reads go on where the lock for merging ${what}`, async () => {
    const log = provideLocks(answer);
    const db = await openContext(randomUUID(), kSmallMemtable);
    await writeMuch(db);
    await eventually(() => assert.ok(log.requested.length > 0));
    for (const request of log.requested) {
      assert.deepEqual(request, { name: `couchlet:${db.name} merge`, ifAvailable: true });
    }
    await eventually(() => assert.equal(log.released, log.held));
    assert.equal(log.held > 0, what === 'is granted');
    const fresh = await openContext(db.name);
    assert.equal((await fresh.allDocs()).rows.length, 300);
  });
}

test('a lock for merging that comes when the database is closed is not kept', async () => {
  let give;
  const log = provideLocks(() => ({}));
  const { request } = navigator.locks;
  navigator.locks.request = async (...args) => {
    await new Promise((resolve) => (give = resolve));
    return request(...args);
  };
  const db = await openContext(randomUUID(), kSmallMemtable);
  await writeMuch(db);
  await eventually(() => assert.ok(give));
  const closing = db.close();
  give();
  await closing;
  await eventually(() => assert.equal(log.released, log.held));
});

test("durability 'strict' is asked for where it is wanted", async () => {
  const durabilities = [];
  patch(
    IDBDatabase.prototype,
    'transaction',
    (begin) =>
      function (areas, mode, options) {
        if (mode === 'readwrite') durabilities.push(options.durability);
        return begin.call(this, areas, mode, options);
      },
  );
  const relaxed = await openContext();
  const strict = await openContext(randomUUID(), { durability: 'strict' });
  await relaxed.put({ _id: 'a' });
  await strict.put({ _id: 'a' });
  assert.deepEqual(durabilities.slice(-2), ['relaxed', 'strict']);
});
