// Changes feeds and replications that choose documents by a selector, or by a function, where a local
// database is the source. What selectors mean, the engine's own tests say.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { onLocalKinds } from './database-kinds.js';
import { eventually } from './eventually.js';

/** @param {import('couchlet').ChangesResult} result */
const ids = ({ results }) => results.map(({ id }) => id);

/** @type {Couchlet[]} */
const opened = [];

afterEach(async () => {
  for (const db of opened.splice(0)) await db.destroy();
});

/** @returns {Couchlet} */
function target() {
  const db = new Couchlet(randomUUID(), { adapter: 'memory' });
  opened.push(db);
  return db;
}

/** @param {Couchlet} db */
async function idsIn(db) {
  return (await db.allDocs()).rows.map(({ id }) => id);
}

onLocalKinds('changes by selector', ({ open }) => {
  test('are those of documents that match', async () => {
    const db = open();
    await db.bulkDocs([
      { _id: 'a', type: 'order', total: 5 },
      { _id: 'b', type: 'order', total: 50 },
      { _id: 'c', type: 'note', text: 'Grüße' },
      { _id: 'd', nested: { list: [{ n: 1 }, { n: 2 }] } },
    ]);
    const selector = { type: 'order', total: { $gt: 10 } };
    assert.deepEqual(ids(await db.changes({ selector })), ['b']);
    assert.deepEqual(ids(await db.changes({ filter: '_selector', selector })), ['b']);
    assert.deepEqual(ids(await db.changes({ selector: {} })), ['a', 'b', 'c', 'd']);
    const deep = { 'nested.list': { $elemMatch: { n: 2 } } };
    const [{ doc }] = (await db.changes({ selector: deep, include_docs: true })).results;
    assert.equal(doc?._id, 'd');
    assert.deepEqual(ids(await db.changes({ selector: deep, doc_ids: ['a'] })), []);
  });

  test('by regular expressions of JavaScript, with PCRE options in front', async () => {
    const db = open();
    await db.bulkDocs([
      { _id: 'a', name: 'Grüße' },
      { _id: 'b', name: 'gruß' },
      { _id: 'c', name: 'a-b' },
    ]);
    const by = async (/** @type {string} */ $regex) =>
      ids(await db.changes({ selector: { name: { $regex } } }));
    assert.deepEqual(await by('^Gr.ß'), ['a']);
    assert.deepEqual(await by('(?i)^GR'), ['a', 'b']);
    assert.deepEqual(await by('a\\-b'), ['c']);
    assert.deepEqual(await by('\\p{Lu}'), ['a']);
  });

  test('go on from where the last page ended, past what did not match', async () => {
    const db = open();
    await db.bulkDocs(Array.from({ length: 1000 }, (_, n) => ({ _id: `${10000 + n}`, n })));
    const selector = { n: { $mod: [100, 7] } };
    const all = await db.changes({ selector });
    assert.equal(all.results.length, 10);
    assert.equal(all.last_seq, 1000);
    const first = await db.changes({ selector, limit: 3 });
    const rest = await db.changes({ selector, since: first.last_seq });
    assert.deepEqual([...ids(first), ...ids(rest)], ids(all));
    const paged = await db.changes({ selector, batch_size: 3 });
    assert.deepEqual(ids(paged), ids(all));
  });

  test('are told live as they happen', async () => {
    const db = open();
    await db.put({ _id: 'old', n: 1 });
    const feed = db.changes({ live: true, since: 'now', selector: { n: 1 } });
    /** @type {string[]} */
    const seen = [];
    feed.on('change', ({ id }) => seen.push(id));
    await db.put({ _id: 'a', n: 2 });
    await db.put({ _id: 'b', n: 1 });
    await eventually(() => assert.deepEqual(seen, ['b']));
    feed.cancel();
  });

  test('are refused as CouchDB refuses a selector', async () => {
    const db = open();
    await db.put({ _id: 'a', n: 'x' });
    const refused = [
      [{ n: { $foo: 1 } }, 'invalid_operator', /Invalid operator: \$foo/],
      [{ n: { $in: 1 } }, 'bad_arg', /Bad argument for operator \$in: 1/],
      [{ n: { $regex: '(' } }, 'bad_arg', /regular expression/],
      [[], 'invalid_selector_json', /must be a JSON object/],
    ];
    for (const [selector, name, message] of refused) {
      await assert.rejects(
        async () => db.changes({ selector: /** @type {object} */ (selector) }),
        { status: 400, name, message },
      );
    }
  });
});

