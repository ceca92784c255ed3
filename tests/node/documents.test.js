import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind } from './database-kinds.js';

const kUuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/;

/** @param {{rev: string}[]} entries */
const revisions = (entries) => entries.map(({ rev }) => rev);

/** @param {string} hash padded to what a revision's digest looks like */
const digest = (hash) => hash.padEnd(32, '0');

onEveryKind('writing', ({ open, isCouchDB }) => {
  // express-pouchdb doesn't tell what is deleted from what was never there.
  const kDeleted = isCouchDB ? 'deleted' : 'missing';

  test('put writes a document that get reads', async () => {
    const db = open();
    const { rev, ...answer } = await db.put({ _id: 'milk', text: 'Buy milk', tags: [1, null, {}] });
    assert.deepEqual(answer, { ok: true, id: 'milk' });
    assert.match(rev, /^1-[0-9a-f]{32}$/);
    assert.deepEqual(await db.get('milk'), {
      _id: 'milk',
      _rev: rev,
      text: 'Buy milk',
      tags: [1, null, {}],
    });
  });

  test('put with the present revision replaces the document', async () => {
    const db = open();
    const first = await db.put({ _id: 'milk', text: 'Buy milk', done: false });
    const second = await db.put({ _id: 'milk', _rev: first.rev, done: true });
    assert.match(second.rev, /^2-/);
    assert.deepEqual(await db.get('milk'), { _id: 'milk', _rev: second.rev, done: true });
  });

  test('put without the present revision is a conflict and changes nothing', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'milk', n: 1 });
    await db.put({ _id: 'milk', _rev: rev, n: 2 });
    for (const stale of [undefined, rev, `1-${digest('abc')}`]) {
      await assert.rejects(db.put({ _id: 'milk', _rev: stale, n: 3 }), {
        status: 409,
        name: 'conflict',
        message: 'Document update conflict',
        error: true,
        docId: 'milk',
      });
    }
    assert.equal((await db.get('milk')).n, 2);
  });

  test('an error is an Error, and tells the same when it is written as JSON', async () => {
    const db = open();
    const error = await db.get('nothing').catch((rejection) => rejection);
    assert.ok(error instanceof Error);
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      status: 404,
      name: 'not_found',
      message: 'missing',
      reason: 'missing',
      error: true,
      docId: 'nothing',
    });
  });

  test('post makes an id, a UUID', async () => {
    const db = open();
    const { id, rev } = await db.post({ text: 'Buy milk' });
    assert.match(id, kUuid);
    assert.deepEqual(await db.get(id), { _id: id, _rev: rev, text: 'Buy milk' });
  });

  test('post keeps an id that is there', async () => {
    const db = open();
    assert.equal((await db.post({ _id: 'mine' })).id, 'mine');
  });

  test('remove takes a document, or an id and a revision, and leaves a tombstone', async () => {
    const db = open();
    await db.bulkDocs([{ _id: 'a' }, { _id: 'b' }]);
    const a = await db.remove(await db.get('a'));
    assert.match(a.rev, /^2-/);
    assert.equal(a.ok, true);
    await db.remove('b', (await db.get('b'))._rev);
    for (const id of ['a', 'b']) {
      await assert.rejects(db.get(id), {
        status: 404,
        name: 'not_found',
        message: 'missing',
        reason: kDeleted,
      });
    }
    assert.deepEqual(await db.get('a', { rev: a.rev }), {
      _id: 'a',
      _rev: a.rev,
      _deleted: true,
    });
  });

  test('remove of an outdated revision is refused', async () => {
    const db = open();
    const first = await db.put({ _id: 'a' });
    const second = await db.put({ _id: 'a', _rev: first.rev, n: 2 });
    await assert.rejects(db.remove('a', first.rev), { name: 'conflict', docId: 'a' });
    assert.equal((await db.get('a'))._rev, second.rev);
  });

  test('remove of what was never there is refused', async () => {
    const db = open();
    await assert.rejects(
      db.remove('nothing', `1-${digest('a')}`),
      ({ status }) => status === 404 || status === 409,
    );
    assert.equal((await db.info()).doc_count, 0);
  });

  test('a deleted document can be written again, and goes on from the tombstone', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a' });
    await db.remove('a', rev);
    const again = await db.put({ _id: 'a', again: true });
    assert.match(again.rev, /^3-/);
    assert.equal((await db.get('a')).again, true);
  });

  test('a document that is put with _deleted keeps its content in the tombstone', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a' });
    const gone = await db.put({ _id: 'a', _rev: rev, _deleted: true, why: 'done' });
    await assert.rejects(db.get('a'), { reason: kDeleted });
    assert.equal((await db.get('a', { rev: gone.rev })).why, 'done');
  });

  test('bulkDocs answers for each document in its place', async () => {
    const db = open();
    await db.put({ _id: 'b' });
    const answer = await db.bulkDocs([{ _id: 'a' }, { _id: 'b' }, {}, { _id: 'c', n: 3 }]);
    assert.deepEqual(
      answer.map((entry) => ('error' in entry ? entry.name : entry.ok)),
      [true, 'conflict', true, true],
    );
    assert.equal(answer[1].status, 409);
    assert.equal(answer[1].id, 'b');
    assert.ok(answer[1] instanceof Error);
    assert.match(answer[2].id, kUuid);
    assert.equal((await db.get('c')).n, 3);
  });

  test('bulkDocs takes {docs} as well, and no documents at all', async () => {
    const db = open();
    assert.equal((await db.bulkDocs({ docs: [{ _id: 'a' }] }))[0].id, 'a');
    assert.deepEqual(await db.bulkDocs([]), []);
  });

  test('the same id twice in bulkDocs: one is written, the other is a conflict', async () => {
    const db = open();
    const [first, second] = await db.bulkDocs([
      { _id: 'a', n: 1 },
      { _id: 'a', n: 2 },
    ]);
    assert.equal(first.ok, true);
    assert.equal(second.name, 'conflict');
    assert.equal((await db.get('a')).n, 1);
  });

  test('with new_edits false a document brings its revision, and nothing is answered', async () => {
    const db = open();
    const rev = `1-${digest('abc')}`;
    assert.deepEqual(await db.bulkDocs([{ _id: 'a', _rev: rev, n: 1 }], { new_edits: false }), []);
    assert.deepEqual(await db.bulkDocs({ docs: [{ _id: 'a', _rev: rev }], new_edits: false }), []);
    assert.deepEqual(await db.get('a'), { _id: 'a', _rev: rev, n: 1 });
  });

  test('_revisions tell the past of a document that comes with new_edits false', async () => {
    const db = open();
    const ids = ['c', 'b', 'a'].map(digest);
    await db.bulkDocs([{ _id: 'x', _rev: `3-${ids[0]}`, _revisions: { start: 3, ids } }], {
      new_edits: false,
    });
    assert.deepEqual((await db.get('x', { revs: true }))._revisions, { start: 3, ids });
  });

  test('callbacks get what promises resolve to', async () => {
    const db = open();
    const answer = await new Promise((resolve, reject) => {
      db.put({ _id: 'a' }, (error, value) => (error ? reject(error) : resolve(value)));
    });
    assert.equal(answer.id, 'a');
    const failure = await new Promise((resolve) => {
      db.get('b', {}, (error, value) => resolve([error.name, value]));
    });
    assert.deepEqual(failure, ['not_found', undefined]);
    await new Promise((resolve) => void db.remove('a', answer.rev, {}, resolve));
    await assert.rejects(db.get('a'), { reason: kDeleted });
  });
});

