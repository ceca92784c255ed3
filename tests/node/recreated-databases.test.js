// A server's database that is deleted and made anew while an app is at it.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import { answerJson, forwardTo, misbehavingServer } from './misbehaving-server.js';

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

/**
 * A server's database, and a way to it on which it is deleted as CouchDB does it: its feeds end, and
 * there is no such database. (The test server may fall over a request that is under way.)
 */
async function openRemote() {
  const address = server.newDatabase();
  const behind = new Couchlet(address);
  await behind.info();
  const pass = forwardTo(new URL(address).origin);
  /** @type {Set<import('node:http').ServerResponse>} */
  const feeds = new Set();
  let isAway = false;
  let underWay = 0;
  const proxy = await misbehavingServer((request, response) => {
    if (isAway) return answerJson(response, 404, { error: 'not_found', reason: 'no_db_file' });
    const isFeed = request.path.includes('feed=longpoll');
    if (isFeed) feeds.add(response);
    else underWay += 1;
    response.once('close', () => {
      if (isFeed) feeds.delete(response);
      else underWay -= 1;
    });
    return pass(request, response);
  });
  atEnd(() => proxy.stop());
  return {
    behind,
    remote: proxy.url + new URL(address).pathname,
    waits: () => feeds.size > 0,
    async makeAnew() {
      isAway = true;
      for (const feed of feeds) feed.destroy();
      await eventually(() => assert.equal(underWay + feeds.size, 0));
      await new Couchlet(address).destroy();
      await new Couchlet(address).info();
      isAway = false;
    },
  };
}

/** @param {Couchlet} database */
async function idsOf(database) {
  const { rows } = await database.allDocs();
  return rows.map(({ id }) => id);
}

describe('a database that is made anew', () => {
  test('while a live sync waits gets back what was pushed and what was pulled', async () => {
    const { behind, remote, waits, makeAnew } = await openRemote();
    await behind.bulkDocs(documents('there', 5));
    const local = openLocal();
    await local.bulkDocs(documents('here', 5));
    const sync = local.sync(remote, { live: true, retry: true, back_off_function: () => 50 });
    await eventually(async () => assert.equal((await behind.info()).doc_count, 10));
    await eventually(async () => assert.equal((await local.info()).doc_count, 10));
    await eventually(() => assert.ok(sync.status.state === 'idle' && waits()));
    await makeAnew();
    await eventually(async () => assert.deepEqual(await idsOf(behind), await idsOf(local)));
    sync.cancel();
    await sync;
  });

  test('between two syncs gets everything back, and gives what it has', async () => {
    const { behind, remote, makeAnew } = await openRemote();
    await behind.bulkDocs(documents('there', 5));
    const local = openLocal();
    await local.bulkDocs(documents('here', 5));
    await local.sync(remote);
    await local.sync(remote);
    await makeAnew();
    await behind.bulkDocs(documents('later', 2));
    await local.sync(remote);
    await local.sync(remote);
    assert.deepEqual(await idsOf(behind), await idsOf(local));
    assert.equal((await idsOf(local)).length, 12);
    assert.equal(await local.pendingChanges(remote), 0);
  });

  // Its sequences are plain numbers, so that the new feed seems to have nothing new for long.
  test('is noticed by a pull that waits for a later sequence than there is', async () => {
    const { behind, remote, waits, makeAnew } = await openRemote();
    await behind.bulkDocs(documents('first', 20));
    const local = openLocal();
    const options = { live: true, retry: true, back_off_function: () => 50 };
    const pull = local.replicate.from(remote, options);
    await eventually(() => assert.ok(waits()));
    await makeAnew();
    await behind.bulkDocs(documents('second', 3));
    await eventually(async () => assert.equal((await local.info()).doc_count, 23));
    pull.cancel();
    await pull;
  });
});
