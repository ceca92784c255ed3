// Filters of changes feeds, in all their forms, for all kinds of database: whether the server runs
// them or this process does, the same changes pass.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind, onLocalKinds } from './database-kinds.js';
import { eventually } from './eventually.js';

const kDesign = {
  _id: '_design/zoo',
  filters: {
    ofType: 'function (doc, req) { return doc.type === req.query.type; }',
    zoo: 'function (doc) { return doc._id === "koala"; }',
    throwing: 'function () { throw new Error("oops"); }',
  },
  views: {
    marsupials: { map: "function (doc) { if (doc.type === 'marsupial') emit(doc._id); }" },
    zoo: { map: 'function (doc) { if (doc.type) emit(doc._id, 1); }' },
  },
};

/** @param {import('couchlet').default} db */
async function fill(db) {
  await db.bulkDocs([
    { _id: 'kangaroo', type: 'marsupial' },
    { _id: 'koala', type: 'marsupial' },
    { _id: 'platypus', type: 'monotreme' },
    kDesign,
  ]);
  await db.remove(await db.get('kangaroo'));
  return db;
}

/** @param {import('couchlet').ChangesResult} result */
const ids = ({ results }) => results.map(({ id }) => id).sort();

onEveryKind('filtered changes', ({ open, adapter, isCouchDB }) => {
  test('by a function, which gets the document and the query', async () => {
    const db = await fill(open());
    const seen = [];
    const result = await db.changes({
      filter(doc, req) {
        seen.push(doc);
        return doc.type === req.query.type;
      },
      query_params: { type: 'marsupial' },
    });
    assert.deepEqual(ids(result), ['koala']);
    assert.equal(result.results[0].doc, undefined);
    assert.equal(seen.length, 4);
    const tombstone = seen.find(({ _id }) => _id === 'kangaroo');
    assert.equal(tombstone._deleted, true);
    // A cluster may write one place in its feed in more than one way.
    if (adapter !== 'http') assert.equal(result.last_seq, (await db.changes()).last_seq);
  });

  test('by a function, with the documents where they are asked for', async () => {
    const db = await fill(open());
    await db.put({
      _id: 'photo',
      _attachments: { 'a.txt': { content_type: 'text/plain', data: btoa('hello') } },
    });
    const filter = (doc) => doc._id === 'photo';
    const plain = await db.changes({ filter, attachments: true });
    assert.equal(plain.results[0].doc, undefined);
    const [{ doc }] = (await db.changes({ filter, include_docs: true })).results;
    assert.equal(doc._attachments['a.txt'].stub, true);
    const options = { filter, include_docs: true, attachments: true };
    const [full] = (await db.changes(options)).results;
    assert.equal(full.doc._attachments['a.txt'].data, btoa('hello'));
  });

  test('limit counts what passes, whatever the batch size', async () => {
    const db = await fill(open());
    const filter = (doc) => doc._id === 'koala' || doc._id === 'platypus';
    for (const batch_size of [1, 2, 100]) {
      const all = await db.changes({ filter, batch_size });
      assert.deepEqual(ids(all), ['koala', 'platypus']);
      const one = await db.changes({ filter, batch_size, limit: 1 });
      assert.equal(one.results.length, 1);
      assert.deepEqual(one.last_seq, one.results[0].seq);
      const rest = await db.changes({ filter, batch_size, since: one.last_seq });
      assert.equal(rest.results.length, 1);
    }
    const none = await db.changes({ filter: () => false, limit: 1 });
    assert.deepEqual(none.results, []);
    assert.deepEqual((await db.changes({ since: none.last_seq })).results, []);
  });

  test('a function that throws is told as a bad request, by event and by promise', async () => {
    const db = await fill(open());
    const feed = db.changes({
      filter() {
        throw new Error('oops');
      },
    });
    let told;
    feed.on('error', (error) => (told = error));
    await assert.rejects(
      async () => feed,
      (error) => {
        assert.equal(error.status, 400);
        assert.equal(error.name, 'bad_request');
        assert.equal(error.message, 'Something wrong with the request');
        assert.equal(error.reason, 'Filter function threw: Error: oops');
        return error === told;
      },
    );
  });

  test('by a function of a design document', async () => {
    const db = await fill(open());
    const query_params = { type: 'monotreme' };
    assert.deepEqual(ids(await db.changes({ filter: 'zoo/ofType', query_params })), ['platypus']);
    // The short form, where both have one name.
    assert.deepEqual(ids(await db.changes({ filter: 'zoo' })), ['koala']);
  });

  test('by a view: what it emits something for', async () => {
    const db = await fill(open());
    const options = { filter: '_view', view: 'zoo/marsupials' };
    assert.deepEqual(ids(await db.changes(options)), ['koala']);
    assert.deepEqual(ids(await db.changes({ view: 'zoo/marsupials' })), ['koala']);
    const short = await db.changes({ filter: '_view', view: 'zoo' });
    assert.deepEqual(ids(short), ['koala', 'platypus']);
  });

  test('by ids, by either name', async () => {
    const db = await fill(open());
    const doc_ids = ['koala', 'unheard of', 'kangaroo'];
    const expected = ['kangaroo', 'koala'];
    assert.deepEqual(ids(await db.changes({ doc_ids })), expected);
    assert.deepEqual(ids(await db.changes({ filter: '_doc_ids', doc_ids })), expected);
    const both = await db.changes({ doc_ids, filter: (doc) => doc._id === 'koala' });
    assert.deepEqual(ids(both), ['koala']);
  });

  test('by a selector, by either name', async (t) => {
    if (adapter === 'http' && !isCouchDB) return t.skip('express-pouchdb has no filter _selector');
    const db = await fill(open());
    const selector = { type: 'marsupial' };
    assert.deepEqual(ids(await db.changes({ selector })), ['koala']);
    assert.deepEqual(ids(await db.changes({ filter: '_selector', selector })), ['koala']);
    const { results } = await db.changes({ selector, include_docs: true });
    assert.equal(results[0].doc.type, 'marsupial');
    const few = await db.changes({ selector: { type: { $exists: true } }, limit: 1 });
    assert.equal(few.results.length, 1);
  });

  test('what a design document does not have is 404', async () => {
    const db = await fill(open());
    const missing = [
      { filter: 'nowhere/ofType' },
      { filter: 'zoo/nothing' },
      { filter: '_view', view: 'zoo/nothing' },
    ];
    for (const options of missing) {
      await assert.rejects(async () => db.changes(options), { status: 404, name: 'not_found' });
    }
  });

  test('a live feed goes on filtering', async () => {
    const db = await fill(open());
    const heard = [];
    const { last_seq: since } = await db.changes();
    const feed = db.changes({ continuous: true, since, filter: (doc) => doc.type === 'marsupial' });
    feed.on('change', ({ id }) => heard.push(id));
    await db.bulkDocs([{ _id: 'echidna', type: 'monotreme' }, { _id: 'quoll', type: 'marsupial' }]);
    await eventually(() => assert.equal(heard.length, 1));
    await db.put({ _id: 'wombat', type: 'marsupial' });
    await eventually(() => assert.equal(heard.length, 2));
    feed.cancel();
    assert.equal((await feed).status, 'cancelled');
    assert.deepEqual(heard, ['quoll', 'wombat']);
  });

  test("since 'now' is the now of the call, also if a function has to be read", async () => {
    const db = await fill(open());
    const query_params = { type: 'marsupial' };
    const feed = db.changes({ live: true, since: 'now', filter: 'zoo/ofType', query_params });
    const heard = [];
    feed.on('change', ({ id }) => heard.push(id));
    // A server hears of the question and of the write in any order.
    if (adapter === 'http') await db.info();
    await db.put({ _id: 'quoll', type: 'marsupial' });
    await eventually(() => assert.deepEqual(heard, ['quoll']));
    feed.cancel();
    await feed;
  });

  test('conflicts, style and descending are as without a filter', async () => {
    const db = open();
    const edit = (hash) => ({ _id: 'a', _rev: `1-${hash.repeat(32)}`, n: 1 });
    await db.bulkDocs([edit('a'), edit('b')], { new_edits: false });
    await db.put({ _id: 'b', n: 1 });
    const filter = (doc) => doc.n === 1 && doc._conflicts === undefined;
    const { results } = await db.changes({ filter, style: 'all_docs', descending: true });
    const leaves = Object.fromEntries(results.map(({ id, changes }) => [id, changes.length]));
    assert.deepEqual(leaves, { a: 2, b: 1 });
    // The order of a cluster's feed is its own.
    if (adapter !== 'http') assert.equal(results[0].id, 'b');
    const options = { filter: (doc) => doc._id === 'a', include_docs: true, conflicts: true };
    const [{ doc }] = (await db.changes(options)).results;
    assert.deepEqual(doc._conflicts, [`1-${'a'.repeat(32)}`]);
  });

  test('what is no filter is refused', async () => {
    const db = open();
    const wrong = [
      { filter: 5 },
      { filter: {} },
      { filter: 'a/b/c' },
      { filter: '_view' },
      { filter: '_view', view: 5 },
      { filter: '_doc_ids' },
      { filter: '_selector' },
      { filter: () => true, selector: { type: 'x' } },
    ];
    for (const options of wrong) {
      await assert.rejects(async () => db.changes(options), { status: 400, name: 'bad_request' });
    }
  });
});

