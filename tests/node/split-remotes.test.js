// Writes go to one database of a server, and reads come from another: a service takes over what it
// approves of.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import { answerJson, forwardTo, jsonOf, misbehavingServer } from './misbehaving-server.js';

const kLive = { live: true, retry: true };

const server = await couchDB();
after(() => server.clear());

/** @param {string} [name] */
function openLocal(name = randomUUID()) {
  const db = new Couchlet(name);
  atEnd(() => db.close());
  return db;
}

/** @param {string} name */
async function openRemote(name) {
  const db = new Couchlet(server.newDatabase(name));
  atEnd(() => db.close());
  await db.info();
  return db;
}

/**
 * The service: copies what is approved, as it comes, with its history.
 *
 * @param {Couchlet} staging
 * @param {Couchlet} main
 */
function promote(staging, main) {
  const state = { approves: (/** @type {any} */ document) => !document.isSpam };
  const feed = staging.changes({ live: true, style: 'all_docs' });
  const done = (async () => {
    for await (const { id, changes } of feed) {
      const wanted = changes.map(({ rev }) => ({ id, rev }));
      const { results } = await staging.bulkGet({ docs: wanted, revs: true });
      const leaves = results.flatMap(({ docs }) => docs.map(({ ok }) => ok));
      const approved = leaves.filter((leaf) => state.approves(leaf));
      await main.bulkDocs(approved, { new_edits: false });
    }
  })();
  atEnd(async () => {
    feed.cancel();
    await done;
  });
  return state;
}

/** @param {Couchlet} db */
const ids = async (db) => (await db.allDocs()).rows.map(({ id }) => id);

/** @param {any} sync */
async function pending(sync) {
  const documents = await sync.pendingDocs();
  return documents.map(({ id, state }) => `${id} ${state}`).sort();
}

