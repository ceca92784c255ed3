// Changes feeds and replications that choose documents by a selector, or by a function, where a local
// database is the source. What selectors mean, the engine's own tests say.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, test } from 'node:test';

import Couchlet from 'couchlet';
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