onLocalKinds('design functions run here', ({ open }) => {
  test('one that throws is a bad request', async () => {
    const db = await fill(open());
    await assert.rejects(async () => db.changes({ filter: 'zoo/throwing' }), {
      status: 400,
      reason: 'Filter function threw: Error: oops',
    });
  });

  test('one that is not JavaScript, or no function, says so', async () => {
    const db = open();
    await db.put({ _id: '_design/d', filters: { broken: 'function (doc) {{{', number: '5' } });
    for (const name of ['broken', 'number']) {
      await assert.rejects(async () => db.changes({ filter: `d/${name}` }), {
        status: 500,
        name: 'compilation_error',
        message: new RegExp(`^filters\\.${name} of _design/d `),
      });
    }
  });

  test('they may end in a semicolon, and find what CouchDB gives them', async () => {
    const db = open();
    const filter = 'function (doc) { return isArray(doc.n) && sum(doc.n) === 3 && toJSON(1); };\n';
    const design = { _id: '_design/d', filters: { d: filter } };
    await db.bulkDocs([{ _id: 'a', n: [1, 2] }, { _id: 'b' }, design]);
    assert.deepEqual(ids(await db.changes({ filter: 'd' })), ['a']);
  });

  test('a page whose policy forbids them is told what to do', async (t) => {
    const db = await fill(open());
    // What browsers throw.
    const forbidden = t.mock.method(globalThis, 'Function', function () {
      throw new EvalError("'unsafe-eval' is not an allowed source of script");
    });
    const answer = db.changes({ filter: 'zoo' });
    const refusal = { status: 403, name: 'forbidden', message: /unsafe-eval/ };
    await assert.rejects(async () => answer, refusal);
    assert.ok(forbidden.mock.callCount() > 0);
  });

  test('the filter _design passes design documents', async () => {
    const db = await fill(open());
    assert.deepEqual(ids(await db.changes({ filter: '_design' })), ['_design/zoo']);
  });
});
