// Logging in to a server: with a password, with headers, and by asking the app, which is asked
// again when the server answers 401, also in the middle of a replication and over a bad network.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { badNetwork } from 'couchlet/bad-network';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import { answerJson, forwardTo, misbehavingServer } from './misbehaving-server.js';

const server = await couchDB();
after(() => server.clear());

function openLocal() {
  const db = new Couchlet(randomUUID());
  atEnd(() => db.destroy());
  return db;
}

/**
 * A server that wants "Bearer" and the present token, which is good for so many requests.
 *
 * @param {number} [goodFor]
 */
async function openGuarded(goodFor = Infinity) {
  const real = server.newDatabase();
  await new Couchlet(real).info();
  const forward = forwardTo(server.url);
  const state = { token: 1, left: goodFor, refusals: 0 };
  const guard = await misbehavingServer((message, response) => {
    const isGood = message.headers.authorization === `Bearer ${state.token}`;
    if (isGood && (state.left -= 1) >= 0) return forward(message, response);
    state.refusals += 1;
    return answerJson(response, 401, { error: 'unauthorized', reason: 'Who are you?' });
  });
  atEnd(() => guard.stop());
  const renew = () => {
    state.token += 1;
    state.left = goodFor;
    return { headers: { Authorization: `Bearer ${state.token}` } };
  };
  const pathname = new URL(real).pathname;
  return { behind: new Couchlet(real), state, renew, pathname, guard };
}

/** @param {number} count */
const documents = (count) => Array.from({ length: count }, (_, n) => ({ _id: `doc-${n}`, n }));

describe('an auth function', () => {
  test('is asked before the first request, and not again while it will do', async () => {
    const { guard, pathname, renew } = await openGuarded();
    /** @type {boolean[]} */
    const asked = [];
    const auth = async ({ again }) => {
      asked.push(again);
      return renew();
    };
    const remote = new Couchlet(guard.url + pathname, { auth });
    await Promise.all([remote.info(), remote.put({ _id: 'a' }), remote.allDocs()]);
    assert.deepEqual(asked, [false]);
  });

  test('is asked again after a 401, once by all that meet one', async () => {
    const { guard, pathname, renew, state } = await openGuarded();
    /** @type {boolean[]} */
    const asked = [];
    const auth = async ({ again }) => {
      asked.push(again);
      return renew();
    };
    const remote = new Couchlet(guard.url + pathname, { auth });
    await remote.put({ _id: 'a' });
    state.token = 100; // the server's administrator ends all sessions
    const answers = await Promise.all([remote.get('a'), remote.put({ _id: 'b' }), remote.info()]);
    assert.equal(answers[0]._id, 'a');
    assert.deepEqual(asked, [false, true]);
  });

  test('may have no answer: the 401 stands', async () => {
    const { guard, pathname } = await openGuarded();
    const remote = new Couchlet(guard.url + pathname, { auth: () => {}, skip_setup: true });
    await assert.rejects(remote.get('a'), { status: 401, reason: 'Who are you?' });
    await assert.rejects(openLocal().replicate.from(remote, { live: true, retry: true }), {
      status: 401,
    });
  });

  test('may answer with a password, and what fails in it fails the request', async () => {
    const seen = [];
    const guard = await misbehavingServer(({ headers }, response) => {
      seen.push(headers.authorization);
      answerJson(response, 200, {});
    });
    atEnd(() => guard.stop());
    const auth = () => ({ username: 'ann', password: 'sécret' });
    await new Couchlet(`${guard.url}/db`, { auth }).info();
    assert.deepEqual(seen, [`Basic ${Buffer.from('ann:sécret').toString('base64')}`]);

    const broken = async () => {
      throw new Error('no token today');
    };
    const remote = new Couchlet(`${guard.url}/db`, { auth: broken });
    await assert.rejects(remote.info(), /no token today/);
    const wrong = /** @type {any} */ (() => 5);
    await assert.rejects(new Couchlet(`${guard.url}/db`, { auth: wrong }).info());
  });
});

test('headers are sent with each request', async () => {
  const { guard, pathname } = await openGuarded();
  const headers = { Authorization: 'Bearer 1' };
  const remote = new Couchlet(guard.url + pathname, { auth: { headers } });
  await remote.put({ _id: 'a' });
  assert.equal((await remote.get('a'))._id, 'a');
});

describe('a replication whose login ends', () => {
  test('goes on with a new one, and carries everything, over a bad network', async () => {
    // More than there are requests at a time: one that is repeated isn't too late again.
    const { guard, pathname, behind, renew, state } = await openGuarded(10);
    const network = await badNetwork({ to: guard.url, latency: 2, drop: 0.1, cut: 0.05, seed: 3 });
    atEnd(() => network.close());
    const remote = new Couchlet(network.url + pathname, { auth: renew });
    const local = openLocal();
    await local.bulkDocs(documents(100));
    await behind.bulkDocs([{ _id: 'x' }, { _id: 'y' }]);
    const sync = local.sync(remote, { live: true, retry: true, batch_size: 20 });
    await eventually(async () => {
      assert.equal((await local.info()).doc_count, 102);
      assert.equal((await behind.info()).doc_count, 102);
    });
    assert.ok(state.refusals >= 1);
    assert.equal(sync.status.lastError?.status ?? 0, 0);
    sync.cancel();
    await sync;
  });

  test('live, goes on after it ended while nothing happened', async () => {
    const { guard, pathname, behind, renew, state } = await openGuarded();
    const local = openLocal();
    const remote = new Couchlet(guard.url + pathname, { auth: renew });
    const sync = local.sync(remote, { live: true, retry: true });
    await eventually(() => assert.equal(sync.status.state, 'idle'));
    state.token = 100;
    await local.put({ _id: 'a' });
    await eventually(() => behind.get('a'));
    await behind.put({ _id: 'b' });
    await eventually(() => local.get('b'));
    assert.notEqual(sync.status.state, 'stopped');
    sync.cancel();
    await sync;
  });
});
