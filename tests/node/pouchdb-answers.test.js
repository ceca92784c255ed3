// Answers that apps know from PouchDB, in corners where CouchDB says nothing or something else. The
// comparison with PouchDB itself (tests/differential) found them; here they are by name.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onLocalKinds } from './database-kinds.js';

const kRev = `1-${'a'.repeat(32)}`;

onLocalKinds('what PouchDB answers', ({ open }) => {
  test('one malformed document refuses a bulkDocs, and nothing is written', async () => {
    const db = open();
    for (const wrong of [
      { _id: '_reserved' },
      { _id: 'a', _rev: 'no revision' },
      { _id: 'a', _unknown: 1 },
      { _id: 'a', _attachments: { _a: { data: '' } } },
      { _id: 'a', _attachments: { a: { stub: true } } },
    ]) {
      await assert.rejects(
        db.bulkDocs([{ _id: 'b' }, wrong]),
        ({ status }) => status === 400 || status === 412,
        JSON.stringify(wrong),
      );
    }
    assert.equal((await db.info()).update_seq, 0);
  });

  test('of replicated documents each is answered for', async () => {
    const db = open();
    const docs = [{ _id: 'a', _rev: 'no revision' }, { _id: 'b', _rev: kRev }];
    const [refusal, ...others] = await db.bulkDocs(docs, { new_edits: false });
    assert.deepEqual([refusal.status, others], [400, []]);
    assert.equal((await db.get('b'))._rev, kRev);
  });

  test('removing what was never there is 404, and what has changed 409', async () => {
    const db = open();
    const missing = { status: 404, message: 'missing', reason: 'deleted', id: 'a', docId: 'a' };
    await assert.rejects(db.remove('a', kRev), missing);
    await assert.rejects(db.remove({ _id: 'a', _rev: kRev }), missing);
    await db.put({ _id: 'a' });
    const conflict = { status: 409, name: 'conflict', id: 'a', docId: 'a' };
    await assert.rejects(db.remove('a', kRev), conflict);
    await assert.rejects(db.put({ _id: 'a' }), conflict);
  });

  test('a feed read backwards has all changes, whatever since and batch_size say', async () => {
    const db = open();
    await db.bulkDocs([{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }]);
    for (const options of [{}, { since: 2 }, { since: 'now' }, { batch_size: 1 }]) {
      const { results, last_seq } = await db.changes({ ...options, descending: true });
      assert.deepEqual([results.map(({ id }) => id).join(''), last_seq], ['cba', 1]);
    }
    const { results, last_seq } = await db.changes({ descending: true, limit: 2 });
    assert.deepEqual([results.length, last_seq], [2, 2]);
  });

  test('a deleted document among keys has doc: null, also without include_docs', async () => {
    const db = open();
    await db.put({ _id: 'a', _deleted: true });
    const { rows } = await db.allDocs({ keys: ['a'] });
    assert.equal(rows[0].doc, null);
    assert.equal(rows[0].value.deleted, true);
  });

  test('what is not there is missing', async () => {
    const db = open();
    await db.put({ _id: 'a' });
    const missing = { status: 404, name: 'not_found', message: 'missing' };
    for (const id of ['', '_a', '_all_docs', 'b']) await assert.rejects(db.get(id), missing);
    await assert.rejects(db.getAttachment('a', 'b'), missing);
    await assert.rejects(db.getAttachment('_a', 'b'), missing);
  });

  test('a document that is posted with null for an id gets one', async () => {
    const db = open();
    const { id } = await db.post({ _id: null });
    const [entry] = await db.bulkDocs([{ _id: null }]);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.match(entry.id, /^[0-9a-f-]{36}$/);
  });

  test('open_revs tells pasts and attachments, and nothing else of the document', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a' });
    const all = { revs: true, revs_info: true, conflicts: true, local_seq: true };
    const [{ ok }] = await db.get('a', { open_revs: [rev], ...all });
    assert.deepEqual(Object.keys(ok).sort(), ['_id', '_rev', '_revisions']);
    await assert.rejects(db.get('a', { open_revs: [5] }), { message: 'Invalid rev format' });
    assert.deepEqual(await db.get('a', { open_revs: [] }), []);
  });
});