onLocalKinds('a replication from a local database', ({ open }) => {
  test('carries what a selector matches, in every revision that does', async () => {
    const db = open();
    await db.bulkDocs([
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
      { _id: 'c', n: 1 },
    ]);
    const other = target();
    const result = await db.replicate.to(other, { selector: { n: 1 } });
    assert.equal(result.docs_written, 2);
    assert.deepEqual(await idsIn(other), ['a', 'c']);
    const again = await db.replicate.to(other, { selector: { n: 1 } });
    assert.equal(again.docs_read, 0);
    const more = await db.replicate.to(other, { selector: { n: 2 } });
    assert.equal(more.docs_written, 1);
    assert.deepEqual(await idsIn(other), ['a', 'b', 'c']);
  });

  test('by selector goes on live', async () => {
    const db = open();
    const other = target();
    const replication = db.replicate.to(other, { live: true, selector: { n: 1 } });
    await db.put({ _id: 'a', n: 2 });
    await db.put({ _id: 'b', n: 1 });
    await eventually(async () => assert.deepEqual(await idsIn(other), ['b']));
    replication.cancel();
    await replication;
  });

  test('is refused with a selector that is none', async () => {
    const db = open();
    await assert.rejects(async () => db.replicate.to(target(), { selector: { n: { $no: 1 } } }), {
      status: 400,
      name: 'invalid_operator',
    });
  });
});

const kDesign = {
  _id: '_design/zoo',
  filters: { ofType: 'function (doc, req) { return doc.type === req.query.type; }' },
  views: { typed: { map: 'function (doc) { if (doc.type) emit(doc.type); }' } },
};

onLocalKinds('a replication by a function, from a local database,', ({ open }) => {
  test('carries what it lets pass, and asks it about each document once', async () => {
    const db = open();
    await db.bulkDocs([
      { _id: 'a', type: 'x' },
      { _id: 'b', type: 'y' },
      { _id: 'c', type: 'x' },
    ]);
    const other = target();
    /** @type {string[]} */
    const asked = [];
    /** @type {import('couchlet').ChangeFilter} */
    const filter = (doc, req) => {
      asked.push(doc._id);
      return /** @type {any} */ (doc).type === req.query.type;
    };
    const result = await db.replicate.to(other, { filter, query_params: { type: 'x' } });
    assert.equal(result.docs_written, 2);
    assert.deepEqual(await idsIn(other), ['a', 'c']);
    assert.deepEqual([...new Set(asked)].sort(), ['a', 'b', 'c']);
    const again = await db.replicate.to(other, { filter, query_params: { type: 'x' } });
    assert.equal(again.docs_read, 0);
    const others = await db.replicate.to(other, { filter, query_params: { type: 'y' } });
    assert.equal(others.docs_written, 1);
  });

  test('of a design document, or by a view of one', async () => {
    const db = open();
    await db.bulkDocs([kDesign, { _id: 'a', type: 'x' }, { _id: 'b', type: 'y' }, { _id: 'c' }]);
    const byName = target();
    await db.replicate.to(byName, { filter: 'zoo/ofType', query_params: { type: 'y' } });
    assert.deepEqual(await idsIn(byName), ['b']);
    const byView = target();
    await db.replicate.to(byView, { filter: '_view', view: 'zoo/typed' });
    assert.deepEqual(await idsIn(byView), ['a', 'b']);
    const nowhere = async () => db.replicate.to(target(), { filter: 'zoo/nothing' });
    await assert.rejects(nowhere, { status: 404, name: 'not_found' });
  });

  test('that throws fails with what it said', async () => {
    const db = open();
    await db.put({ _id: 'a' });
    const filter = () => {
      throw new Error('oops');
    };
    for (const options of [{}, { live: true }, { live: true, retry: true }]) {
      await assert.rejects(async () => db.replicate.to(target(), { filter, ...options }), {
        status: 400,
        reason: 'Filter function threw: Error: oops',
      });
    }
  });

  test('goes on live', async () => {
    const db = open();
    const other = target();
    const filter = (/** @type {any} */ doc) => doc.n === 1;
    const replication = db.replicate.to(other, { live: true, filter });
    await db.put({ _id: 'a', n: 2 });
    await db.put({ _id: 'b', n: 1 });
    await eventually(async () => assert.deepEqual(await idsIn(other), ['b']));
    replication.cancel();
    await replication;
  });
});

test('a replication from a server can be chosen by a function, too', async () => {
  const server = await couchDB();
  const remote = new Couchlet(server.newDatabase());
  try {
    await remote.bulkDocs(Array.from({ length: 30 }, (_, n) => ({ _id: `${100 + n}`, n })));
    const local = target();
    const filter = (/** @type {any} */ doc) => doc.n % 10 === 3;
    const result = await local.replicate.from(remote, { filter, batch_size: 4 });
    assert.equal(result.docs_written, 3);
    assert.deepEqual(await idsIn(local), ['103', '113', '123']);
  } finally {
    await server.clear();
  }
});

test('a failing replication waits as long as the app says', async () => {
  const db = target();
  /** @type {number[]} */
  const delays = [];
  const replication = db.replicate.from('http://127.0.0.1:9/nobody', {
    live: true,
    retry: true,
    back_off_function(delay) {
      delays.push(delay);
      return delay === 0 ? 1 : delay * 2;
    },
  });
  await eventually(() => assert.deepEqual(delays.slice(0, 4), [0, 1, 2, 4]));
  replication.cancel();
  await replication;
});
