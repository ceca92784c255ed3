// What a replication and a sync say of themselves, for an app to show.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { badNetwork } from 'couchlet/bad-network';
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

/** A server's database, and a network to it that can be made bad. */
async function openRemote() {
  const address = server.newDatabase();
  const behind = new Couchlet(address);
  await behind.info();
  const network = await badNetwork({ to: server.url });
  atEnd(() => network.close());
  return { behind, network, address: network.url + new URL(address).pathname };
}

/** @param {number} count */
const documents = (count) => Array.from({ length: count }, (_, n) => ({ _id: `doc-${n}`, n }));

/** @param {any} feed @returns {any[]} what it says of itself, as it says it */
function record(feed) {
  /** @type {any[]} */
  const told = [];
  feed.on('status', (/** @type {any} */ status) => told.push(status));
  return told;
}

/** @param {any[]} told */
const states = (told) => told.map(({ state }) => state).filter((s, n, all) => s !== all[n - 1]);

describe('the status of a sync', () => {
  test('goes from connecting to active to complete, with the time', async () => {
    const { address, behind } = await openRemote();
    const local = openLocal();
    await local.bulkDocs(documents(30));
    await behind.put({ _id: 'there' });
    const began = Date.now();
    const sync = local.sync(address);
    assert.deepEqual(sync.status, {
      state: 'connecting',
      pending: { push: null, pull: null, unsettled: 0 },
      progress: 0,
      lastSynced: null,
      lastError: null,
    });
    const told = record(sync);
    await sync;
    await eventually(() => assert.equal(told.at(-1).state, 'complete'));
    assert.deepEqual(states(told).slice(-2), ['active', 'complete']);
    const { lastSynced, ...status } = sync.status;
    assert.ok(lastSynced >= began && lastSynced <= Date.now());
    assert.deepEqual(status, {
      state: 'complete',
      pending: { push: 0, pull: 0, unsettled: 0 },
      progress: 1,
      lastError: null,
    });
  });

  test('tells how much is done, which never gets less', async () => {
    const { address } = await openRemote();
    const local = openLocal();
    await local.bulkDocs(documents(300));
    const push = local.replicate.to(address, { batch_size: 50 });
    const told = record(push);
    await push;
    const progress = told.map((status) => status.progress);
    assert.ok(progress.some((part) => part > 0 && part < 1), `${progress}`);
    assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
    assert.equal(push.status.progress, 1);
    const pending = told.map((status) => status.pending).filter((count) => count !== null);
    assert.deepEqual(pending, pending.toSorted((a, b) => b - a));
    assert.equal(pending.at(-1), 0);
  });

  test('is offline while nobody answers, counts what waits, and is idle again', async () => {
    const { address, network, behind } = await openRemote();
    const local = openLocal();
    const sync = local.sync(address, kLive);
    const told = record(sync);
    await eventually(() => assert.equal(sync.status.state, 'idle'));
    const synced = sync.status.lastSynced;

    network.change({ offline: true });
    await eventually(() => assert.equal(sync.status.state, 'offline'));
    await local.bulkDocs(documents(7));
    await eventually(() => assert.equal(sync.status.pending.push, 7));
    assert.equal(sync.status.lastError.status, 0);
    assert.equal(sync.status.lastSynced, synced);
    assert.equal(await local.pendingChanges(address), 7);

    network.change({ offline: false });
    sync.wake();
    await eventually(() => assert.equal(sync.status.state, 'idle'));
    assert.equal((await behind.info()).doc_count, 7);
    assert.deepEqual(sync.status.pending, { push: 0, pull: 0, unsettled: 0 });
    assert.equal(sync.status.lastError, null);
    assert.ok(sync.status.lastSynced > synced);
    assert.ok(states(told).includes('offline'), states(told).join());
    sync.cancel();
    await sync;
    await eventually(() => assert.equal(told.at(-1).state, 'stopped'));
  });

  test('is failing while the server answers with errors', async () => {
    const forward = forwardTo(server.url);
    const state = { isBroken: true };
    const way = await misbehavingServer((request, response) => {
      if (!state.isBroken) return forward(request, response);
      return answerJson(response, 500, { error: 'broken', reason: 'the disk' });
    });
    atEnd(() => way.stop());
    const address = way.url + new URL(server.newDatabase()).pathname;
    const local = openLocal();
    const sync = local.sync(address, kLive);
    await eventually(() => assert.equal(sync.status.state, 'failing'));
    assert.match(sync.status.lastError.reason, /the disk/);
    state.isBroken = false;
    await eventually(() => assert.equal(sync.status.state, 'idle'));
    sync.cancel();
    await sync;
  });

  test('counts what was written while it worked, in vain', async () => {
    const forward = forwardTo(server.url);
    const local = openLocal();
    const state = { isBroken: false };
    const guard = await misbehavingServer(async (message, response) => {
      if (!state.isBroken || !message.path.includes('_bulk_docs')) return forward(message, response);
      await local.put({ _id: 'second' }).catch(() => {}); // once
      return answerJson(response, 500, { error: 'broken', reason: 'It is broken' });
    });
    atEnd(() => guard.stop());
    const address = guard.url + new URL(server.newDatabase()).pathname;
    const sync = local.sync(address, kLive);
    await eventually(() => assert.equal(sync.status.state, 'idle'));
    state.isBroken = true;
    await local.put({ _id: 'first' });
    await eventually(() => {
      assert.equal(sync.status.state, 'failing');
      assert.deepEqual([sync.status.pending.push, sync.status.progress], [2, 0]);
    });
    sync.cancel();
    await sync;
  });

  test('does not take what a refused login has kept here for sent', async () => {
    const forward = forwardTo(server.url);
    const state = { isOut: false };
    const guard = await misbehavingServer((message, response) => {
      const isOfDocuments = /_revs_diff|_bulk_docs/.test(message.path);
      if (!state.isOut || !isOfDocuments) return forward(message, response);
      return answerJson(response, 401, { error: 'unauthorized', reason: 'Who are you?' });
    });
    atEnd(() => guard.stop());
    const local = openLocal();
    const sync = local.sync(guard.url + new URL(server.newDatabase()).pathname, kLive);
    await eventually(() => assert.equal(sync.status.state, 'idle'));
    state.isOut = true;
    const told = record(sync);
    await local.put({ _id: 'first' });
    await assert.rejects(sync, { status: 401 });
    assert.equal(sync.status.pending.push, 1);
    assert.ok(told.every(({ state: is, progress }) => is !== 'active' || progress === 0));
  });

  test('is stopped, and says why, when it has given up', async () => {
    const { address, network } = await openRemote();
    network.change({ offline: true });
    const sync = openLocal().sync(address);
    await assert.rejects(sync, { name: 'network' });
    assert.equal(sync.status.state, 'stopped');
    assert.equal(sync.status.lastError.name, 'network');
  });

  test('knows from the beginning what an earlier session has left', async () => {
    const { address, network } = await openRemote();
    const name = randomUUID();
    const earlier = new Couchlet(name);
    await earlier.put({ _id: 'first' });
    await earlier.sync(address);
    await earlier.bulkDocs(documents(3));
    await earlier.close();

    network.change({ offline: true });
    const sync = openLocal(name).sync(address, kLive);
    await eventually(() => {
      assert.equal(sync.status.state, 'offline');
      assert.equal(sync.status.pending.push, 3);
    });
    // Checkpoints know the second.
    assert.ok(Math.abs(Date.now() - sync.status.lastSynced) < 60_000);
    sync.cancel();
    await sync;
  });
});

