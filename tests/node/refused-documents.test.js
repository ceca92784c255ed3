// Documents that a server refuses: each is told of once, is remembered over a restart, and is not
// sent again until it has been changed.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import { answerJson, forwardTo, jsonOf, misbehavingServer } from './misbehaving-server.js';

const server = await couchDB();
after(() => server.clear());

/** A server that refuses what is secret, and counts how often that was sent. */
async function guardedServer() {
  const forward = forwardTo(server.url);
  const state = { sent: 0, isBroken: false, isGuarded: true, namesRevisions: true };
  const guard = await misbehavingServer((message, response) => {
    if (state.isBroken) return response.destroy();
    const isWrite = state.isGuarded && message.path.includes('_bulk_docs');
    const refused = isWrite ? jsonOf(message).docs.filter(({ isSecret }) => isSecret) : [];
    if (refused.length === 0) return forward(message, response);
    state.sent += 1;
    const reason = 'No secrets';
    return answerJson(
      response,
      201,
      refused.map(({ _id, _rev }) => ({
        id: _id,
        rev: state.namesRevisions ? _rev : undefined,
        error: 'forbidden',
        reason,
      })),
    );
  });
  atEnd(() => guard.stop());
  const real = new Couchlet(server.newDatabase());
  await real.info();
  return { state, real, address: guard.url + new URL(real.name).pathname, guard };
}

/** @param {string} [name] */
function openLocal(name = randomUUID()) {
  const db = new Couchlet(name);
  atEnd(() => db.close());
  return db;
}

/** @param {any} feed of which all refusals are kept */
function refusalsOf(feed) {
  /** @type {string[]} */
  const refusals = [];
  feed.on('denied', (refusal) => refusals.push((refusal.doc ?? refusal).id));
  return refusals;
}

describe('A document that the server refuses', () => {
  test('is told of once by a live sync whose connection breaks again and again', async () => {
    const { state, address, guard } = await guardedServer();
    const local = openLocal();
    await local.put({ _id: 'a', isSecret: true });
    const options = { live: true, retry: true, back_off_function: () => 10 };
    const sync = local.sync(address, options);
    const refusals = refusalsOf(sync);
    await once(sync, 'denied');
    for (let round = 0; round < 2; ++round) {
      state.isBroken = true;
      guard.dropConnections();
      await eventually(() => assert.equal(sync.status.state, 'offline'));
      state.isBroken = false;
      await eventually(() => assert.equal(sync.status.state, 'idle'));
    }
    assert.deepEqual(refusals, ['a']);
    assert.equal(state.sent, 1);
    assert.equal(sync.status.pending.unsettled, 1);
    sync.cancel();
    await sync;
  });

  test('is remembered over a restart, also where a conflict brings it up again', async () => {
    const { state, real, address } = await guardedServer();
    const name = randomUUID();
    const earlier = new Couchlet(name);
    await earlier.put({ _id: 'a', isSecret: true });
    const first = earlier.replicate.to(address);
    const refusals = refusalsOf(first);
    assert.equal((await first).doc_write_failures, 1);
    assert.deepEqual(refusals, ['a']);
    await earlier.close();

    const local = openLocal(name);
    assert.equal(await local.pendingChanges(address), 1);
    await real.put({ _id: 'a', isSecret: false });
    await local.replicate.from(address);
    const second = local.replicate.to(address);
    const again = refusalsOf(second);
    assert.equal((await second).doc_write_failures, 0);
    assert.deepEqual(again, []);
    assert.equal(state.sent, 1);
    assert.equal(await local.pendingChanges(address), 1);
  });

  test('is sent when it has been changed, and is pending no more', async () => {
    const { state, real, address } = await guardedServer();
    const local = openLocal();
    await local.put({ _id: 'a', isSecret: true });
    await local.replicate.to(address);
    await local.put({ ...(await local.get('a')), isSecret: false });
    assert.equal(await local.pendingChanges(address), 1);
    await local.replicate.to(address);
    assert.equal(await local.pendingChanges(address), 0);
    assert.equal((await real.get('a')).isSecret, false);
    assert.equal(state.sent, 1);
  });

  test('is told of with its revision, also where the server names none', async () => {
    for (const namesRevisions of [true, false]) {
      const { state, address } = await guardedServer();
      state.namesRevisions = namesRevisions;
      const local = openLocal();
      const { rev } = await local.put({ _id: 'a', isSecret: true });
      const push = local.replicate.to(address);
      const told = once(push, 'denied');
      await push;
      const [{ id, rev: refused, status, name, message, reason }] = await told;
      assert.deepEqual(
        { id, refused, status, name, message, reason },
        {
          id: 'a',
          refused: rev,
          status: 403,
          name: 'forbidden',
          message: 'No secrets',
          reason: 'No secrets',
        },
      );
      const sync = local.sync(address, { since: 0 });
      const [{ direction, doc }] = await once(sync, 'denied');
      assert.deepEqual([direction, doc.id, doc.rev], ['push', 'a', rev]);
      await sync;
    }
  });

  test('by a replication of its own, is among those that a sync tells of, until it is there', async () => {
    const { state, real, address } = await guardedServer();
    const local = openLocal();
    const { rev } = await local.put({ _id: 'a', isSecret: true });
    await local.replicate.to(address);
    const sync = local.sync(address);
    await sync;
    const refused = { id: 'a', rev, state: 'refused', reason: 'No secrets' };
    assert.deepEqual(await sync.pendingDocs(), [refused]);
    assert.equal(sync.status.pending.unsettled, 1);

    state.isGuarded = false;
    await local.replicate.to(address, { since: 0 });
    assert.equal((await real.get('a'))._rev, rev);
    for (const options of [{}, { live: true, retry: true }]) {
      const later = local.sync(address, options);
      await eventually(async () => assert.deepEqual(await later.pendingDocs(), []));
      await eventually(() => assert.equal(later.status.pending.unsettled, 0));
      later.cancel();
      await later;
    }
  });

  test('is sent again where the app says from where on', async () => {
    const { state, address } = await guardedServer();
    const local = openLocal();
    await local.put({ _id: 'a', isSecret: true });
    await local.replicate.to(address);
    const { doc_write_failures: failed } = await local.replicate.to(address, { since: 0 });
    assert.equal(failed, 1);
    assert.equal(state.sent, 2);
  });
});
