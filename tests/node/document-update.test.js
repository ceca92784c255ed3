// db.update: a read, a change and a write that meets with others.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind } from './database-kinds.js';

onEveryKind('update', ({ open, adapter }) => {
  test('a new document: the function gets nothing', async () => {
    const db = open();
    const seen = [];
    const answer = await db.update('a', (doc) => {
      seen.push(doc);
      return { n: 1 };
    });
    const { _rev, ...content } = await db.get('a');
    assert.deepEqual(seen, [undefined]);
    assert.deepEqual(answer, { ok: true, id: 'a', rev: _rev });
    assert.deepEqual(content, { _id: 'a', n: 1 });
  });

  test('a document that is there: what the function returns replaces it', async () => {
    const db = open();
    await db.put({ _id: 'a', n: 1, kept: true });
    const { rev } = await db.update('a', async (doc) => ({ ...doc, n: doc.n + 1 }));
    assert.deepEqual(await db.get('a'), { _id: 'a', _rev: rev, n: 2, kept: true });
    await db.update('a', (doc) => {
      doc.n += 1;
      return doc;
    });
    assert.equal((await db.get('a')).n, 3);
  });

  test('nothing returned leaves it, and answers null', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a' });
    assert.equal(await db.update('a', () => undefined), null);
    assert.equal(await db.update('a', () => null), null);
    assert.equal(await db.update('b', () => undefined), null);
    assert.equal((await db.get('a'))._rev, rev);
    await assert.rejects(db.get('b'), { status: 404 });
  });

  test('a deleted document is none, and a tombstone may be returned', async () => {
    const db = open();
    await db.put({ _id: 'a', n: 1 });
    await db.update('a', (doc) => ({ ...doc, _deleted: true }));
    await assert.rejects(db.get('a'), { status: 404 });
    await db.update('a', (doc) => ({ was: doc === undefined }));
    assert.equal((await db.get('a')).was, true);
  });

  test('an identity or a revision of its own making is not taken', async () => {
    const db = open();
    await db.put({ _id: 'a' });
    await db.update('a', () => ({ _id: 'b', _rev: `9-${'0'.repeat(32)}`, n: 1 }));
    assert.equal((await db.get('a')).n, 1);
    await assert.rejects(db.get('b'), { status: 404 });
  });

  test('is begun again where somebody else writes in between', async () => {
    const db = open();
    await db.put({ _id: 'a', n: 0 });
    const seen = [];
    await db.update('a', async (doc) => {
      seen.push(doc.n);
      if (seen.length === 1) await db.put({ ...doc, n: 10 });
      return { ...doc, n: doc.n + 1 };
    });
    assert.deepEqual(seen, [0, 10]);
    assert.equal((await db.get('a')).n, 11);
  });

  test('many at a time are all counted', async () => {
    const db = open();
    const count = adapter === 'http' ? 5 : 20;
    const increment = () => db.update('count', ({ n } = { n: 0 }) => ({ n: n + 1 }));
    await Promise.all(Array.from({ length: count }, increment));
    assert.equal((await db.get('count')).n, count);
  });

  test('local documents too', async () => {
    const db = open();
    await db.update('_local/settings', () => ({ theme: 'dark' }));
    await db.update('_local/settings', (doc) => ({ ...doc, size: 2 }));
    const { theme, size } = await db.get('_local/settings');
    assert.deepEqual({ theme, size }, { theme: 'dark', size: 2 });
  });

  test('what the function throws is the answer, and nothing is written', async () => {
    const db = open();
    const failure = new Error('no');
    const update = db.update('a', () => {
      throw failure;
    });
    await assert.rejects(update, failure);
    await assert.rejects(db.get('a'), { status: 404 });
  });

  test('takes a callback, and says what is wrong with its arguments', async () => {
    const db = open();
    await new Promise((resolve, reject) => {
      const done = (error, answer) => (error ? reject(error) : resolve(answer));
      db.update('a', () => ({ n: 1 }), done);
    });
    assert.equal((await db.get('a')).n, 1);
    await assert.rejects(db.update('a'), { status: 400 });
    await assert.rejects(db.update(5, () => ({})), { status: 400 });
    await assert.rejects(db.update('_x', () => ({})), { status: 400 });
    await assert.rejects(db.update('a', () => 5), { status: 400, message: /JSON object|object/ });
  });

  test('a signal ends it between its tries', async () => {
    const db = open();
    await db.put({ _id: 'a', n: 0 });
    const abort = new AbortController();
    const update = db.update('a', () => abort.abort() ?? { n: 1 }, { signal: abort.signal });
    await assert.rejects(update, { name: 'AbortError' });
    assert.equal((await db.get('a')).n, 0);
  });
});
