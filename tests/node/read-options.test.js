// Options of get, bulkGet and changes that no other test is about, for all kinds of database.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind } from './database-kinds.js';

/** @param {any} data a Blob in browsers, in Node a Buffer */
const textOf = (data) => (data instanceof Blob ? data.text() : String(data));

const kText = { content_type: 'image/png', data: btoa('picture') };
const edit = (/** @type {string} */ hash) => ({ _id: 'a', _rev: `1-${hash.repeat(32)}` });

onEveryKind('read options', ({ open, isCouchDB }) => {
  test('local_seq tells of the last change', async (t) => {
    if (!isCouchDB) return t.skip('express-pouchdb has no local_seq');
    const db = open();
    await db.put({ _id: 'a' });
    await db.put({ _id: 'b' });
    const { _local_seq } = await db.get('b', { local_seq: true });
    assert.ok(_local_seq !== undefined);
    assert.equal((await db.get('b'))._local_seq, undefined);
  });

  test('options that are false, null or undefined are as if they were not there', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a', n: 1 });
    const plain = { _id: 'a', _rev: rev, n: 1 };
    const names = ['revs', 'revs_info', 'conflicts', 'attachments', 'binary', 'latest'];
    for (const value of [false, undefined, null]) {
      const options = Object.fromEntries(names.map((name) => [name, value]));
      assert.deepEqual(await db.get('a', options), plain);
    }
    assert.deepEqual(await db.get('a', { rev: undefined, open_revs: undefined }), plain);
    assert.deepEqual(await db.get('a', { rev: null, open_revs: null }), plain);
    assert.deepEqual(await db.get('a', undefined), plain);
    assert.deepEqual(await db.get('a', null), plain);
    const all = { key: undefined, keys: undefined, startkey: undefined, endkey: undefined };
    assert.equal((await db.allDocs({ ...all, limit: undefined, skip: undefined })).rows.length, 1);
    const since = { since: undefined, limit: undefined, filter: undefined, view: undefined };
    const wanted = { doc_ids: undefined, selector: undefined, style: undefined };
    assert.equal((await db.changes({ ...since, ...wanted })).results.length, 1);
  });

  test('bulkGet brings histories and data where they are asked for', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'a', _attachments: { 'a.png': kText } });
    const only = async (options) => {
      const { results } = await db.bulkGet({ docs: [{ id: 'a', rev }], ...options });
      assert.equal(results[0].id, 'a');
      return results[0].docs[0].ok;
    };
    const plain = await only({});
    assert.equal(plain._revisions, undefined);
    assert.deepEqual((await only({ revs: true }))._revisions, { start: 1, ids: [rev.slice(2)] });
    assert.equal((await only({ attachments: true }))._attachments['a.png'].data, kText.data);
    const { data } = (await only({ attachments: true, binary: true }))._attachments['a.png'];
    assert.equal(await textOf(data), 'picture');
    assert.equal(data.type, 'image/png');
  });

  test('changes bring data where it is asked for', async () => {
    const db = open();
    await db.put({ _id: 'a', _attachments: { 'a.png': kText } });
    const only = async (options) => {
      const { results } = await db.changes({ include_docs: true, ...options });
      return results[0].doc._attachments['a.png'];
    };
    const stub = await only({});
    assert.equal(stub.stub, true);
    assert.equal(stub.data, undefined);
    const inline = await only({ attachments: true });
    assert.equal(inline.data, kText.data);
    assert.equal(inline.stub, undefined);
    assert.equal(await textOf((await only({ attachments: true, binary: true })).data), 'picture');
    const bare = await db.changes({ attachments: true });
    assert.equal(bare.results[0].doc, undefined);
  });

  test('conflicts come with the documents of changes and of allDocs', async () => {
    const db = open();
    await db.bulkDocs([edit('a'), edit('b')], { new_edits: false });
    const options = { include_docs: true, conflicts: true };
    const others = [edit('a')._rev];
    assert.deepEqual((await db.changes(options)).results[0].doc._conflicts, others);
    assert.deepEqual((await db.allDocs(options)).rows[0].doc._conflicts, others);
    assert.equal((await db.allDocs({ conflicts: true })).rows[0].doc, undefined);
  });

  test('an attachment is read as it was in a revision', async () => {
    const db = open();
    const first = await db.putAttachment('a', 'a.png', btoa('old'), 'image/png');
    await db.putAttachment('a', 'a.png', first.rev, btoa('new'), 'image/png');
    const read = async (options) => textOf(await db.getAttachment('a', 'a.png', options));
    assert.equal(await read(undefined), 'new');
    assert.equal(await read({ rev: first.rev }), 'old');
    await assert.rejects(db.getAttachment('a', 'a.png', { rev: edit('0')._rev }), { status: 404 });
    const viaCallback = await new Promise((resolve) =>
      db.getAttachment('a', 'a.png', (_error, data) => resolve(data)),
    );
    assert.equal(viaCallback.type, 'image/png');
  });

  test('each call also has a callback', async () => {
    const db = open();
    const called = (/** @type {string} */ method, ...args) =>
      new Promise((resolve) => db[method](...args, (...outcome) => resolve(outcome)));
    const [none, { rev }] = await called('put', { _id: 'a' });
    assert.equal(none, null);
    const calls = [
      ['put', { _id: 'b' }, {}],
      ['post', {}],
      ['post', {}, {}],
      ['get', 'a'],
      ['get', 'a', {}],
      ['bulkDocs', []],
      ['bulkDocs', [], {}],
      ['allDocs'],
      ['allDocs', {}],
      ['changes'],
      ['changes', {}],
      ['bulkGet', { docs: [] }],
      ['revsDiff', {}],
      ['putAttachment', 'c', 'x', btoa('x'), 'text/plain'],
      ['info'],
      ['id'],
      ['remove', 'a', rev],
    ];
    for (const [method, ...args] of calls) {
      const [error, answer] = await called(method, ...args);
      assert.equal(error, null, method);
      assert.notEqual(answer, undefined, method);
    }
    const [error, nothing] = await called('get', 'a');
    assert.equal(error.status, 404);
    assert.equal(nothing, undefined);
  });
});
