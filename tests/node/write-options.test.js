// Options and forms of put, post, remove and bulkDocs, for all kinds of database.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind, onLocalKinds } from './database-kinds.js';

const kConflict = { status: 409, name: 'conflict', message: 'Document update conflict' };

onEveryKind('write options', ({ open, adapter, isCouchDB }) => {
  test('force: an edit of a revision that has been edited since is a conflict', async () => {
    const db = open();
    const { rev: first } = await db.put({ _id: 'a', n: 1 });
    const { rev: second } = await db.put({ _id: 'a', _rev: first, n: 2 });
    await assert.rejects(db.put({ _id: 'a', _rev: first, n: 3 }), kConflict);
    const forced = await db.put({ _id: 'a', _rev: first, n: 3 }, { force: true });
    assert.equal(forced.ok, true);
    assert.equal(forced.id, 'a');
    assert.match(forced.rev, /^2-[0-9a-f]{32}$/);
    const { n } = await db.get('a', { rev: forced.rev });
    assert.equal(n, 3);
    const { _rev, _conflicts } = await db.get('a', { conflicts: true });
    assert.deepEqual([_rev, ..._conflicts].sort(), [second, forced.rev].sort());
    const { _revisions } = await db.get('a', { rev: forced.rev, revs: true });
    assert.deepEqual(_revisions.ids[1], first.slice(2));
  });

  test('force: the revision need not be here', async () => {
    const db = open();
    await db.put({ _id: 'a', n: 1 });
    const unknown = `3-${'0'.repeat(32)}`;
    const { rev } = await db.put({ _id: 'a', _rev: unknown, n: 2 }, { force: true });
    assert.match(rev, /^4-/);
    assert.equal((await db.get('a')).n, 2);
  });

  test('force: without a revision it is an ordinary write', async () => {
    const db = open();
    assert.match((await db.put({ _id: 'a' }, { force: true })).rev, /^1-/);
    await assert.rejects(db.put({ _id: 'a' }, { force: true }), { ...kConflict, docId: 'a' });
    await assert.rejects(db.put({ _id: 'a', _rev: 'x' }, { force: true }), { status: 400 });
  });

  test('new_edits false: a document brings its revision', async () => {
    const db = open();
    const rev = `3-${'c'.repeat(32)}`;
    const written = await db.put({ _id: 'a', _rev: rev, n: 1 }, { new_edits: false });
    assert.deepEqual(written, { ok: true, id: 'a', rev });
    assert.equal((await db.get('a'))._rev, rev);
    assert.deepEqual(await db.put({ _id: 'a', _rev: rev, n: 1 }, { new_edits: false }), written);
    const posted = await db.post({ _id: 'b', _rev: rev }, { new_edits: false });
    assert.deepEqual(posted, { ok: true, id: 'b', rev });
  });

  test('remove takes a document, an id and a revision, or either with options', async () => {
    const db = open();
    const forms = [
      ({ id, rev }) => db.remove({ _id: id, _rev: rev }),
      ({ id, rev }) => db.remove({ _id: id, _rev: rev, more: 1 }, {}),
      ({ id, rev }) => db.remove({ _id: id }, { rev }),
      ({ id, rev }) => db.remove(id, rev),
      ({ id, rev }) => db.remove(id, rev, {}),
      ({ id, rev }) => db.remove(id, { rev }),
      ({ id, rev }) => new Promise((resolve) => db.remove(id, rev, (_, done) => resolve(done))),
      ({ id, rev }) =>
        new Promise((resolve) => db.remove({ _id: id, _rev: rev }, {}, (_, done) => resolve(done))),
    ];
    for (const [number, form] of forms.entries()) {
      const written = await db.put({ _id: `${number}`, content: 1 });
      const { ok, id, rev } = await form(written);
      assert.equal(ok, true);
      assert.equal(id, written.id);
      assert.match(rev, /^2-/);
      const reason = isCouchDB ? 'deleted' : 'missing';
      const missing = { status: 404, name: 'not_found', reason, docId: id };
      await assert.rejects(db.get(id), missing);
      const tombstone = await db.get(id, { rev });
      assert.deepEqual(tombstone, { _id: id, _rev: rev, _deleted: true });
    }
  });

  test('remove without the present revision is a conflict', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a' });
    await db.put({ _id: 'a', _rev: rev, n: 1 });
    await assert.rejects(db.remove('a', rev), { ...kConflict, docId: 'a' });
    // express-pouchdb takes a DELETE without a revision for one of the present revision.
    if (isCouchDB) await assert.rejects(db.remove({ _id: 'a' }), kConflict);
  });

  test('bulkDocs takes an array or an object, and new_edits in either place', async () => {
    const db = open();
    const rev = `2-${'d'.repeat(32)}`;
    assert.equal((await db.bulkDocs([{ _id: 'a' }])).length, 1);
    assert.equal((await db.bulkDocs({ docs: [{ _id: 'b' }] })).length, 1);
    const replicated = { docs: [{ _id: 'c', _rev: rev }], new_edits: false };
    assert.deepEqual(await db.bulkDocs(replicated), []);
    assert.deepEqual(await db.bulkDocs([{ _id: 'd', _rev: rev }], { new_edits: false }), []);
    assert.equal((await db.get('c'))._rev, rev);
    assert.equal((await db.get('d'))._rev, rev);
    assert.deepEqual(await db.bulkDocs([]), []);
    const byCallback = await new Promise((resolve) =>
      db.bulkDocs([{ _id: 'e' }], (error, answer) => resolve([error, answer[0].id])),
    );
    assert.deepEqual(byCallback, [null, 'e']);
  });

  test('an error names the document, also of post', async () => {
    const db = open();
    await db.post({ _id: 'a' });
    await assert.rejects(db.post({ _id: 'a' }), { ...kConflict, docId: 'a' });
    const wrong = db.putAttachment('a', 'x', '*', 'text/plain');
    await assert.rejects(wrong, { status: 400, docId: 'a' });
  });

  test('local documents have revisions of their own kind', async () => {
    const db = open();
    const first = await db.put({ _id: '_local/a', n: 1 });
    assert.deepEqual(first, { ok: true, id: '_local/a', rev: '0-1' });
    // CouchDB takes a write without a revision for a new document.
    if (!isCouchDB || adapter !== 'http') {
      await assert.rejects(db.put({ _id: '_local/a', n: 2 }), kConflict);
    }
    const second = await db.put({ _id: '_local/a', _rev: first.rev, n: 2 });
    assert.equal(second.rev, '0-2');
    assert.deepEqual(await db.get('_local/a'), { _id: '_local/a', _rev: '0-2', n: 2 });
    assert.equal((await db.remove('_local/a', '0-2')).ok, true);
    const missing = { status: 404, name: 'not_found', message: 'missing' };
    await assert.rejects(db.get('_local/a'), missing);
    assert.equal((await db.put({ _id: '_local/a' })).rev, '0-1');
    assert.equal((await db.remove(await db.get('_local/a'))).ok, true);
    await assert.rejects(db.remove('_local/a', '0-1'), { status: 404, message: 'missing' });
    assert.equal((await db.info()).doc_count, 0);
  });
});

