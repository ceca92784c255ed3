// Live replication by a continuous feed (the option `feed`), with a server on the other side of a
// connection.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import { forwardTo, misbehavingServer } from './misbehaving-server.js';

const server = await couchDB();
after(() => server.clear());

/** A database here, one on a server, and the server's answers to feeds. */
async function openPair() {
  const local = new Couchlet(randomUUID());
  atEnd(() => local.destroy());
  const real = server.newDatabase();
  const forward = forwardTo(server.url);
  /** @type {import('node:http').ServerResponse[]} */
  const feeds = [];
  const way = await misbehavingServer(({ headers, ...message }, response) => {
    if (message.path.includes('feed=')) feeds.push(response);
    // What is compressed comes when some kilobytes have come together.
    const { 'accept-encoding': _, ...plain } = headers;
    return forward({ ...message, headers: plain }, response);
  });
  atEnd(() => way.stop());
  const { username, password, pathname } = new URL(real);
  const address = Object.assign(new URL(`${way.url}${pathname}`), { username, password });
  const asked = () => way.requests.filter(({ path }) => path.includes('/_changes?'));
  return { local, behind: new Couchlet(real), way, address: address.href, asked, feeds };
}

/** @param {Couchlet} local @param {string} address */
function follow(local, address) {
  const replication = local.replicate.from(address, {
    live: true,
    retry: true,
    feed: 'continuous',
  });
  atEnd(() => replication.cancel());
  return replication;
}

/** @param {Couchlet} db @param {string} id */
const arrived = (db, id) => eventually(() => db.get(id));

describe('a live replication by a continuous feed', () => {
  test('asks once for all that will be', async () => {
    const { local, behind, address, asked } = await openPair();
    await behind.put({ _id: 'before' });
    follow(local, address);
    await arrived(local, 'before');
    for (let i = 1; i <= 20; ++i) {
      await behind.put({ _id: `later-${i}` });
      await arrived(local, `later-${i}`);
    }
    const paths = asked().map(({ path }) => path);
    assert.equal(paths.length, 2, paths.join('\n'));
    assert.match(paths[1], /feed=continuous/);
  });

  test('goes on where its connection broke', async () => {
    const { local, behind, way, address, asked } = await openPair();
    follow(local, address);
    for (let i = 1; i <= 3; ++i) {
      await behind.put({ _id: `document-${i}` });
      await arrived(local, `document-${i}`);
      way.dropConnections();
    }
    await behind.put({ _id: 'last' });
    await arrived(local, 'last');
    assert.ok(asked().filter(({ path }) => path.includes('feed=continuous')).length > 1);
    assert.equal((await local.info()).update_seq, 4, 'nothing was written twice');
  });

  test('hangs up when it is cancelled', async () => {
    const { local, behind, address, feeds } = await openPair();
    await behind.put({ _id: 'before' });
    const replication = follow(local, address);
    await eventually(() => assert.equal(feeds.length, 1));
    const closed = once(feeds[0], 'close');
    replication.cancel();
    await closed;
    assert.equal((await replication).status, 'cancelled');
  });

  test('has one of two names for its feed', async () => {
    const { local, address } = await openPair();
    for (const feed of ['normal', 'eventsource', true]) {
      const options = /** @type {any} */ ({ live: true, feed });
      await assert.rejects(Promise.resolve(local.replicate.from(address, options)), {
        status: 400,
        reason: /"feed" must be "longpoll" or "continuous"/,
      });
    }
  });
});
