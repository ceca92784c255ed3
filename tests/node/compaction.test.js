// Space given back, revisions purged, databases repaired, and what info tells of it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { onEveryKind, onLocalKinds } from './database-kinds.js';

/**
 * @param {Couchlet} db
 * @param {number} times
 * @returns {Promise<string[]>} the revisions, the oldest first
 */
async function editRepeatedly(db, times) {
  const revs = [];
  for (let n = 1; n <= times; ++n) {
    const { rev } = await db.put({ _id: 'milk', _rev: revs.at(-1), n });
    revs.push(rev);
  }
  return revs;
}

/** @param {string} name */
const isError = (name) => (/** @type {any} */ error) => error.name === name;

onEveryKind('compacting', ({ open }) => {
  test('superseded revisions become missing, the present one stays', async () => {
    const db = open();
    const [first, second] = await editRepeatedly(db, 2);
    assert.equal((await db.get('milk', { rev: first })).n, 1);
    assert.deepEqual(await db.compact(), { ok: true });
    assert.equal((await db.get('milk')).n, 2);
    await assert.rejects(db.get('milk', { rev: first }), isError('not_found'));
    const { _revs_info: infos } = await db.get('milk', { revs_info: true });
    assert.deepEqual(infos, [
      { rev: second, status: 'available' },
      { rev: first, status: 'missing' },
    ]);
  });

  test('with options and with a callback', async () => {
    const db = open();
    await db.put({ _id: 'milk' });
    await db.compact({ interval: 10 });
    const answer = await new Promise((resolve, reject) => {
      db.compact((error, result) => (error ? reject(error) : resolve(result)));
    });
    assert.deepEqual(answer, { ok: true });
  });
});

onLocalKinds('compacting', ({ open }) => {
  test('goes on beside writes, and calls at the same time wait for one another', async () => {
    const db = open();
    const ids = Array.from({ length: 600 }, (_, i) => `note-${i}`);
    const first = await db.bulkDocs(ids.map((_id) => ({ _id, n: 1 })));
    const edit = (/** @type {number} */ n, /** @type {any[]} */ entries) =>
      db.bulkDocs(entries.map(({ id, rev }) => ({ _id: id, _rev: rev, n })));
    const second = await edit(2, first);
    const compactions = [db.compact(), db.compact()];
    await edit(3, second.slice(0, 100));
    await Promise.all(compactions);
    await db.compact();
    const { rows } = await db.allDocs({ include_docs: true });
    assert.equal(rows.filter(({ doc }) => doc?.n === 3).length, 100);
    assert.equal(rows.filter(({ doc }) => doc?.n === 2).length, 500);
    const { _revs_info: infos } = await db.get('note-0', { revs_info: true });
    assert.deepEqual(
      infos?.map(({ status }) => status),
      ['available', 'missing', 'missing'],
    );
  });

  test('with auto_compaction an edit takes what it supersedes with it', async () => {
    const db = open({ auto_compaction: true });
    const [first, second] = await editRepeatedly(db, 2);
    await assert.rejects(db.get('milk', { rev: first }), isError('not_found'));
    assert.equal((await db.get('milk', { rev: second })).n, 2);
    assert.equal((await db.info()).auto_compaction, true);
  });

  test('without it the past can be read', async () => {
    const db = open();
    const [first] = await editRepeatedly(db, 2);
    assert.equal((await db.get('milk', { rev: first })).n, 1);
    assert.equal((await db.info()).auto_compaction, false);
  });

  test('auto_compaction is true or false', () => {
    assert.throws(() => open({ auto_compaction: 'yes' }), isError('bad_request'));
  });

  test('revs_limit forgets the oldest', async () => {
    const db = open({ revs_limit: 3 });
    await editRepeatedly(db, 5);
    const { _revisions: revisions } = await db.get('milk', { revs: true });
    assert.equal(revisions?.start, 5);
    assert.equal(revisions?.ids.length, 3);
  });
});

