// Conflicts that a sync resolves as they arrive, by the app's policy: everywhere in the same way.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';

const server = await couchDB();
after(() => server.clear());

function openLocal() {
  const db = new Couchlet(randomUUID());
  atEnd(() => db.destroy());
  return db;
}

/** Two clients that have edited the same document, which both have from the server. */
async function openConflicted() {
  const remote = new Couchlet(server.newDatabase());
  await remote.put({ _id: 'list', items: ['bread'] });
  const clients = [openLocal(), openLocal()];
  for (const db of clients) await db.replicate.from(remote);
  for (const [n, db] of clients.entries()) {
    await db.put({ ...(await db.get('list')), items: ['bread', `item ${n}`] });
  }
  return { remote, clients };
}

/** All items of all. @param {string} _id @param {any[]} leaves */
function merge(_id, leaves) {
  const items = [...new Set(leaves.flatMap((leaf) => leaf.items))].sort();
  return { ...leaves[0], items };
}

/** @param {Couchlet} db */
const list = (db) => db.get('list', { conflicts: true, revs: true });

test('clients that resolve the same conflict alike write the same revision', async () => {
  const { remote, clients } = await openConflicted();
  const [one, other] = clients;
  await one.replicate.to(remote);
  // Each resolves it without having heard of the other's resolution.
  await other.sync(remote, { resolve: merge });
  await one.replicate.from(remote);
  const conflicted = await list(one);
  assert.equal(conflicted._conflicts.length, 1);
  await one.sync(remote, { push: { doc_ids: [] }, resolve: merge });
  const resolved = await list(one);
  assert.equal(resolved._conflicts, undefined);
  assert.deepEqual(resolved.items, ['bread', 'item 0', 'item 1']);
  assert.deepEqual(await list(other), resolved);
  // Nor are they in conflict when they meet.
  for (const db of [one, other, one]) await db.sync(remote, { resolve: merge });
  for (const db of [one, other, remote]) assert.deepEqual(await list(db), resolved);
});

test('live, a conflict is resolved as it arrives, and the sync tells of it', async () => {
  const { remote, clients } = await openConflicted();
  /** @type {any[]} */
  const told = [];
  const syncs = clients.map((db) => db.sync(remote, { live: true, retry: true, resolve: merge }));
  for (const sync of syncs) sync.on('resolved', (resolution) => told.push(resolution));
  await eventually(async () => {
    for (const db of [...clients, remote]) {
      const { items, _conflicts } = await list(db);
      assert.deepEqual(items, ['bread', 'item 0', 'item 1']);
      assert.equal(_conflicts, undefined);
    }
  });
  const { _rev } = await list(remote);
  assert.ok(told.length > 0);
  for (const { id, rev, removed } of told) {
    assert.deepEqual([id, rev, removed.length], ['list', _rev, 1]);
  }
  for (const sync of syncs) sync.cancel();
  await Promise.all(syncs);
});

test("'winner' keeps the winner and removes the others", async () => {
  const { remote, clients } = await openConflicted();
  await clients[0].replicate.to(remote);
  const resolve = () => 'winner';
  await clients[1].sync(remote, { resolve });
  const { _rev, _conflicts } = await list(clients[1]);
  assert.equal(_conflicts, undefined);
  assert.match(_rev, /^2-/);
});

test('leaves come with the winner first, and with what was there before the sync', async () => {
  const { remote, clients } = await openConflicted();
  await clients[0].replicate.to(remote);
  await clients[1].replicate.from(remote);
  const before = await list(clients[1]);
  /** @type {string[][]} */
  const seen = [];
  const resolve = (id, leaves) => {
    seen.push([id, ...leaves.map(({ _rev }) => _rev)]);
    return null;
  };
  await clients[1].sync(remote, { resolve });
  assert.deepEqual(seen[0], ['list', before._rev, ...before._conflicts]);
  assert.deepEqual((await list(clients[1]))._conflicts, before._conflicts);
});

test('a policy that does not answer holds up neither cancel() nor close()', async () => {
  const { remote, clients } = await openConflicted();
  const [other, client] = clients;
  await other.replicate.to(remote);
  /** @type {[any, (answer: any) => void][]} */
  const asked = [];
  const resolve = (/** @type {string} */ _id, /** @type {any[]} */ [winner]) =>
    new Promise((answer) => asked.push([winner, answer]));
  for (const options of [{}, { live: true, retry: true }]) {
    const sync = client.sync(remote, { ...options, resolve });
    sync.on('unresolved', () => asked.push([null, () => {}]));
    await eventually(() => assert.equal(asked.length, 1));
    sync.cancel();
    await sync;
    const [[winner, answer]] = asked.splice(0);
    answer(winner); // too late
  }
  assert.equal((await list(client))._conflicts.length, 1);
  const again = new Couchlet(client.name);
  again.sync(remote, { live: true, retry: true, resolve });
  await eventually(() => assert.equal(asked.length, 1));
  await again.close();
});

test('a policy that fails leaves the conflict, is told of, and the sync goes on', async () => {
  const { remote, clients } = await openConflicted();
  await clients[0].replicate.to(remote);
  await remote.put({ _id: 'other' });
  const sync = clients[1].sync(remote, {
    resolve() {
      throw new Error('beyond me');
    },
  });
  /** @type {any[]} */
  const told = [];
  sync.on('unresolved', ({ id, error }) => told.push([id, error.message]));
  const { pull } = await sync;
  assert.equal(pull.status, 'complete');
  assert.deepEqual(told[0], ['list', 'beyond me']);
  assert.equal((await list(clients[1]))._conflicts.length, 1);
  assert.equal((await clients[1].get('other'))._id, 'other');
  assert.throws(() => clients[1].sync(remote, { resolve: /** @type {any} */ ('mine') }), {
    status: 400,
  });
});