onEveryKind('reading many', ({ open, isCouchDB }) => {
  test('keys can not be asked for together with a range', async () => {
    const db = open();
    for (const [option, name] of [
      ['startkey', 'startkey'],
      ['start_key', 'startkey'],
      ['endkey', 'endkey'],
      ['end_key', 'endkey'],
      ['key', 'key'],
    ]) {
      await assert.rejects(db.allDocs({ keys: ['a'], [option]: 'b' }), {
        status: 400,
        name: 'query_parse_error',
        message: 'Some query parameter is invalid',
        reason: `Query parameter \`${name}\` is not compatible with multi-get`,
      });
    }
    for (const keys of ['a', {}, null, 5]) {
      await assert.rejects(db.allDocs({ keys }), { message: 'options.keys must be an array' });
    }
  });

  test('keys go with limit, skip and descending', async () => {
    const db = open();
    await db.bulkDocs([{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }]);
    const keysOf = async (options) =>
      (await db.allDocs({ keys: ['a', 'zz', 'b', 'a'], ...options })).rows.map(({ key }) => key);
    assert.deepEqual(await keysOf({}), ['a', 'zz', 'b', 'a']);
    assert.deepEqual(await keysOf({ limit: 2 }), ['a', 'zz']);
    assert.deepEqual(await keysOf({ skip: 1, limit: 2 }), ['zz', 'b']);
    assert.deepEqual(await keysOf({ descending: true }), ['a', 'b', 'zz', 'a']);
    // express-pouchdb takes rows away before it turns them around.
    if (isCouchDB) assert.deepEqual(await keysOf({ descending: true, skip: 1, limit: 1 }), ['b']);
    assert.deepEqual((await db.allDocs({ keys: [] })).rows, []);
  });

  test('start_key and end_key are names of startkey and endkey', async () => {
    const db = open();
    await db.bulkDocs([{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }]);
    const { rows } = await db.allDocs({ start_key: 'b', end_key: 'c', inclusive_end: false });
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['b'],
    );
  });

  test('bulkGet answers for each in its place, also for what is no id', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a' });
    const docs = [{}, { id: 'a' }, { id: 5 }, null, { id: 'b' }];
    const { results } = await db.bulkGet({ docs });
    assert.deepEqual(
      // express-pouchdb says nothing of what is missing.
      results.map(({ docs: [{ ok, error }] }) => ok?._rev ?? error?.reason ?? 'missing'),
      [
        '_id field must contain a string',
        rev,
        '_id field must contain a string',
        '_id field must contain a string',
        'missing',
      ],
    );
    assert.deepEqual(await db.bulkGet({ docs: [] }), { results: [] });
    for (const request of [undefined, {}, { docs: 'a' }]) {
      await assert.rejects(db.bulkGet(request), { status: 400, name: 'bad_request' });
    }
    for (const request of [undefined, null, [], 'a']) {
      await assert.rejects(db.revsDiff(request), { status: 400, message: /revsDiff/ });
    }
  });

  test('open_revs that are named are answered for where there is no document', async () => {
    const db = open();
    const rev = `1-${'a'.repeat(32)}`;
    assert.deepEqual(await db.get('nowhere', { open_revs: [rev] }), [{ missing: rev }]);
    await assert.rejects(db.get('nowhere', { open_revs: 'all' }), { status: 404 });
  });

  test('id is the same each time, and another for another database', async () => {
    const [a, b] = [open(), open()];
    const id = await a.id();
    assert.equal(typeof id, 'string');
    assert.equal(await a.id(), id);
    assert.notEqual(await b.id(), id);
    assert.equal(await new Promise((resolve) => a.id((_error, value) => resolve(value))), id);
  });

  test('changes since a sequence that is written as text', async () => {
    const db = open();
    await db.bulkDocs([{ _id: 'a' }, { _id: 'b' }]);
    const { results, last_seq } = await db.changes({ limit: 1 });
    const rest = await db.changes({ since: `${results[0].seq}` });
    assert.equal(rest.results.length, 1);
    assert.deepEqual((await db.changes({ since: 'now' })).results, []);
    assert.ok(last_seq);
  });

  test('timeout and heartbeat may be false', async () => {
    const db = open();
    await db.put({ _id: 'a' });
    const { results } = await db.changes({ timeout: false, heartbeat: false, seq_interval: 2 });
    assert.equal(results.length, 1);
    const feed = db.changes({ live: true, timeout: false, heartbeat: false });
    for await (const { id } of feed) {
      assert.equal(id, 'a');
      break;
    }
  });
});

