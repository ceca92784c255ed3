// bulkDocs of an iterable: batches, back-pressure, and what comes of each document, in order.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind, onLocalKinds } from './database-kinds.js';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {number} count
 * @param {(i: number) => void} [onTaken]
 */
async function* documents(count, onTaken = () => {}) {
  for (let i = 0; i < count; i += 1) {
    onTaken(i);
    yield { _id: `doc:${String(i).padStart(4, '0')}`, i };
  }
}

onEveryKind('bulkDocs of an iterable', ({ open }) => {
  test('awaited: an entry for each document, in order, errors among them', async () => {
    const db = open();
    await db.put({ _id: 'doc:0001' });
    const entries = await db.bulkDocs(documents(3));
    assert.deepEqual(entries.map(({ id, status, ok }) => [id, status ?? ok]), [
      ['doc:0000', true],
      ['doc:0001', 409],
      ['doc:0002', true],
    ]);
    assert.ok(entries[1] instanceof Error);
    assert.equal((await db.info()).doc_count, 3);
  });

  test('iterables of other kinds, and {docs}', async () => {
    const db = open();
    function* generator() {
      yield { _id: 'a' };
      yield Promise.resolve({ _id: 'b' });
    }
    await db.bulkDocs(generator());
    await db.bulkDocs(new Set([{ _id: 'c' }]));
    await db.bulkDocs({ docs: documents(1) });
    assert.deepEqual(await db.bulkDocs(documents(0)), []);
    const { rows } = await db.allDocs();
    assert.deepEqual(rows.map(({ id }) => id), ['a', 'b', 'c', 'doc:0000']);
  });

  test('new_edits: false, as an option and in the request', async () => {
    const db = open();
    const replicated = (id) => [{ _id: id, _rev: `3-${'a'.repeat(32)}` }].values();
    assert.deepEqual(await db.bulkDocs(replicated('a'), { new_edits: false }), []);
    assert.deepEqual(await db.bulkDocs({ docs: replicated('b'), new_edits: false }), []);
    for (const id of ['a', 'b']) assert.match((await db.get(id))._rev, /^3-/);
  });

  test('it need not be looked at; a callback gets all', async () => {
    const db = open();
    db.bulkDocs(documents(1));
    while ((await db.info()).doc_count < 1) await pause(5);
    const entries = await new Promise((resolve, reject) => {
      db.bulkDocs(documents(2), (error, all) => (error ? reject(error) : resolve(all)));
    });
    assert.deepEqual(entries.map(({ id }) => id), ['doc:0000', 'doc:0001']);
  });

  test('what came before the source failed is written, and then it is the answer', async () => {
    const db = open();
    const failure = new Error('the file ends here');
    async function* broken() {
      yield* documents(2);
      throw failure;
    }
    await assert.rejects(async () => void (await db.bulkDocs(broken())), failure);
    assert.equal((await db.info()).doc_count, 2);
    const ids = [];
    const iterate = async () => {
      for await (const { id } of db.bulkDocs(broken())) ids.push(id);
    };
    await assert.rejects(iterate(), failure);
    assert.deepEqual(ids, ['doc:0000', 'doc:0001']);
    const wrong = async () => void (await db.bulkDocs([{ _id: 'z' }, 5].values()));
    await assert.rejects(wrong, { status: 400 });
  });

  test('a signal ends it, though the source says nothing', async () => {
    const db = open();
    const abort = new AbortController();
    let isClosed = false;
    const silent = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => ((isClosed = true), new Promise(() => {})),
      }),
    };
    const writing = db.bulkDocs(silent, { signal: abort.signal });
    setTimeout(() => abort.abort(), 5);
    await assert.rejects(async () => void (await writing), { name: 'AbortError' });
    assert.ok(isClosed);
  });
});

onLocalKinds('bulkDocs of an iterable', ({ open }) => {
  test('many documents go in batches', async () => {
    const db = open();
    const batches = [];
    const bulkDocs = db.bulkDocs.bind(db);
    db.bulkDocs = (docs, ...rest) => {
      if (Array.isArray(docs)) batches.push(docs.length);
      return bulkDocs(docs, ...rest);
    };
    const entries = await bulkDocs(documents(1200));
    assert.equal(entries.length, 1200);
    assert.ok(entries.every(({ ok }, i) => ok && entries[i].id.endsWith(String(i))));
    assert.deepEqual(batches, [500, 500, 200]);
  });

  test('large ones go in smaller batches, binary attachments counted', async () => {
    const db = open();
    const batches = [];
    const bulkDocs = db.bulkDocs.bind(db);
    db.bulkDocs = (docs, ...rest) => {
      if (Array.isArray(docs)) batches.push(docs.length);
      return bulkDocs(docs, ...rest);
    };
    const data = new Uint8Array(400_000);
    const photo = (_id) => ({ _id, _attachments: { photo: { content_type: 'image/png', data } } });
    await bulkDocs(['a', 'b', 'c', 'd'].map(photo).values());
    assert.deepEqual(batches, [3, 1]);
    const { _attachments } = await db.get('d');
    assert.equal(_attachments.photo.length, 400_000);
  });

  test('a fast source waits: two batches are on their way at most', async () => {
    const db = open();
    let taken = 0;
    let most = 0;
    let read = 0;
    for await (const _ of db.bulkDocs(documents(5000, () => (taken += 1)))) {
      read += 1;
      most = Math.max(most, taken - read);
      if (read % 500 === 0) await pause(1);
    }
    assert.equal(read, 5000);
    assert.ok(most <= 1500, `${most} documents were taken before their turn`);
  });

  test('leaving the loop closes the source', async () => {
    const db = open();
    let isClosed = false;
    async function* source() {
      try {
        yield* documents(2000);
      } finally {
        isClosed = true;
      }
    }
    for await (const { ok } of db.bulkDocs(source())) {
      assert.ok(ok);
      break;
    }
    await pause(5);
    assert.ok(isClosed);
    assert.ok((await db.info()).doc_count < 2000);
  });
});