describe('the events of a sync', () => {
  test('paused tells of the direction that cannot go on, whichever rests last', async () => {
    const forward = forwardTo(server.url);
    const guard = await misbehavingServer((message, response) => {
      if (!message.path.includes('_bulk_docs')) return forward(message, response);
      return answerJson(response, 500, { error: 'broken', reason: 'It is broken' });
    });
    atEnd(() => guard.stop());
    const address = server.newDatabase();
    const behind = new Couchlet(address);
    const local = openLocal();
    const patient = { ...kLive, back_off_function: () => 60_000 };
    const sync = local.sync(guard.url + new URL(address).pathname, patient);
    /** @type {(number | undefined)[]} */
    const told = [];
    sync.on('paused', (error) => told.push(error?.status));
    await eventually(() => assert.deepEqual(told, [undefined]));
    await local.put({ _id: 'here' });
    await eventually(() => assert.deepEqual(told, [undefined, 500]));
    await behind.put({ _id: 'there' });
    await once(sync.pull, 'paused');
    assert.deepEqual(told, [undefined, 500, 500]);
    sync.cancel();
    await sync;
  });

  test('paused is told where one direction is live and the other has ended', async () => {
    const { address } = await openRemote();
    const sync = openLocal().sync(address, { ...kLive, pull: { live: false } });
    const [error] = await once(sync, 'paused');
    assert.equal(error, undefined);
    sync.cancel();
    await sync;
  });
});