onEveryKind('reading', ({ open, isCouchDB }) => {
  const [winner, loser] = ['b', 'a'].map((hash) => `2-${digest(hash)}`);

  /** A document with two leaves, the higher of which wins, and a common past. */
  async function openWithConflict() {
    const db = open();
    const past = digest('f');
    const edit = (rev) => ({
      _id: 'a',
      _rev: rev,
      _revisions: { start: 2, ids: [rev.slice(2), past] },
      rev,
    });
    await db.bulkDocs([edit(loser), edit(winner)], { new_edits: false });
    return db;
  }

  test('get says of what is not there that it is missing', async () => {
    const db = open();
    await assert.rejects(db.get('nothing'), {
      status: 404,
      name: 'not_found',
      message: 'missing',
      reason: 'missing',
      docId: 'nothing',
    });
    await db.put({ _id: 'a' });
    await assert.rejects(db.get('a', { rev: `7-${digest('a')}` }), { status: 404 });
  });

  test('get reads an old revision, and tells the past of the new one', async () => {
    const db = open();
    const first = await db.put({ _id: 'a', n: 1 });
    const second = await db.put({ _id: 'a', _rev: first.rev, n: 2 });
    assert.equal((await db.get('a', { rev: first.rev })).n, 1);
    const { _revisions: past, _revs_info: info } = await db.get('a', {
      revs: true,
      revs_info: true,
    });
    assert.deepEqual(past, {
      start: 2,
      ids: revisions([second, first]).map((rev) => rev.slice(2)),
    });
    assert.deepEqual(info, [
      { rev: second.rev, status: 'available' },
      { rev: first.rev, status: 'available' },
    ]);
  });

  test('of two conflicting revisions the higher wins and the other is named', async () => {
    const db = await openWithConflict();
    const document = await db.get('a', { conflicts: true });
    assert.equal(document._rev, winner);
    assert.deepEqual(document._conflicts, [loser]);
    assert.equal('_conflicts' in (await db.get('a')), false);
  });

  test('a conflict is resolved by removing the revision that is not wanted', async () => {
    const db = await openWithConflict();
    const removal = await db.remove('a', winner);
    const document = await db.get('a', { conflicts: true, deleted_conflicts: true });
    assert.equal(document._rev, loser);
    assert.equal(document._conflicts, undefined);
    if (isCouchDB) assert.deepEqual(document._deleted_conflicts, [removal.rev]);
  });

  test('open_revs reads all leaves, or those asked for and which of them are missing', async () => {
    const db = await openWithConflict();
    const leaves = await db.get('a', { open_revs: 'all' });
    assert.deepEqual(leaves.map((leaf) => leaf.ok._rev).sort(), [loser, winner]);
    const absent = `2-${digest('c')}`;
    const some = await db.get('a', { open_revs: [loser, absent] });
    assert.equal(some.find((leaf) => leaf.ok)?.ok.rev, loser);
    assert.equal(some.find((leaf) => leaf.missing)?.missing, absent);
  });

  test('latest gives the leaf that an old revision has become', async () => {
    const db = open();
    const first = await db.put({ _id: 'a', n: 1 });
    const second = await db.put({ _id: 'a', _rev: first.rev, n: 2 });
    assert.equal((await db.get('a', { rev: first.rev, latest: true }))._rev, second.rev);
  });

  test('revsDiff tells which revisions are not here', async () => {
    const db = await openWithConflict();
    const absent = `3-${digest('c')}`;
    const answer = await db.revsDiff({ a: [winner, absent], b: [winner] });
    assert.deepEqual(answer.a.missing, [absent]);
    assert.deepEqual(answer.b.missing, [winner]);
    assert.deepEqual(await db.revsDiff({ a: [winner] }), {});
  });

  test('bulkGet reads many documents, with their past if it is wanted', async () => {
    const db = await openWithConflict();
    await db.put({ _id: 'b', n: 1 });
    const { results } = await db.bulkGet({
      docs: [{ id: 'b' }, { id: 'a', rev: loser }, { id: 'nothing' }],
      revs: true,
    });
    assert.deepEqual(
      results.map(({ id }) => id),
      ['b', 'a', 'nothing'],
    );
    assert.equal(results[0].docs[0].ok.n, 1);
    assert.equal(results[1].docs[0].ok._revisions.start, 2);
    assert.equal(results[2].docs[0].ok, undefined);
  });
});

