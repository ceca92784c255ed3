// Replication both ways over networks that lose a part of all requests: in the end all databases
// are the same, and nothing that was written is lost.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { badNetwork } from 'couchlet/bad-network';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';

const kClients = 2;
const kDocuments = 20; // of each client, and of the server
const kEdited = 6; // by all of them, so that there are conflicts

const server = await couchDB();
after(() => server.clear());

/** All leaves of all documents, with their past. @param {Couchlet} db */
async function contents(db) {
  const { results } = await db.changes({ style: 'all_docs' });
  const wanted = results.flatMap(({ id, changes }) => changes.map(({ rev }) => ({ id, rev })));
  const answer = await db.bulkGet({ docs: wanted, revs: true });
  const leaves = answer.results.flatMap(({ docs }) => docs.map(({ ok }) => ok));
  return new Map(leaves.map((leaf) => [`${leaf._id} ${leaf._rev}`, leaf]).sort());
}

/**
 * What one does while replication is at work: new documents, edits and a deletion.
 *
 * @param {Couchlet} db
 * @param {string} name
 * @returns {Promise<string[]>} what was acknowledged: "id rev"
 */
async function work(db, name) {
  const acknowledged = [];
  const note = ({ id, rev }) => acknowledged.push(`${id} ${rev}`);
  for (let n = 0; n < kDocuments; n += 1) {
    note(await db.put({ _id: `${name}-${n}`, text: 'x'.repeat(50 * n) }));
  }
  for (let n = 0; n < kEdited; n += 1) {
    const present = await db.get(`common-${n}`);
    note(await db.put({ ...present, [name]: n }).catch(() => db.put({ _id: `${name}-else-${n}` })));
  }
  note(await db.remove(await db.get(`${name}-0`)));
  return acknowledged;
}

/** @type {Record<string, Partial<import('couchlet/bad-network').BadNetworkConditions>>} */
const kNetworks = {
  'drops requests': { drop: 0.1 },
  'loses answers after the server has acted': { lose: 0.1 },
  'cuts bodies in the middle': { cut: 0.1 },
  'is busy now and then': { busy: 0.1 },
  'does all of that, slowly': {
    ...{ drop: 0.03, lose: 0.03, cut: 0.03, busy: 0.01 },
    ...{ latency: 5, jitter: 4, rate: 500_000 },
  },
};

describe('over a network that', () => {
  for (const [seed, [name, conditions]] of Object.entries(kNetworks).entries()) {
    test(`${name}, everything arrives everywhere, and nothing is lost`, async () => {
      const address = server.newDatabase();
      const behind = new Couchlet(address);
      const common = Array.from({ length: kEdited }, (_, n) => ({ _id: `common-${n}` }));
      await behind.bulkDocs(common);
      const clients = await Promise.all(
        Array.from({ length: kClients }, async () => {
          const db = new Couchlet(randomUUID());
          atEnd(() => db.destroy());
          await db.replicate.from(address);
          return db;
        }),
      );
      const network = await badNetwork({ to: server.url, seed, ...conditions });
      atEnd(() => network.close());
      const way = network.url + new URL(address).pathname;
      // Small batches: many requests to be lost.
      const options = { live: true, retry: true, batch_size: 10, back_off_function: () => 100 };
      const syncs = clients.map((db) => db.sync(way, options));
      /** @type {unknown[]} */
      const errors = [];
      for (const sync of syncs) sync.on('error', (error) => errors.push(error));

      const works = clients.map((db, n) => work(db, `client-${n}`));
      const acknowledged = (await Promise.all([...works, work(behind, 'server')])).flat();
      // A look at the contents takes its time: first, whether all seems to be done.
      await eventually(async () => {
        const { doc_count: count } = await behind.info();
        for (const db of clients) assert.equal((await db.info()).doc_count, count);
      });
      await eventually(async () => {
        for (const sync of syncs) assert.equal(sync.status.state, 'idle');
        const there = await contents(behind);
        for (const db of clients) assert.deepEqual(await contents(db), there);
      });
      const all = await contents(behind);
      const past = new Set(
        [...all.values()].flatMap(({ _id, _revisions: { start, ids } }) =>
          ids.map((hash, n) => `${_id} ${start - n}-${hash}`),
        ),
      );
      for (const write of acknowledged) assert.ok(past.has(write), `${write} is lost`);
      for (const sync of syncs) sync.cancel();
      await Promise.all(syncs);
      assert.deepEqual(errors, []);
    });
  }
});

test('a network that goes and comes loses nothing', async () => {
  const address = server.newDatabase();
  const behind = new Couchlet(address);
  await behind.info();
  const network = await badNetwork({ to: server.url });
  atEnd(() => network.close());
  const local = new Couchlet(randomUUID());
  atEnd(() => local.destroy());
  const sync = local.sync(network.url + new URL(address).pathname, { live: true, retry: true });
  for (let n = 0; n < 5; n += 1) {
    network.change({ offline: n % 2 === 0, portal: n === 3 });
    await local.put({ _id: `here-${n}` });
    await behind.put({ _id: `there-${n}` });
    sync.wake();
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  network.change({ offline: false, portal: false });
  sync.wake();
  await eventually(async () => {
    assert.equal((await local.info()).doc_count, 10);
    assert.equal((await behind.info()).doc_count, 10);
  });
  sync.cancel();
  await sync;
});