describe('split remotes', () => {
  test('writes go to one, reads come from the other, and what is read is not written', async () => {
    const [staging, main] = [await openRemote('staging'), await openRemote('main')];
    await main.bulkDocs([{ _id: 'news-1' }, { _id: 'news-2' }]);
    const local = openLocal();
    await local.put({ _id: 'mine' });
    const { push, pull } = await local.sync({ push: staging, pull: main });
    assert.deepEqual([push.docs_written, pull.docs_written], [1, 2]);
    // What was pulled is in the push's feed the next time.
    const again = await local.sync({ push: staging, pull: main });
    assert.deepEqual([again.push.docs_written, again.pull.docs_written], [0, 0]);
    assert.deepEqual(await ids(staging), ['mine']);
    assert.deepEqual(await ids(main), ['news-1', 'news-2']);
    assert.deepEqual(await ids(local), ['mine', 'news-1', 'news-2']);
  });

  test('what was sent is pending until it comes back, without a conflict', async () => {
    const [staging, main] = [await openRemote('staging'), await openRemote('main')];
    await main.put({ _id: 'page', text: 'old' });
    const local = openLocal();
    const sync = local.sync({ push: staging.name, pull: main.name }, kLive);
    await eventually(() => local.get('page'));
    await local.put({ ...(await local.get('page')), text: 'new' });
    await local.put({ _id: 'spam', isSpam: true });
    await eventually(async () => {
      assert.deepEqual(await pending(sync), ['page sent', 'spam sent']);
      assert.deepEqual(sync.status.pending, { push: 0, pull: 0, unsettled: 2 });
    });
    assert.equal((await main.get('page')).text, 'old');

    const promoter = promote(staging, main);
    await eventually(async () => assert.deepEqual(await pending(sync), ['spam sent']));
    assert.equal((await main.get('page')).text, 'new');
    for (const db of [local, staging, main]) {
      const page = await db.get('page', { conflicts: true, revs: true });
      assert.equal(page._conflicts, undefined);
      assert.equal(page._revisions.start, 2);
    }
    // Mended, it is taken over.
    promoter.approves = () => true;
    await local.put({ ...(await local.get('spam')), isSpam: false });
    await eventually(async () => assert.deepEqual(await pending(sync), []));
    await eventually(() => assert.equal(sync.status.pending.unsettled, 0));
    assert.equal((await main.get('spam')).isSpam, false);
    sync.cancel();
    await sync;
  });

  test('a deletion is sent, and comes back', async () => {
    const [staging, main] = [await openRemote('staging'), await openRemote('main')];
    await main.put({ _id: 'page' });
    const local = openLocal();
    await local.sync({ push: staging, pull: main });
    await local.remove(await local.get('page'));
    const sync = local.sync({ push: staging, pull: main });
    await sync;
    assert.deepEqual(await pending(sync), ['page sent']);
    promote(staging, main);
    await eventually(() => assert.rejects(main.get('page'), { status: 404 }));
    const later = local.sync({ push: staging, pull: main });
    await later;
    assert.deepEqual(await pending(later), []);
  });

  test('what is pending is known after a restart, without a network', async () => {
    const [staging, main] = [await openRemote('staging'), await openRemote('main')];
    const name = randomUUID();
    const earlier = new Couchlet(name);
    await earlier.put({ _id: 'sent' });
    await earlier.sync({ push: staging, pull: main });
    await earlier.put({ _id: 'unsent' });
    await earlier.close();

    const offline = async () => {
      throw new TypeError('offline');
    };
    const unreachable = (/** @type {Couchlet} */ db) => new Couchlet(db.name, { fetch: offline });
    const local = openLocal(name);
    const sync = local.sync({ push: unreachable(staging), pull: unreachable(main) }, kLive);
    await eventually(async () => {
      assert.deepEqual(await pending(sync), ['sent sent', 'unsent waiting']);
      assert.equal(sync.status.pending.unsettled, 1);
    });
    sync.cancel();
    await sync;
  });

  test('what the one refuses stays here, with the reason, until it is changed', async () => {
    const [staging, main] = [await openRemote('staging'), await openRemote('main')];
    const forward = forwardTo(server.url);
    const guard = await misbehavingServer((message, response) => {
      const isWrite = message.path.includes('_bulk_docs');
      const refused = isWrite ? jsonOf(message).docs.filter(({ isSecret }) => isSecret) : [];
      if (refused.length === 0) return forward(message, response);
      const reason = 'No secrets';
      return answerJson(
        response,
        201,
        refused.map(({ _id, _rev }) => ({ id: _id, rev: _rev, error: 'forbidden', reason })),
      );
    });
    atEnd(() => guard.stop());
    const inbox = guard.url + new URL(staging.name).pathname;
    const local = openLocal();
    await local.put({ _id: 'a', isSecret: true });
    const sync = local.sync({ push: inbox, pull: main }, kLive);
    await eventually(async () => {
      const { rev } = (await local.allDocs()).rows[0].value;
      assert.deepEqual(await sync.pendingDocs(), [
        { id: 'a', rev, state: 'refused', reason: 'No secrets' },
      ]);
    });
    assert.equal((await local.get('a')).isSecret, true);
    await local.put({ ...(await local.get('a')), isSecret: false });
    await eventually(async () => assert.deepEqual(await pending(sync), ['a sent']));
    promote(staging, main);
    await eventually(async () => assert.deepEqual(await pending(sync), []));
    sync.cancel();
    await sync;
  });

  test('two clients that write the same document meet in the database that is read', async () => {
    const [staging, main] = [await openRemote('staging'), await openRemote('main')];
    promote(staging, main);
    const clients = [openLocal(), openLocal()];
    await main.put({ _id: 'page', text: 'old' });
    const syncs = clients.map((db) => db.sync({ push: staging, pull: main }, kLive));
    for (const db of clients) await eventually(() => db.get('page'));
    for (const [n, db] of clients.entries()) {
      await db.put({ ...(await db.get('page')), text: `new ${n}` }).catch(() => {});
    }
    await eventually(async () => {
      const pages = await Promise.all(
        [...clients, main].map((db) => db.get('page', { conflicts: true })),
      );
      assert.match(pages[0].text, /new/);
      assert.deepEqual(pages[1], pages[0]);
      assert.deepEqual(pages[2], pages[0]);
      for (const sync of syncs) assert.deepEqual(await pending(sync), []);
    });
    for (const sync of syncs) sync.cancel();
    await Promise.all(syncs);
  });
});

describe('pendingDocs of a plain sync', () => {
  test('tells what is not sent yet', async () => {
    const remote = await openRemote('notes');
    const local = openLocal();
    await local.put({ _id: 'a' });
    const sync = local.sync(remote);
    await sync;
    assert.deepEqual(await pending(sync), []);
    const { rev } = await local.put({ _id: 'b' });
    assert.deepEqual(await sync.pendingDocs(), [{ id: 'b', rev, state: 'waiting' }]);
  });

  test('does not tell of what came from there', async () => {
    const remote = await openRemote('notes');
    await remote.bulkDocs([{ _id: 'a' }, { _id: 'b' }]);
    const local = openLocal();
    const sync = local.sync(remote);
    await sync;
    assert.deepEqual(await sync.pendingDocs(), []);
    const { rev } = await local.put({ ...(await local.get('a')), edited: true });
    assert.deepEqual(await sync.pendingDocs(), [{ id: 'a', rev, state: 'waiting' }]);
  });

  test('tells of the documents that are to be sent, and of no others', async () => {
    const remote = await openRemote('notes');
    const local = openLocal();
    await local.bulkDocs([
      { _id: 'a', kind: 'note' },
      { _id: 'b', kind: 'draft' },
    ]);
    for (const push of [{ doc_ids: ['a'] }, { selector: { kind: 'note' } }]) {
      const sync = local.sync(remote, { push });
      await sync;
      assert.deepEqual(await pending(sync), []);
      await local.put({ ...(await local.get('a')), edited: Object.keys(push)[0] });
      await local.put({ ...(await local.get('b')), edited: Object.keys(push)[0] });
      assert.deepEqual(await pending(sync), ['a waiting']);
    }
  });
});
