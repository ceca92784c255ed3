// A server's database that is deleted and made anew while an app is at it.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import { forwardTo, misbehavingServer } from './misbehaving-server.js';

const server = await couchDB();
after(() => server.clear());

function openLocal() {
  const db = new Couchlet(randomUUID());
  atEnd(() => db.close());
  return db;
}

/** @param {string} prefix @param {number} count */
const documents = (prefix, count) =>
  Array.from({ length: count }, (_, n) => ({ _id: `${prefix}-${n}`, n }));

/** @param {string} address */
async function makeAnew(address) {
  await new Couchlet(address).destroy();
  await new Couchlet(address).info();
}

/** @param {string | Couchlet} database */
async function idsOf(database) {
  const db = typeof database === 'string' ? new Couchlet(database) : database;
  const { rows } = await db.allDocs();
  return rows.map(({ id }) => id);
}

describe('a database that is made anew', () => {
  // The test server leaves feeds of a database that it has deleted open; CouchDB ends them.
  test('while a live sync waits gets back what was pushed and what was pulled', async () => {
    const address = server.newDatabase();
    await new Couchlet(address).bulkDocs(documents('there', 5));
    /** @type {Set<import('node:http').ServerResponse>} */
    const feeds = new Set();
    const pass = forwardTo(new URL(address).origin);
    const proxy = await misbehavingServer((request, response) => {
      if (request.path.includes('feed=longpoll')) feeds.add(response);
      return pass(request, response);
    });
    atEnd(() => proxy.stop());
    const local = openLocal();
    await local.bulkDocs(documents('here', 5));
    const remote = proxy.url + new URL(address).pathname;
    const sync = local.sync(remote, { live: true, retry: true, back_off_function: () => 50 });
    await eventually(async () => assert.equal((await idsOf(address)).length, 10));
    await eventually(async () => assert.equal((await idsOf(local)).length, 10));
    await eventually(() => assert.equal(sync.status.state, 'idle'));
    await makeAnew(address);
    await eventually(async () => {
      for (const feed of feeds) feed.destroy();
      assert.deepEqual(await idsOf(address), await idsOf(local));
    });
    sync.cancel();
    await sync;
  });

  test('between two syncs gets everything back, and gives what it has', async () => {
    const address = server.newDatabase();
    await new Couchlet(address).bulkDocs(documents('there', 5));
    const local = openLocal();
    await local.bulkDocs(documents('here', 5));
    await local.sync(address);
    await local.sync(address);
    await makeAnew(address);
    await new Couchlet(address).bulkDocs(documents('later', 2));
    await local.sync(address);
    await local.sync(address);
    assert.deepEqual(await idsOf(address), await idsOf(local));
    assert.equal((await idsOf(local)).length, 12);
    assert.equal(await local.pendingChanges(address), 0);
  });

  // Its sequences are plain numbers, so that the new feed seems to have nothing new for long.
  test('is noticed by a pull whose connection broke meanwhile', async () => {
    const address = server.newDatabase();
    await new Couchlet(address).bulkDocs(documents('first', 20));
    /** @type {import('node:http').ServerResponse[]} */
    const feeds = [];
    const pass = forwardTo(new URL(address).origin);
    const proxy = await misbehavingServer((request, response) => {
      if (!request.path.includes('feed=longpoll')) return pass(request, response);
      response.write('{"results":['); // so that whoever sends requests doesn't repeat it by itself
      feeds.push(response);
    });
    atEnd(() => proxy.stop());
    const local = openLocal();
    const pull = local.replicate.from(proxy.url + new URL(address).pathname, {
      live: true,
      retry: true,
      back_off_function: () => 50,
    });
    await eventually(() => assert.equal(feeds.length, 1));
    await makeAnew(address);
    await new Couchlet(address).bulkDocs(documents('second', 3));
    feeds[0].destroy();
    await eventually(async () => assert.equal((await idsOf(local)).length, 23));
    pull.cancel();
    await pull;
  });
});
