// Large attachments in a pull: each comes by a request of its own, and is written only as what its
// digest tells.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { answerHtml, forwardTo, misbehavingServer } from './misbehaving-server.js';

const kLarge = 3_000_000;
const server = await couchDB();
after(() => server.clear());

/** @param {number} length */
const bytesOf = (length, seed = 7) =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * seed) ^ (i >> 8)));

/** @typedef {import('./misbehaving-server.js').Behaviour} Behaviour */

/**
 * A database here, and one on a server, which does as `misbehave` says to those who ask for an
 * attachment by `address`, as often as `state.faults` says.
 *
 * @param {string} adapter
 * @param {Behaviour} [misbehave]
 */
async function openPair(adapter, misbehave) {
  const local = new Couchlet(randomUUID(), { adapter, revs_limit: 1 });
  atEnd(() => local.destroy());
  const real = server.newDatabase();
  const behind = new Couchlet(real);
  await behind.info();
  // With isPortal, from the first fault on all requests meet it.
  const state = { faults: misbehave ? 1 : 0, isPortal: false };
  const forward = forwardTo(server.url);
  const way = await misbehavingServer((message, response) => {
    const isMet = isForAttachment(message) || (state.isPortal && way.requests.some(isForAttachment));
    if (state.faults > 0 && isMet) {
      state.faults -= 1;
      misbehave?.(message, response);
    } else {
      forward(message, response);
    }
  });
  atEnd(() => way.stop());
  const { username, password, pathname } = new URL(real);
  const address = new URL(`${way.url}${pathname}`);
  Object.assign(address, { username, password });
  const attachmentRequests = () =>
    way.requests.filter(isForAttachment).map(({ path }) => path.split('/')[3].split('?')[0]);
  return { local, behind, state, address: address.href, attachmentRequests };
}

/** @param {{method: string, path: string}} request */
const isForAttachment = ({ method, path }) =>
  method === 'GET' && /^\/[^/]+\/[^/_][^/]*\/[^/]+$/.test(path);

/** @type {Behaviour} */
function cut(_, response) {
  response.writeHead(200, { 'Content-Type': 'image/png', 'Content-Length': String(kLarge) });
  response.write(bytesOf(kLarge / 2), () => response.destroy());
}

/** @type {Behaviour} */
function change(_, response) {
  response.writeHead(200, { 'Content-Type': 'image/png' });
  response.end(bytesOf(kLarge, 9));
}

/** @type {Behaviour} */
function shorten(_, response) {
  response.writeHead(200, { 'Content-Type': 'image/png' });
  response.end(bytesOf(kLarge / 2));
}

const png = 'image/png';

for (const adapter of ['idb', 'memory']) {
  describe(`Large attachments in a pull, adapter ${adapter}`, () => {
    test('come by themselves, small ones in their documents', async () => {
      const { local, behind, address, attachmentRequests } = await openPair(adapter);
      const large = bytesOf(kLarge);
      await behind.put({
        _id: 'a',
        _attachments: {
          'a/b ü.png': { data: large, content_type: png },
          'note.txt': { data: Buffer.from('small'), content_type: 'text/plain' },
        },
      });
      await behind.putAttachment('b', 'small', Buffer.from('also small'), png);
      await behind.put({ _id: 'c' });
      const { docs_written } = await local.replicate.from(address);
      assert.equal(docs_written, 3);
      assert.deepEqual(await local.getAttachment('a', 'a/b ü.png'), large);
      assert.equal(String(await local.getAttachment('a', 'note.txt')), 'small');
      assert.equal(String(await local.getAttachment('b', 'small')), 'also small');
      assert.deepEqual(attachmentRequests().toSorted(), ['a%2Fb%20%C3%BC.png', 'note.txt']);
      const [here, there] = await Promise.all([local.get('a'), behind.get('a')]);
      assert.deepEqual(here._attachments, there._attachments);
      assert.equal(here._rev, there._rev);
    });

    test('are not asked for again where an edit leaves them as they are', async () => {
      const { local, behind, address, attachmentRequests } = await openPair(adapter);
      await behind.putAttachment('a', 'x', bytesOf(kLarge), png);
      await local.replicate.from(address);
      await behind.put({ ...(await behind.get('a')), edited: true });
      await local.replicate.from(address);
      assert.equal((await local.get('a')).edited, true);
      assert.deepEqual(await local.getAttachment('a', 'x'), bytesOf(kLarge));
      assert.deepEqual(attachmentRequests(), ['x']);
    });

    for (const [what, fault] of Object.entries({ cut, change, shorten })) {
      test(`one that comes wrong (${what}) is fetched again`, async () => {
        const { local, behind, address, attachmentRequests } = await openPair(adapter, fault);
        await behind.putAttachment('a', 'x', bytesOf(kLarge), png);
        await local.replicate.from(address);
        assert.deepEqual(await local.getAttachment('a', 'x'), bytesOf(kLarge));
        assert.deepEqual(attachmentRequests(), ['x', 'x']);
      });
    }

    test('one that stays cut ends the replication, and comes later', async () => {
      const { local, behind, state, address } = await openPair(adapter, cut);
      state.faults = Infinity;
      await behind.putAttachment('a', 'x', bytesOf(kLarge), png);
      await assert.rejects(local.replicate.from(address));
      await assert.rejects(local.get('a'), { status: 404 });
      state.faults = 0;
      await local.replicate.from(address);
      assert.deepEqual(await local.getAttachment('a', 'x'), bytesOf(kLarge));
    });

    for (const [what, fault] of Object.entries({ change, shorten })) {
      test(`one that stays wrong (${what}) is told of while the rest goes on, and comes later`, async () => {
        const { local, behind, state, address, attachmentRequests } = await openPair(
          adapter,
          fault,
        );
        state.faults = Infinity;
        await behind.putAttachment('a', 'x', bytesOf(kLarge), png);
        await behind.put({ _id: 'b' });
        const pull = async () => {
          /** @type {any[]} */
          const denied = [];
          const replication = local.replicate.from(address);
          replication.on('denied', (refusal) => denied.push(refusal));
          const { docs_written: written, doc_write_failures: failed } = await replication;
          const told = denied.map(({ id, name, status }) => ({ id, name, status }));
          return { written, failed, told };
        };
        const told = [{ id: 'a', name: 'content_md5_mismatch', status: 400 }];
        assert.deepEqual(await pull(), { written: 1, failed: 1, told });
        assert.deepEqual(attachmentRequests(), ['x', 'x']);
        await local.get('b');
        await assert.rejects(local.get('a'), { status: 404 });
        assert.deepEqual(await pull(), { written: 0, failed: 1, told });

        state.faults = 0;
        assert.deepEqual(await pull(), { written: 1, failed: 0, told: [] });
        assert.deepEqual(await local.getAttachment('a', 'x'), bytesOf(kLarge));
        assert.equal(attachmentRequests().length, 5);
        assert.deepEqual(await pull(), { written: 0, failed: 0, told: [] });
        assert.equal(attachmentRequests().length, 5);
      });
    }

    test('a captive portal in their place is an outage, and no fault of the document', async () => {
      const portal = (_, response) => answerHtml(response);
      const { local, behind, state, address } = await openPair(adapter, portal);
      Object.assign(state, { faults: Infinity, isPortal: true });
      await behind.putAttachment('a', 'x', bytesOf(kLarge), png);
      await assert.rejects(local.replicate.from(address), { status: 502 });
      state.faults = 0;
      await local.replicate.from(address);
      assert.deepEqual(await local.getAttachment('a', 'x'), bytesOf(kLarge));
    });
  });
}
