// db.validate(): functions of the app that may refuse a write before it is made.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { onLocalKinds } from './database-kinds.js';

const kNeedsTitle = { status: 403, name: 'forbidden', message: 'A note needs a title' };

/** @param {any} doc */
function needsTitle(doc) {
  if (!doc._deleted && !doc.title) throw { forbidden: kNeedsTitle.message };
}

/** Nobody can have been asked. */
const never = () => assert.fail('asked');

onLocalKinds('validate', ({ open }) => {
  test('put, post, update and attachments of a document that is refused', async () => {
    const db = open();
    db.validate(needsTitle);
    await assert.rejects(db.put({ _id: 'a' }), { ...kNeedsTitle, docId: 'a', error: true });
    await assert.rejects(db.post({ text: 'x' }), kNeedsTitle);
    await assert.rejects(db.update('a', () => ({ n: 1 })), kNeedsTitle);
    await assert.rejects(db.putAttachment('a', 'x', new Blob([]), 'text/plain'), kNeedsTitle);
    assert.equal((await db.info()).doc_count, 0);
    const { rev } = await db.put({ _id: 'a', title: 'A' });
    await db.putAttachment('a', 'x', rev, new Blob(['x']), 'text/plain');
    await db.post({ title: 'B' });
    assert.equal((await db.info()).doc_count, 2);
  });

  test('unauthorized is 401; and what else is thrown is a failure that says so', async () => {
    const db = open();
    const stop = db.validate(() => {
      throw { unauthorized: 'Who are you?' };
    });
    const refusal = { status: 401, name: 'unauthorized', reason: 'Who are you?' };
    await assert.rejects(db.put({ _id: 'a' }), refusal);
    stop();
    const stopAgain = db.validate((doc) => doc.no.such.thing);
    const failure = { status: 500, name: 'validation_failed' };
    await assert.rejects(db.put({ _id: 'a' }), failure);
    stopAgain();
    db.validate(() => {
      throw Object.assign(new Error('x'), { forbidden: 'as an Error' });
    });
    await assert.rejects(db.put({ _id: 'a' }), { status: 403, reason: 'as an Error' });
  });

  test('bulkDocs writes the others, each entry in its place', async () => {
    const db = open();
    db.validate(needsTitle);
    await db.put({ _id: 'there', title: 'x' });
    const entries = await db.bulkDocs([
      { _id: 'a', title: 'A' },
      { _id: 'b' },
      { _id: 'there', title: 'again' },
      { title: 'C' },
      {},
    ]);
    const told = entries.map(({ ok, name }) => ok ?? name);
    assert.deepEqual(told, [true, 'forbidden', 'conflict', true, 'forbidden']);
    assert.ok(entries[1] instanceof Error);
    assert.equal(entries[1].id, 'b');
    assert.match(entries[3].id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    assert.deepEqual((await db.allDocs()).rows.map(({ id }) => id).length, 3);
  });

  test('all_or_nothing: one refusal is the answer of all', async () => {
    const db = open();
    db.validate(needsTitle);
    const docs = [{ _id: 'a', title: 'A' }, { _id: 'b' }];
    await assert.rejects(db.bulkDocs(docs, { all_or_nothing: true }), kNeedsTitle);
    assert.equal((await db.info()).doc_count, 0);
  });

  test('a function is shown the document, the revision that it edits, the user', async () => {
    const db = open();
    const shown = [];
    db.validate((...args) => void shown.push(args), {
      userCtx: () => ({ name: 'ann', roles: ['editor'] }),
      secObj: { admins: { names: ['ann'] } },
    });
    const user = { db: db.name, name: 'ann', roles: ['editor'] };
    const { rev: first } = await db.put({ _id: 'a', n: 1 });
    const { rev: second } = await db.put({ _id: 'a', _rev: first, n: 2 });
    await db.remove('a', second);
    const ids = [second.slice(2), first.slice(2)];
    const security = { admins: { names: ['ann'] } };
    assert.deepEqual(shown[0], [{ _id: 'a', n: 1 }, null, user, security]);
    const history = { start: 1, ids: ids.slice(1) };
    assert.deepEqual(shown[1], [
      { _id: 'a', _rev: first, n: 2, _revisions: history },
      { _id: 'a', _rev: first, n: 1, _revisions: history },
      user,
      security,
    ]);
    assert.deepEqual(shown[2].slice(0, 2), [
      { _id: 'a', _rev: second, _deleted: true, _revisions: { start: 2, ids } },
      { _id: 'a', _rev: second, n: 2, _revisions: { start: 2, ids } },
    ]);
  });

  test('by default there is nobody, who has no role', async () => {
    const db = open();
    let shown;
    db.validate((_, __, ...rest) => void (shown = rest));
    await db.put({ _id: 'a' });
    assert.deepEqual(shown, [{ db: db.name, name: null, roles: [] }, {}]);
  });

  test('attachments are shown as stubs', async () => {
    const db = open();
    const shown = [];
    db.validate((doc) => void shown.push(doc._attachments));
    const data = new Blob(['four'], { type: 'image/png' });
    const { rev } = await db.put({ _id: 'a', _attachments: { photo: { data } } });
    const added = await db.putAttachment('a', 'text', rev, new Blob(['x']), 'text/plain');
    await db.removeAttachment('a', 'photo', added.rev);
    assert.deepEqual(shown[0], { photo: { content_type: 'image/png', length: 4, stub: true } });
    assert.deepEqual(Object.keys(shown[1]), ['photo', 'text']);
    assert.deepEqual(shown[1].text, { content_type: 'text/plain', length: 1, stub: true });
    assert.deepEqual(Object.keys(shown[2]), ['text']);
  });

  test('what a function does to a document is not written', async () => {
    const db = open();
    db.validate((doc) => void (doc.n = 2));
    const doc = { _id: 'a', n: 1 };
    await db.put(doc);
    assert.equal(doc.n, 1);
    assert.equal((await db.get('a')).n, 1);
  });

  test('several are asked in their order, up to the first refusal; each can go', async () => {
    const db = open();
    const asked = [];
    const stop = db.validate(() => {
      asked.push('first');
      throw { forbidden: 'first' };
    });
    db.validate(async () => void asked.push('second'));
    await assert.rejects(db.put({ _id: 'a' }), { reason: 'first' });
    stop();
    await db.put({ _id: 'a' });
    assert.deepEqual(asked, ['first', 'second']);
  });

  test('a conflict is a conflict, whatever a function would say', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a', n: 1 });
    await db.put({ _id: 'a', _rev: rev, n: 2 });
    db.validate(never);
    await assert.rejects(db.put({ _id: 'a', _rev: rev, n: 3 }), { status: 409 });
    const unknown = `1-${'0'.repeat(32)}`;
    await assert.rejects(db.put({ _id: 'b', _rev: unknown }), { status: 409 });
  });

  test('a forced edit is shown with the revision that it edits', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a', n: 1 });
    await db.put({ _id: 'a', _rev: rev, n: 2 });
    const shown = [];
    db.validate((_, old) => void shown.push(old?.n));
    await db.put({ _id: 'a', _rev: rev, n: 3 }, { force: true });
    assert.deepEqual(shown, [1]);
  });

  test('a document that was deleted is a new one where no revision is named', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a' });
    const removed = await db.remove('a', rev);
    const shown = [];
    db.validate((doc, old) => void shown.push(old?._deleted ?? null));
    await db.put({ _id: 'a' });
    await db.put({ _id: 'b' });
    const again = await db.remove(await db.get('b'));
    await db.put({ _id: 'b', _rev: again.rev });
    assert.deepEqual(shown, [null, null, null, true]);
    assert.equal(removed.ok, true);
  });

  test('replications, local documents and design documents are not asked about', async () => {
    const db = open();
    const other = open();
    db.validate(never);
    await db.bulkDocs([{ _id: 'a', _rev: `1-${'0'.repeat(32)}` }], { new_edits: false });
    await db.put({ _id: '_local/a' });
    await db.put({ _id: '_design/a' });
    await other.put({ _id: 'b' });
    await db.replicate.from(other);
    assert.equal((await db.info()).doc_count, 3);
  });

  test('a malformed document is still the engine’s to refuse', async () => {
    const db = open();
    db.validate(() => {});
    await assert.rejects(db.put({ _id: 'a', _what: 1 }), { name: 'doc_validation' });
    await assert.rejects(db.put({ _id: 'a', _rev: 'x' }), { status: 400 });
    await assert.rejects(db.put({ _id: 'a', _rev: 5 }), { status: 400 });
    await assert.rejects(db.put({ _id: 'a', _attachments: 'x' }), (error) => error.status >= 400);
  });

  test('needs a function', () => {
    const db = open();
    assert.throws(() => db.validate(), { status: 400 });
    assert.throws(() => db.validate({}), { status: 400 });
  });
});

describe('validate, on a server', () => {
  test('is the server’s: its design documents do it', () => {
    const db = new Couchlet('http://127.0.0.1:1/db', { skip_setup: true });
    assert.throws(() => db.validate(needsTitle), { status: 501 });
  });
});