onEveryKind('allDocs', ({ open, isCouchDB }) => {
  /** @param {{rows: {id?: string, key: string}[]}} answer */
  const ids = ({ rows }) => rows.map(({ id }) => id);

  async function openWithDocuments() {
    const db = open();
    const letters = ['c', 'a', 'e', 'b', 'd'];
    await db.bulkDocs(letters.map((_id) => ({ _id, text: _id.toUpperCase() })));
    await db.remove(await db.get('e'));
    return db;
  }

  test('it lists the documents that are there by their ids', async () => {
    const db = await openWithDocuments();
    const answer = await db.allDocs();
    assert.equal(answer.total_rows, 4);
    assert.equal(answer.offset, 0);
    assert.deepEqual(ids(answer), ['a', 'b', 'c', 'd']);
    const { _rev: rev } = await db.get('a');
    assert.deepEqual(answer.rows[0], { id: 'a', key: 'a', value: { rev } });
  });

  test('an empty database has none', async () => {
    const { total_rows: count, rows } = await open().allDocs({ include_docs: true });
    assert.equal(count, 0);
    assert.deepEqual(rows, []);
  });

  test('startkey, endkey and inclusive_end bound it', async () => {
    const db = await openWithDocuments();
    assert.deepEqual(ids(await db.allDocs({ startkey: 'b' })), ['b', 'c', 'd']);
    assert.deepEqual(ids(await db.allDocs({ startkey: 'b', endkey: 'c' })), ['b', 'c']);
    assert.deepEqual(ids(await db.allDocs({ endkey: 'c', inclusive_end: false })), ['a', 'b']);
    assert.deepEqual(ids(await db.allDocs({ startkey: 'bb', endkey: 'cc' })), ['c']);
    assert.deepEqual(ids(await db.allDocs({ key: 'c' })), ['c']);
    assert.deepEqual(ids(await db.allDocs({ key: 'e' })), []);
  });

  test('descending turns it round, and the bounds with it', async () => {
    const db = await openWithDocuments();
    assert.deepEqual(ids(await db.allDocs({ descending: true })), ['d', 'c', 'b', 'a']);
    assert.deepEqual(ids(await db.allDocs({ descending: true, startkey: 'c', endkey: 'b' })), [
      'c',
      'b',
    ]);
    assert.deepEqual(
      ids(await db.allDocs({ descending: true, endkey: 'b', inclusive_end: false })),
      ['d', 'c'],
    );
  });

  test('limit and skip page through it', async () => {
    const db = await openWithDocuments();
    assert.deepEqual(ids(await db.allDocs({ limit: 2 })), ['a', 'b']);
    assert.deepEqual(ids(await db.allDocs({ limit: 2, skip: 1 })), ['b', 'c']);
    assert.deepEqual(ids(await db.allDocs({ skip: 3 })), ['d']);
    assert.deepEqual(ids(await db.allDocs({ limit: 0 })), []);
  });

  test('include_docs brings the documents, and conflicts what is in conflict', async () => {
    const db = await openWithDocuments();
    const rival = `1-${digest('0')}`;
    await db.bulkDocs([{ _id: 'a', _rev: rival }], { new_edits: false });
    const { rows } = await db.allDocs({ include_docs: true, conflicts: true });
    assert.equal(rows[0].doc?.text, 'A');
    assert.deepEqual(rows[0].doc?._conflicts, [rival]);
    assert.equal(rows[1].doc?._conflicts, undefined);
  });

  test('keys gives a row for each key in its place, with tombstones and gaps', async () => {
    const db = await openWithDocuments();
    const { rows } = await db.allDocs({
      keys: ['d', 'nothing', 'e', 'a', 'd'],
      include_docs: true,
    });
    assert.deepEqual(
      rows.map(({ key }) => key),
      ['d', 'nothing', 'e', 'a', 'd'],
    );
    assert.deepEqual(rows[1], { key: 'nothing', error: 'not_found' });
    assert.equal(rows[2].value?.deleted, true);
    assert.equal(rows[2].doc, null);
    assert.equal(rows[3].doc?.text, 'A');
    assert.deepEqual((await db.allDocs({ keys: [] })).rows, []);
  });

  test('update_seq tells what the answer was true at', async () => {
    const db = await openWithDocuments();
    const { update_seq: before } = await db.allDocs({ update_seq: true, limit: 1 });
    await db.put({ _id: 'new' });
    const { results } = await db.changes({ since: before });
    assert.deepEqual(
      results.map(({ id }) => id),
      ['new'],
    );
  });

  test('ids are ordered as their bytes, not by a language', async (t) => {
    if (!isCouchDB) return t.skip('express-pouchdb orders UTF-16 units when in memory');
    const db = open();
    const letters = ['ä', 'z', 'Z', '10', '9', 'é', '\u{1F600}', '\uFB01'];
    await db.bulkDocs(letters.map((_id) => ({ _id })));
    assert.deepEqual(ids(await db.allDocs()), [
      '10',
      '9',
      'Z',
      'z',
      'ä',
      'é',
      '\uFB01',
      '\u{1F600}',
    ]);
  });
});

