// Request bodies of a replication are gzipped where the server takes that, and plain where it does not.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { answerJson, forwardTo, misbehavingServer } from './misbehaving-server.js';

/**
 * Pushes some documents through a server that behaves as given, or else passes on.
 *
 * @param {(request: any, response: any) => boolean} refuses
 */
async function pushThrough(refuses) {
  const server = await couchDB();
  atEnd(() => server.clear());
  const database = new URL(server.newDatabase());
  await fetch(database, { method: 'PUT' }).catch(() => {});
  const forward = forwardTo(database.href);
  const way = await misbehavingServer((request, response) => {
    if (!refuses(request, response)) forward(request, response);
  });
  atEnd(() => way.stop());
  const local = new Couchlet(randomUUID(), { adapter: 'memory' });
  atEnd(() => local.destroy());
  const text = 'what repeats itself is soon said '.repeat(10);
  await local.bulkDocs(Array.from({ length: 50 }, (_, n) => ({ _id: `${100 + n}`, text })));
  const result = await local.replicate.to(`${way.url}${database.pathname}`);
  assert.equal(result.docs_written, 50);
  const info = await new Couchlet(`${way.url}${database.pathname}`).info();
  assert.equal(info.doc_count, 50);
  return way.requests.filter(({ path }) => path.endsWith('_bulk_docs'));
}

test('a body that repeats itself goes out as a small part of its bytes', async () => {
  const [request] = await pushThrough(() => false);
  assert.equal(request.headers['content-encoding'], 'gzip');
  assert.ok(request.body.length < 4000, `${request.body.length} bytes`);
});

test('a server that does not take it gets the body as it is, from then on', async () => {
  const requests = await pushThrough((request, response) => {
    if (request.headers['content-encoding'] !== 'gzip') return false;
    answerJson(response, 415, { error: 'bad_ctype', reason: 'gzip not supported' });
    return true;
  });
  assert.equal(requests.length, 1);
  assert.equal(requests[0].headers['content-encoding'], undefined);
});

test('a remote database whose bulkDocs somebody has replaced reads what is gzipped', async () => {
  const server = await couchDB();
  atEnd(() => server.clear());
  const remote = new Couchlet(server.newDatabase());
  await remote.info();
  const local = new Couchlet(randomUUID(), { adapter: 'memory' });
  atEnd(() => local.destroy());
  const text = 'what repeats itself is soon said '.repeat(10);
  const documents = (/** @type {string} */ prefix) =>
    Array.from({ length: 50 }, (_, n) => ({ _id: `${prefix}${n}`, text }));
  await local.bulkDocs(documents('a'));
  await local.replicate.to(remote);

  /** @type {number[]} */
  const counts = [];
  const write = remote.bulkDocs.bind(remote);
  remote.bulkDocs = (/** @type {any} */ request, /** @type {any} */ options) => {
    counts.push(request.docs.length);
    return write(request, options);
  };
  await local.bulkDocs(documents('b'));
  await local.replicate.to(remote);
  assert.deepEqual(counts, [50]);
  assert.equal((await remote.info()).doc_count, 100);
});
