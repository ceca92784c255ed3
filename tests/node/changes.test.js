import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import Couchlet from 'couchlet';
import { isCouchDB } from './couchdb-server.js';
import { onEveryKind, onLocalKinds } from './database-kinds.js';

/** @param {{results: {id: string}[]}} answer */
const ids = ({ results }) => results.map(({ id }) => id);

/** @param {string} hash */
const digest = (hash) => hash.padEnd(32, '0');

/**
 * The feed's changes as they come: next() is the one after the last.
 *
 * @param {import('couchlet').Changes} feed
 */
function reader(feed) {
  const changes = feed[Symbol.asyncIterator]();
  return { next: async () => (await changes.next()).value };
}

onEveryKind('changes', ({ open, adapter }) => {
  async function openWithDocuments() {
    const db = open();
    for (const _id of ['a', 'b', 'c']) await db.put({ _id, letter: _id });
    return db;
  }

  test('a document is in the feed once, with its last change', async () => {
    const db = await openWithDocuments();
    const { rev } = await db.put({ ...(await db.get('a')), again: true });
    const { results, last_seq: last } = await db.changes();
    assert.deepEqual(ids({ results }), ['b', 'c', 'a']);
    assert.deepEqual(results[2], { id: 'a', seq: last, changes: [{ rev }] });
  });

  test('an empty database has none', async () => {
    const { results, last_seq: last } = await open().changes();
    assert.deepEqual(results, []);
    if (adapter !== 'http') assert.equal(last, 0);
  });

  test('since goes on from where another answer ended', async () => {
    const db = await openWithDocuments();
    const { last_seq: since } = await db.changes();
    assert.deepEqual((await db.changes({ since })).results, []);
    await db.put({ _id: 'd' });
    assert.deepEqual(ids(await db.changes({ since })), ['d']);
    const now = await db.changes({ since: 'now' });
    assert.deepEqual(now.results, []);
    await db.put({ _id: 'e' });
    assert.deepEqual(ids(await db.changes({ since: now.last_seq })), ['e']);
  });

  test('feed: continuous goes on as live does', async () => {
    const db = await openWithDocuments();
    const { last_seq: since } = await db.changes();
    const feed = db.changes({ feed: 'continuous', since, heartbeat: 1000 });
    const changes = reader(feed);
    await db.put({ _id: 'd' });
    assert.equal((await changes.next()).id, 'd');
    await db.put({ _id: 'e' });
    assert.equal((await changes.next()).id, 'e');
    feed.cancel();
    assert.equal((await feed).status, 'cancelled');
  });

  test('feed: longpoll ends with the first changes there are', async () => {
    const db = await openWithDocuments();
    const { last_seq: since } = await db.changes({ feed: 'normal' });
    assert.deepEqual(ids(await db.changes({ feed: 'longpoll' })), ['a', 'b', 'c']);
    const waiting = db.changes({ feed: 'longpoll', since });
    await db.put({ _id: 'd' });
    assert.deepEqual(ids(await waiting), ['d']);
  });

  const isHeeded = adapter !== 'http' || isCouchDB;
  test('feed: longpoll ends after its timeout', async (t) => {
    if (!isHeeded) return t.skip('express-pouchdb heeds no timeout');
    const db = await openWithDocuments();
    const { last_seq: since } = await db.changes();
    const { results } = await db.changes({ feed: 'longpoll', since, timeout: 20, heartbeat: false });
    assert.deepEqual(results, []);
  });

  test('a feed that there is not is refused', async () => {
    const expected = { status: 400, reason: /feed must be/ };
    await assert.rejects(async () => open().changes({ feed: 'eventsource' }), expected);
  });

  test('limit ends it, and it can be gone on with', async () => {
    const db = await openWithDocuments();
    const first = await db.changes({ limit: 2 });
    assert.deepEqual(ids(first), ['a', 'b']);
    assert.deepEqual(ids(await db.changes({ since: first.last_seq })), ['c']);
    assert.deepEqual(ids(await db.changes({ limit: 0 })), ['a']); // as 1, in CouchDB
  });

  test('descending turns it round', async () => {
    const db = await openWithDocuments();
    assert.deepEqual(ids(await db.changes({ descending: true })), ['c', 'b', 'a']);
    assert.deepEqual(ids(await db.changes({ descending: true, limit: 1 })), ['c']);
  });

  test('include_docs brings the documents, tombstones too', async () => {
    const db = await openWithDocuments();
    const { rev } = await db.remove(await db.get('b'));
    const { results } = await db.changes({ include_docs: true });
    assert.deepEqual(ids({ results }), ['a', 'c', 'b']);
    assert.equal(results[0].doc?.letter, 'a');
    assert.equal(results[2].deleted, true);
    assert.deepEqual(results[2].doc, { _id: 'b', _rev: rev, _deleted: true });
  });

  test('style all_docs names every leaf, the winner first', async () => {
    const db = open();
    const [winner, loser] = ['b', 'a'].map((hash) => `1-${digest(hash)}`);
    await db.bulkDocs(
      [winner, loser].map((_rev) => ({ _id: 'a', _rev })),
      { new_edits: false },
    );
    const { results: main } = await db.changes();
    assert.deepEqual(main[0].changes, [{ rev: winner }]);
    const { results: all } = await db.changes({ style: 'all_docs' });
    assert.deepEqual(all[0].changes, [{ rev: winner }, { rev: loser }]);
    const { results } = await db.changes({ include_docs: true, conflicts: true });
    assert.deepEqual(results[0].doc?._conflicts, [loser]);
  });

  test('doc_ids picks documents', async () => {
    const db = await openWithDocuments();
    assert.deepEqual(ids(await db.changes({ doc_ids: ['c', 'a', 'nothing'] })), ['a', 'c']);
    assert.deepEqual(ids(await db.changes({ doc_ids: [] })), []);
  });

  test('batch_size asks for a few at a time, to the same effect', async () => {
    const db = await openWithDocuments();
    const { results, last_seq: last } = await db.changes();
    const batched = await db.changes({ batch_size: 2 });
    assert.deepEqual(batched.results, results);
    assert.deepEqual(batched.last_seq, last);
    assert.deepEqual(ids(await db.changes({ batch_size: 1, limit: 2 })), ['a', 'b']);
  });

  test('events tell what the promise resolves to', async () => {
    const db = await openWithDocuments();
    const feed = db.changes({ include_docs: true });
    const changes = [];
    feed.on('change', (change) => changes.push(change));
    const [completed] = await once(feed, 'complete');
    assert.equal(completed, await feed);
    assert.deepEqual(completed.results, changes);
    assert.deepEqual(ids(completed), ['a', 'b', 'c']);
  });

  test('without return_docs the changes are in the events only', async () => {
    const db = await openWithDocuments();
    const feed = db.changes({ return_docs: false });
    let count = 0;
    feed.on('change', () => (count += 1));
    assert.deepEqual((await feed).results, []);
    assert.equal(count, 3);
  });

  test('a callback gets the whole answer', async () => {
    const db = await openWithDocuments();
    const answer = await new Promise((resolve, reject) => {
      db.changes((error, value) => (error ? reject(error) : resolve(value)));
    });
    assert.deepEqual(ids(answer), ['a', 'b', 'c']);
  });

  test('for await reads them one after another', async () => {
    const db = await openWithDocuments();
    const seen = [];
    for await (const { id } of db.changes()) seen.push(id);
    assert.deepEqual(seen, ['a', 'b', 'c']);
  });

  test('an error is an event, a rejection, and thrown by for await', async () => {
    const db = await openWithDocuments();
    await db.close();
    const feed = db.changes();
    const [error] = await once(feed, 'error').catch((rejection) => [rejection]);
    assert.equal(error.message, 'database is closed');
    await assert.rejects(feed, { message: 'database is closed' });
    await assert.rejects(
      async () => {
        for await (const _ of db.changes()) assert.fail('there is no change');
      },
      { message: 'database is closed' },
    );
  });

  test('live, it goes on with what changes later', async () => {
    const db = await openWithDocuments();
    const feed = db.changes({ live: true, include_docs: true });
    const changes = reader(feed);
    for (const id of ['a', 'b', 'c']) assert.equal((await changes.next()).id, id);
    for (const id of ['d', 'e']) {
      await db.put({ _id: id, letter: id });
      assert.equal((await changes.next()).doc.letter, id);
    }
    const { rev } = await db.remove(await db.get('a'));
    assert.deepEqual((await changes.next()).changes, [{ rev }]);
    feed.cancel();
    assert.equal(await changes.next(), undefined);
    assert.equal((await feed).status, 'cancelled');
    assert.deepEqual((await feed).results, []);
  });

  test('live since now, it begins with the next change', async () => {
    const db = await openWithDocuments();
    const { last_seq: since } = await db.changes();
    const feed = db.changes({ live: true, since: 'now' });
    const changes = reader(feed);
    // Over HTTP the feed and the write travel side by side: only what is written later must be
    // seen.
    if (adapter === 'http') await db.changes({ since });
    await db.put({ _id: 'new' });
    assert.equal((await changes.next()).id, 'new');
    feed.cancel();
  });

  test('live with doc_ids, it tells of those documents only', async () => {
    const db = await openWithDocuments();
    const feed = db.changes({ live: true, doc_ids: ['b', 'later'] });
    const changes = reader(feed);
    assert.equal((await changes.next()).id, 'b');
    await db.put({ _id: 'other' });
    await db.put({ _id: 'later' });
    assert.equal((await changes.next()).id, 'later');
    feed.cancel();
  });

  test('live with a limit, it ends after so many', async () => {
    const db = await openWithDocuments();
    const feed = db.changes({ live: true, limit: 4, return_docs: true });
    await db.put({ _id: 'd' });
    const { results, status } = await feed;
    assert.deepEqual(ids({ results }), ['a', 'b', 'c', 'd']);
    assert.equal(status, undefined);
  });

  test('cancelled at once, it completes without a change', async () => {
    const db = await openWithDocuments();
    for (const live of [true, false]) {
      const feed = db.changes({ live });
      let changes = 0;
      feed.on('change', () => (changes += 1));
      feed.cancel();
      feed.cancel();
      assert.equal((await feed).status, 'cancelled');
      assert.equal(changes, 0);
    }
  });

  test('cancelled by a listener, it ends with that change', async () => {
    const db = await openWithDocuments();
    const feed = db.changes({ live: true });
    const seen = [];
    feed.on('change', ({ id }) => {
      seen.push(id);
      if (id === 'b') feed.cancel();
    });
    await feed;
    assert.deepEqual(seen, ['a', 'b']);
  });

  test('a signal cancels it', async () => {
    const db = await openWithDocuments();
    const abort = new AbortController();
    const feed = db.changes({ live: true, signal: abort.signal });
    feed.on('change', ({ id }) => id === 'c' && abort.abort());
    assert.equal((await feed).status, 'cancelled');
    assert.equal((await db.changes({ signal: AbortSignal.abort() })).status, 'cancelled');
  });

  test('leaving for await cancels it', async () => {
    const db = await openWithDocuments();
    const feed = db.changes({ live: true });
    for await (const { id } of feed) if (id === 'b') break;
    assert.equal((await feed).status, 'cancelled');
  });

  test('for await reads no faster than its reader, batch by batch', async () => {
    const db = await openWithDocuments();
    const feed = db.changes({ batch_size: 1 });
    let delivered = 0;
    feed.on('change', () => (delivered += 1));
    const changes = reader(feed);
    assert.equal((await changes.next()).id, 'a');
    await db.allDocs();
    assert.ok(delivered <= 2, `${delivered} were read ahead`);
    assert.equal((await changes.next()).id, 'b');
    assert.equal((await changes.next()).id, 'c');
    assert.equal(await changes.next(), undefined);
  });

  test('a feed has one iteration', async () => {
    const feed = (await openWithDocuments()).changes();
    reader(feed);
    assert.throws(() => reader(feed), TypeError);
  });
});

onLocalKinds('changes', ({ open, adapter }) => {
  test('a live feed tells of what another instance writes', async () => {
    const db = open();
    const other = new Couchlet(db.name, { adapter });
    const feed = db.changes({ live: true });
    const changes = reader(feed);
    await other.put({ _id: 'a' });
    assert.equal((await changes.next()).id, 'a');
    feed.cancel();
    await other.close();
  });

  test('thousands of changes come in their order, live and at once', async () => {
    const db = open();
    const names = Array.from({ length: 1234 }, (_, n) => `doc-${n}`);
    await db.bulkDocs(names.map((_id) => ({ _id })));
    assert.deepEqual(ids(await db.changes()), names);
    const feed = db.changes({ live: true, limit: names.length, return_docs: true });
    assert.deepEqual(ids(await feed), names);
  });
});