onEveryKind('local documents', ({ open }) => {
  test('they are written, read, replaced and removed by ids that begin with _local/', async () => {
    const db = open();
    const first = await db.put({ _id: '_local/settings', theme: 'dark' });
    assert.deepEqual(first, { ok: true, id: '_local/settings', rev: '0-1' });
    assert.deepEqual(await db.get('_local/settings'), {
      _id: '_local/settings',
      _rev: '0-1',
      theme: 'dark',
    });
    const second = await db.put({ _id: '_local/settings', _rev: '0-1', theme: 'light' });
    assert.equal(second.rev, '0-2');
    await assert.rejects(db.put({ _id: '_local/settings', theme: 'pink' }), { status: 409 });
    await db.remove(await db.get('_local/settings'));
    await assert.rejects(db.get('_local/settings'), { status: 404, docId: '_local/settings' });
  });

  test('they are in no list, count or feed', async () => {
    const db = open();
    await db.put({ _id: '_local/settings' });
    assert.deepEqual((await db.allDocs()).rows, []);
    assert.deepEqual((await db.changes()).results, []);
    assert.equal((await db.info()).doc_count, 0);
  });
});

onEveryKind('design documents', ({ open }) => {
  test('their ids may begin with _design/', async () => {
    const db = open();
    const { id, rev } = await db.put({ _id: '_design/lists', language: 'javascript' });
    assert.equal(id, '_design/lists');
    assert.equal((await db.get('_design/lists'))._rev, rev);
    assert.equal((await db.allDocs()).rows[0].id, '_design/lists');
  });
});