describe('a replication that waits for the network', () => {
  test('tries at once when something is written', async () => {
    const { address, network, behind } = await openRemote();
    const local = openLocal();
    const push = local.replicate.to(address, kLive);
    network.change({ offline: true });
    await local.put({ _id: 'a' });
    await eventually(() => assert.equal(push.status.state, 'offline'));
    // After some failures it would wait for long by itself.
    for (let n = 0; n < 6; n += 1) push.wake();
    network.change({ offline: false });
    await new Promise((resolve) => setTimeout(resolve, 1100)); // wakes are a second apart
    await local.put({ _id: 'b' });
    await eventually(() => behind.get('b'));
    push.cancel();
    await push;
  });

  test('tries at once when the other direction has an answer', async () => {
    const { address, network } = await openRemote();
    const local = openLocal();
    const sync = local.sync(address, kLive);
    network.change({ offline: true });
    await eventually(() => assert.equal(sync.push.status.state, 'offline'));
    await eventually(() => assert.equal(sync.pull.status.state, 'offline'));
    network.change({ offline: false });
    sync.pull.wake();
    await eventually(() => assert.equal(sync.push.status.state, 'idle'));
    sync.cancel();
    await sync;
  });
});

describe('pendingChanges', () => {
  test('counts documents that were changed since the last push', async () => {
    const { address } = await openRemote();
    const local = openLocal();
    assert.equal(await local.pendingChanges(address), 0);
    await local.bulkDocs(documents(4));
    assert.equal(await local.pendingChanges(new Couchlet(address)), 4);
    await local.replicate.to(address);
    assert.equal(await local.pendingChanges(address), 0);
    await local.put({ ...(await local.get('doc-2')), edited: true });
    await local.remove(await local.get('doc-2'));
    await local.put({ _id: 'new' });
    assert.equal(await local.pendingChanges(address), 2);
    assert.equal(await local.pendingChanges(address, { doc_ids: ['doc-2'] }), 1);
  });

  test('does not count what came from there, and a push asks for nothing of it', async () => {
    const { address, behind } = await openRemote();
    await behind.bulkDocs(documents(40));
    const proxy = await misbehavingServer(forwardTo(new URL(address).origin));
    atEnd(() => proxy.stop());
    const remote = proxy.url + new URL(address).pathname;
    const local = openLocal();
    await local.replicate.from(remote);
    assert.equal(await local.pendingChanges(remote), 0);
    assert.equal(await local.pendingChanges(address), 40, 'another database, as far as is known');
    await local.put({ ...(await local.get('doc-2')), edited: true });
    assert.equal(await local.pendingChanges(remote), 1);
    proxy.requests.length = 0;
    const { docs_written } = await local.replicate.to(remote);
    assert.equal(docs_written, 1);
    const asked = proxy.requests.filter(({ path }) => path.includes('_revs_diff'));
    assert.deepEqual(
      asked.map((request) => Object.keys(jsonOf(request))),
      [['doc-2']],
    );
  });

  test('needs no network', async () => {
    const local = openLocal();
    await local.put({ _id: 'a' });
    assert.equal(await local.pendingChanges('http://127.0.0.1:1/db'), 1);
  });

  test('works between local databases, and is refused of a remote one', async () => {
    const [here, there] = [openLocal(), openLocal()];
    await here.put({ _id: 'a' });
    assert.equal(await here.pendingChanges(there), 1);
    await here.replicate.to(there);
    assert.equal(await here.pendingChanges(there), 0);
    const remote = new Couchlet('http://127.0.0.1:1/db');
    await assert.rejects(remote.pendingChanges(here), { status: 501 });
    await assert.rejects(here.pendingChanges(/** @type {any} */ (5)), { status: 400 });
  });
});