onLocalKinds('purging', ({ open }) => {
  const kA = `1-${'a'.repeat(32)}`;
  const kB = `1-${'b'.repeat(32)}`;

  test('the last leaf takes the document with it', async () => {
    const db = open();
    const [first, second] = await editRepeatedly(db, 2);
    assert.deepEqual(await db.purge('milk', second), {
      ok: true,
      deletedRevs: [second, first],
      documentWasRemovedCompletely: true,
    });
    await assert.rejects(db.get('milk'), { name: 'not_found', reason: 'missing' });
    assert.deepEqual((await db.changes()).results, []);
    const { doc_count: count, doc_del_count: deleted, purge_seq: purges } = await db.info();
    assert.deepEqual([count, deleted, purges], [0, 0, 1]);
    assert.equal((await db.put({ _id: 'milk', n: 1 })).rev, first);
  });

  test('another leaf wins, and a live feed tells of it', async () => {
    const db = open();
    const conflict = [kA, kB].map((_rev) => ({ _id: 'milk', _rev }));
    await db.bulkDocs(conflict, { new_edits: false });
    const feed = db.changes({ live: true, since: 'now' });
    const change = once(/** @type {any} */ (feed), 'change');
    await db.info(); // the feed has begun
    const { documentWasRemovedCompletely: isGone } = await db.purge('milk', kB);
    assert.equal(isGone, false);
    assert.equal((await db.get('milk'))._rev, kA);
    assert.deepEqual((await change)[0].changes, [{ rev: kA }]);
    feed.cancel();
  });

  test('what is no leaf is not found', async () => {
    const db = open();
    const [first] = await editRepeatedly(db, 2);
    await assert.rejects(db.purge('milk', first), { name: 'not_found', docId: 'milk' });
    await assert.rejects(db.purge('bread', first), isError('not_found'));
    await assert.rejects(db.purge('milk', 'nonsense'), isError('bad_request'));
    await assert.rejects(db.purge(/** @type {any} */ (undefined), first), isError('missing_id'));
  });

  test('with a callback', async () => {
    const db = open();
    const [rev] = await editRepeatedly(db, 1);
    const answer = await new Promise((resolve, reject) => {
      db.purge('milk', rev, (error, result) => (error ? reject(error) : resolve(result)));
    });
    assert.equal(/** @type {any} */ (answer).documentWasRemovedCompletely, true);
  });
});

onLocalKinds('repairing', ({ open }) => {
  test('a sound database has lost nothing', async () => {
    const db = open();
    await editRepeatedly(db, 2);
    await db.put({ _id: '_local/settings', theme: 'dark' });
    const before = await db.info();
    const answer = { ok: true, lost_revisions: [], lost_documents: [] };
    assert.deepEqual(await db.repair(), answer);
    assert.deepEqual({ ...(await db.info()), sizes: null }, { ...before, sizes: null });
  });
});

onLocalKinds('info', ({ open }) => {
  test('tells the sizes', async () => {
    const db = open();
    const empty = await db.info();
    assert.equal(empty.sizes?.external, 0);
    await editRepeatedly(db, 2);
    const { sizes } = await db.info();
    assert.equal(sizes?.external, '"n":2'.length);
    assert.equal(typeof sizes?.file, 'number');
    assert.equal(typeof sizes?.active, 'number');
    assert.equal((await db.info()).compact_running, false);
  });
});

describe('a remote database', () => {
  test('is compacted when the server says so', async (t) => {
    /** @type {string[]} */
    const requests = [];
    const server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ ok: true, compact_running: requests.length < 4 }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const db = new Couchlet(`http://127.0.0.1:${port}/notes`);
    assert.deepEqual(await db.compact({ interval: 1 }), { ok: true });
    assert.deepEqual(requests, ['POST /notes/_compact', ...Array(3).fill('GET /notes')]);
  });

  test('is neither purged nor repaired from here', async () => {
    const db = new Couchlet('http://127.0.0.1:9/notes');
    await assert.rejects(db.purge('milk', '1-a'), { status: 501, name: 'not_implemented' });
    await assert.rejects(db.repair(), { status: 501, name: 'not_implemented' });
  });
});
