// db.scan: the rows of allDocs, page by page.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind, onLocalKinds } from './database-kinds.js';

const kIds = Array.from({ length: 25 }, (_, i) => `doc:${String(i).padStart(2, '0')}`);

/** @param {import('couchlet').default} db */
async function fill(db, ids = kIds) {
  await db.bulkDocs(ids.map((_id) => ({ _id, of: _id })));
}

/**
 * @param {import('couchlet').default} db
 * @param {object} [options]
 */
async function idsOf(db, options) {
  const ids = [];
  for await (const { id } of db.scan(options)) ids.push(id);
  return ids;
}

onEveryKind('scan', ({ open, adapter }) => {
  test('all rows, whatever the size of the pages', async () => {
    const db = open();
    assert.deepEqual(await idsOf(db), []);
    await fill(db);
    for (const batch_size of [1, 5, 24, 25, 26, undefined]) {
      assert.deepEqual(await idsOf(db, { batch_size }), kIds, String(batch_size));
    }
  });

  test('awaited it is an array; a callback gets that too', async () => {
    const db = open();
    await fill(db);
    const rows = await db.scan({ batch_size: 4, include_docs: true });
    assert.deepEqual(rows, (await db.allDocs({ include_docs: true })).rows);
    const told = await new Promise((resolve, reject) => {
      db.scan({ limit: 3 }, (error, all) => (error ? reject(error) : resolve(all)));
    });
    assert.deepEqual(told, rows.slice(0, 3).map(({ doc: _, ...row }) => row));
  });

  test('takes the range, the direction and the limits of allDocs', async () => {
    const db = open();
    await fill(db);
    const same = async (options) => {
      const { rows } = await db.allDocs(options);
      const ids = rows.map(({ id }) => id);
      const scanned = await idsOf(db, { ...options, batch_size: 4 });
      assert.deepEqual(scanned, ids, JSON.stringify(options));
    };
    await same({ startkey: 'doc:03', endkey: 'doc:17' });
    await same({ startkey: 'doc:03', endkey: 'doc:17', inclusive_end: false });
    await same({ descending: true });
    await same({ startkey: 'doc:17', endkey: 'doc:03', descending: true });
    await same({ limit: 9 });
    await same({ limit: 8, skip: 3 });
    await same({ skip: 23 });
    await same({ skip: 30 });
    await same({ start_key: 'doc:20' });
    await same({ key: 'doc:20' });
  });

  test('what is written meanwhile: no id twice, none left out that stays', async () => {
    const db = open();
    await fill(db);
    const seen = [];
    for await (const { id, value } of db.scan({ batch_size: 5 })) {
      seen.push(id);
      if (id === 'doc:04') {
        await db.remove(id, value.rev); // where the page ended
        await db.put({ _id: 'doc:000' }); // behind
        await db.put({ _id: 'doc:111' }); // ahead
        await db.remove(await db.get('doc:20'));
      }
    }
    const expected = [...kIds, 'doc:111'].filter((id) => id !== 'doc:20').sort();
    assert.deepEqual(seen, expected);
  });

  test('reads no further than the loop goes', async () => {
    const db = open();
    await fill(db);
    let pages = 0;
    const allDocs = db.allDocs.bind(db);
    db.allDocs = (...args) => ((pages += 1), allDocs(...args));
    for await (const { id } of db.scan({ batch_size: 5 })) if (id === 'doc:07') break;
    assert.equal(pages, 2);
  });

  test('a signal ends it', async () => {
    const db = open();
    await fill(db);
    const abort = new AbortController();
    const seen = [];
    const scan = async () => {
      for await (const { id } of db.scan({ batch_size: 5, signal: abort.signal })) {
        seen.push(id);
        if (id === 'doc:07') abort.abort();
      }
    };
    await assert.rejects(scan(), { name: 'AbortError' });
    assert.deepEqual(seen, kIds.slice(0, 10)); // the page that was there
  });

  test('says what it does not take', async () => {
    const db = open();
    const failure = { status: 400 };
    await assert.rejects(idsOf(db, { keys: ['a'] }), failure);
    await assert.rejects(idsOf(db, { batch_size: 0 }), failure);
    await assert.rejects(async () => void (await db.scan({ batch_size: 'x' })), failure);
  });

  test('is read one way', async () => {
    const db = open();
    const scan = db.scan();
    for await (const row of scan) assert.fail(row);
    assert.throws(() => scan.then(), TypeError);
    assert.equal(adapter, db.adapter);
  });
});

onLocalKinds('scan', ({ open }) => {
  test('large documents come in pages of few', async () => {
    const db = open();
    const large = 'x'.repeat(400_000);
    const ids = kIds.slice(0, 10);
    await db.bulkDocs(ids.map((_id) => ({ _id, large })));
    const pages = [];
    const allDocs = db.allDocs.bind(db);
    db.allDocs = async (options) => {
      const page = await allDocs(options);
      pages.push(page.rows.length);
      return page;
    };
    assert.deepEqual(await idsOf(db, { include_docs: true }), ids);
    assert.ok(pages.length >= 4 && Math.max(...pages) <= 3, String(pages));
    pages.length = 0;
    assert.deepEqual(await idsOf(db), ids);
    assert.deepEqual(pages, [10]);
  });
});
