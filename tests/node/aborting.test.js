// A signal in a call's options gives the call up.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind, onLocalKinds } from './database-kinds.js';

const kAbort = { name: 'AbortError' };

/**
 * Calls of every kind with a signal as their option.
 *
 * @type {Record<string, (db: any, signal: AbortSignal) => Promise<any>>}
 */
const kCalls = {
  get: (db, signal) => db.get('a', { signal }),
  put: (db, signal) => db.put({ _id: 'b' }, { signal }),
  post: (db, signal) => db.post({}, { signal }),
  remove: (db, signal) => db.remove('a', `1-${'0'.repeat(32)}`, { signal }),
  bulkDocs: (db, signal) => db.bulkDocs([{ _id: 'b' }], { signal }),
  allDocs: (db, signal) => db.allDocs({ signal }),
  bulkGet: (db, signal) => db.bulkGet({ docs: [{ id: 'a' }], signal }),
  revsDiff: (db, signal) => db.revsDiff({}, { signal }),
  info: (db, signal) => db.info({ signal }),
  compact: (db, signal) => db.compact({ signal }),
  putAttachment: (db, signal) => db.putAttachment('b', 'x', new Blob([]), 'text/plain', { signal }),
  getAttachment: (db, signal) => db.getAttachment('a', 'x', { signal }),
  removeAttachment: (db, signal) => db.removeAttachment('a', 'x', '1-a', { signal }),
  update: (db, signal) => db.update('b', () => ({}), { signal }),
  resolve: (db, signal) => db.resolve('a', () => 'winner', { signal }),
};

onEveryKind('a signal', ({ open }) => {
  for (const [name, call] of Object.entries(kCalls)) {
    test(`${name} with one that is aborted already does nothing`, async () => {
      const db = open();
      await db.put({ _id: 'a' });
      await assert.rejects(call(db, AbortSignal.abort()), kAbort);
      const reason = new Error('too late');
      await assert.rejects(call(db, AbortSignal.abort(reason)), reason);
      assert.equal((await db.info()).doc_count, 1);
    });
  }

  test('that is not aborted changes nothing', async () => {
    const db = open();
    const { signal } = new AbortController();
    const { rev } = await db.put({ _id: 'a', n: 1 }, { signal });
    assert.deepEqual(await db.get('a', { rev, signal }), { _id: 'a', _rev: rev, n: 1 });
    const added = await db.putAttachment('a', 'x', rev, new Blob(['x']), 'image/png', { signal });
    const read = await db.getAttachment('a', 'x', { signal });
    assert.equal(await new Blob([read]).text(), 'x');
    assert.equal((await db.allDocs({ signal, include_docs: true })).rows.length, 1);
    assert.equal((await db.bulkGet({ docs: [{ id: 'a' }], signal })).results.length, 1);
    await db.removeAttachment('a', 'x', added.rev, { signal });
    assert.equal((await db.info({ signal })).doc_count, 1);
  });

  test('a call in progress ends with the reason; the next one goes on', async () => {
    const db = open();
    await db.put({ _id: 'a' });
    const abort = new AbortController();
    const reading = db.get('a', { signal: abort.signal });
    abort.abort();
    await assert.rejects(reading, kAbort);
    assert.equal((await db.get('a'))._id, 'a');
  });

  test('a callback gets the reason', async () => {
    const db = open();
    const error = await new Promise((resolve) => {
      db.info({ signal: AbortSignal.abort() }, resolve).catch(() => {});
    });
    assert.equal(error.name, 'AbortError');
  });

  test('AbortSignal.timeout() gives a call up in time', async () => {
    const db = open();
    const signal = AbortSignal.timeout(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await assert.rejects(db.info({ signal }), { name: 'TimeoutError' });
  });
});

onLocalKinds('a signal', ({ open }) => {
  test('a write that waits for the database to open does not happen', async () => {
    const db = open();
    const abort = new AbortController();
    const writing = db.put({ _id: 'a' }, { signal: abort.signal });
    abort.abort();
    await assert.rejects(writing, kAbort);
    await assert.rejects(db.get('a'), { status: 404 });
  });

  test('calls with and without one keep their order while the database opens', async () => {
    const db = open();
    const { signal } = new AbortController();
    await Promise.all([
      db.put({ _id: 'b' }),
      db.put({ _id: 'c' }, { signal }),
      db.put({ _id: 'a' }),
    ]);
    const { results } = await db.changes();
    assert.deepEqual(results.map(({ id }) => id), ['b', 'c', 'a']);
  });

  test('a write that the engine has taken may happen', async () => {
    const db = open();
    await db.info();
    const abort = new AbortController();
    const writing = db.put({ _id: 'a' }, { signal: abort.signal });
    abort.abort();
    await assert.rejects(writing, kAbort);
    await db.put({ _id: 'b' }); // comes after it
    assert.equal((await db.get('a'))._id, 'a');
  });
});