// Servers differ in this.
onLocalKinds('keys of allDocs', ({ open }) => {
  test('keys that are no texts come before all ids, or after them', async () => {
    const db = open();
    await db.bulkDocs([{ _id: 'a' }, { _id: 'b' }]);
    const idsOf = async (options) => (await db.allDocs(options)).rows.map(({ id }) => id).join('');
    const first = [false, 5];
    const last = [[], {}, { a: 1 }];
    for (const key of [...first, ...last]) assert.equal(await idsOf({ key }), '');
    for (const startkey of first) assert.equal(await idsOf({ startkey }), 'ab');
    for (const startkey of last) assert.equal(await idsOf({ startkey }), '');
    for (const endkey of first) assert.equal(await idsOf({ endkey }), '');
    for (const end_key of last) assert.equal(await idsOf({ startkey: 'b', end_key }), 'b');
    const backwards = { descending: true };
    for (const startkey of last) assert.equal(await idsOf({ ...backwards, startkey }), 'ba');
    for (const start_key of first) assert.equal(await idsOf({ ...backwards, start_key }), '');
    for (const endkey of first) assert.equal(await idsOf({ ...backwards, endkey }), 'ba');
    for (const endkey of last) assert.equal(await idsOf({ ...backwards, endkey }), '');
    const none = await db.allDocs({ key: 5 });
    assert.equal(none.total_rows, 2);

    const keys = [5, 'a', { b: 1 }, '', true];
    const notFound = (key) => ({ key, error: 'not_found' });
    const { rows } = await db.allDocs({ keys });
    assert.equal(rows[1].id, 'a');
    assert.deepEqual([0, 2, 3, 4].map((n) => rows[n]), [0, 2, 3, 4].map((n) => notFound(keys[n])));
    const some = await db.allDocs({ keys, skip: 2, limit: 2 });
    assert.deepEqual(some.rows, [notFound({ b: 1 }), notFound('')]);
  });
});
