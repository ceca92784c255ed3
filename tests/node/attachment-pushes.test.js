// Large attachments in a push: they go behind their document, in one request with it, and not
// through the engine's memory.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { answerJson, forwardTo, jsonOf, misbehavingServer } from './misbehaving-server.js';
import { documentOf, isMultipart, strictly } from './multipart-document.js';

const kLarge = 300_000;
const kTimeout = 45_000;
const png = 'image/png';
const server = await couchDB();
after(() => server.clear());

/** @param {number} length */
const bytesOf = (length, seed = 7) =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * seed) ^ (i >> 8)));

/** @typedef {import('./misbehaving-server.js').Behaviour} Behaviour */

/**
 * A database here, and one on a server that is as strict as CouchDB; to who comes with a multipart
 * document it does as `state.misbehave` says, if it says something.
 *
 * @param {string} adapter
 * @param {Behaviour} [misbehave]
 */
async function openPair(adapter, misbehave) {
  const local = new Couchlet(randomUUID(), { adapter });
  atEnd(() => local.destroy());
  const real = server.newDatabase();
  const behind = new Couchlet(real);
  await behind.info();
  const state = { misbehave };
  const forward = strictly(forwardTo(server.url));
  const way = await misbehavingServer(async (message, response) => {
    if (message.path.endsWith('/_revs_diff')) {
      return answerJson(response, 200, await revsDiff(behind, jsonOf(message)));
    }
    const behave = (isMultipart(message) && state.misbehave) || forward;
    return behave(message, response);
  });
  atEnd(() => way.stop());
  const { username, password, pathname } = new URL(real);
  const address = new URL(`${way.url}${pathname}`);
  Object.assign(address, { username, password });
  const multiparts = () => way.requests.filter(isMultipart);
  const bulks = () =>
    way.requests
      .filter(({ path }) => path.endsWith('/_bulk_docs'))
      .map((request) => jsonOf(request).docs.map((/** @type {any} */ { _id }) => _id));
  return { local, behind, state, address: address.href, pathname, multiparts, bulks };
}

/**
 * With the ancestors that CouchDB tells of, and servers like it may not.
 *
 * @param {Couchlet} database
 * @param {Record<string, string[]>} revisions
 */
async function revsDiff(database, revisions) {
  const missing = await database.revsDiff(revisions);
  for (const [id, found] of Object.entries(missing)) {
    const present = await database.get(id).catch(() => undefined);
    if (present) found.possible_ancestors = [present._rev];
  }
  return missing;
}

test('Large attachments go from one server to another behind their document', async () => {
  const { behind, address, multiparts, bulks } = await openPair('memory');
  const source = server.newDatabase();
  const there = new Couchlet(source);
  const [large, text] = [bytesOf(kLarge), Buffer.from('text '.repeat(100_000))];
  await there.put({
    _id: 'a/ö',
    _attachments: {
      'large/ü.png': { data: large, content_type: png },
      small: { data: Buffer.from('small'), content_type: png },
      text: { data: text, content_type: 'text/plain' },
    },
  });
  await there.put({ _id: 'b' });
  const { docs_written } = await Couchlet.replicate(source, address);
  assert.equal(docs_written, 2);
  const [sent, ...others] = multiparts().map(documentOf);
  assert.equal(others.length, 0);
  assert.deepEqual(sent.attachments, { 'large/ü.png': large, small: Buffer.from('small'), text });
  assert.deepEqual(bulks(), [['b']]);
  assert.deepEqual(await behind.get('a/ö'), await there.get('a/ö'));
  assert.deepEqual(await behind.getAttachment('a/ö', 'large/ü.png'), large);

  await there.put({ ...(await there.get('a/ö')), edited: true });
  await Couchlet.replicate(source, address);
  assert.equal((await behind.get('a/ö')).edited, true);
  assert.equal(multiparts().length, 1);
});

for (const adapter of ['idb', 'memory']) {
  describe(`Large attachments in a push, adapter ${adapter}`, () => {
    test('go behind their document, small ones inside it', async () => {
      const { local, behind, address, multiparts, bulks } = await openPair(adapter);
      const [large, larger] = [bytesOf(kLarge), bytesOf(kLarge + 1, 9)];
      await local.put({
        _id: 'a',
        text: 'ü',
        _attachments: {
          'z/ü.png': { data: large, content_type: png },
          small: { data: Buffer.from('small'), content_type: png },
          b: { data: larger, content_type: png },
        },
      });
      await local.putAttachment('b/ö', 'small', Buffer.from('also small'), png);
      await local.put({ _id: 'c' });
      const { docs_written } = await local.replicate.to(address);
      assert.equal(docs_written, 3);
      const [sent, ...others] = multiparts().map(documentOf);
      assert.equal(others.length, 0);
      assert.deepEqual(sent.attachments, { 'z/ü.png': large, b: larger });
      assert.equal(sent.document._attachments.small.data, btoa('small'));
      assert.deepEqual(bulks(), [['b/ö', 'c']]);
      const [here, there] = await Promise.all([local.get('a'), behind.get('a')]);
      assert.deepEqual(there, here);
      assert.deepEqual(await behind.getAttachment('a', 'z/ü.png'), large);
      assert.deepEqual(await behind.getAttachment('a', 'b'), larger);
      assert.equal(String(await behind.getAttachment('a', 'small')), 'small');
      assert.equal(String(await behind.getAttachment('b/ö', 'small')), 'also small');
    });

    test('are carried to another database here as well, with the small ones', async () => {
      const { local } = await openPair(adapter);
      const other = new Couchlet(randomUUID(), { adapter });
      atEnd(() => other.destroy());
      const [large, text] = [bytesOf(kLarge), Buffer.from('text '.repeat(100_000))];
      await local.put({
        _id: 'a',
        _attachments: {
          large: { data: large, content_type: png },
          small: { data: Buffer.from('small'), content_type: png },
          text: { data: text, content_type: 'text/plain' },
        },
      });
      await local.putAttachment('b', 'the same', large, png);
      const { docs_written, doc_write_failures } = await local.replicate.to(other);
      assert.deepEqual({ docs_written, doc_write_failures }, { docs_written: 2, doc_write_failures: 0 });
      for (const id of ['a', 'b']) assert.deepEqual(await other.get(id), await local.get(id));
      assert.deepEqual(await other.getAttachment('a', 'large'), large);
      assert.deepEqual(await other.getAttachment('a', 'text'), text);
      assert.equal(String(await other.getAttachment('a', 'small')), 'small');
      assert.deepEqual(await other.getAttachment('b', 'the same'), large);

      await local.put({ ...(await local.get('a')), edited: true });
      await local.replicate.to(other);
      assert.deepEqual(await other.get('a'), await local.get('a'));
      assert.deepEqual(await other.getAttachment('a', 'large'), large);
    });

    test('are not sent again where an edit leaves them as they are', async () => {
      const { local, behind, address, multiparts, bulks } = await openPair(adapter);
      await local.putAttachment('a', 'x', bytesOf(kLarge), png);
      await local.replicate.to(address);
      await local.put({ ...(await local.get('a')), edited: true });
      await local.replicate.to(address);
      assert.equal((await behind.get('a')).edited, true);
      assert.deepEqual(await behind.getAttachment('a', 'x'), bytesOf(kLarge));
      assert.equal(multiparts().length, 1);
      assert.deepEqual(bulks(), [['a']]);
    });

    test('of a text come as they were pulled, whatever the server makes of them', async () => {
      const { local, behind, address, multiparts } = await openPair(adapter);
      const text = Buffer.from('milk, bread\n'.repeat(50_000));
      await behind.putAttachment('a', 'list', text, 'text/plain');
      await local.replicate.from(address);
      const bytes = await local.getAttachment('a', 'list');
      await local.putAttachment('b', 'list', bytes, 'text/plain');
      await local.replicate.to(address);
      assert.equal(multiparts().length, 1);
      assert.deepEqual(await behind.getAttachment('b', 'list'), text);
    });

    test('go inline to a server that takes nothing else, and at once the next time', async () => {
      const { local, behind, address, multiparts, bulks } = await openPair(adapter, (_, response) =>
        answerJson(response, 415, { error: 'bad_content_type', reason: 'JSON, please.' }),
      );
      for (const id of ['a', 'b']) {
        await local.putAttachment(id, 'x', bytesOf(kLarge), png);
        const { docs_read, docs_written } = await local.replicate.to(address);
        assert.deepEqual([docs_read, docs_written], [1, 1]);
        assert.deepEqual(await behind.getAttachment(id, 'x'), bytesOf(kLarge));
      }
      assert.equal(multiparts().length, 1);
      assert.deepEqual(bulks(), [['a'], ['b']]);
    });

    test('of a refused document are denied with it, and the rest goes on', async () => {
      const { local, behind, state, address, pathname, bulks } = await openPair(adapter);
      const forward = forwardTo(server.url);
      state.misbehave = (request, response) =>
        request.path.startsWith(`${pathname}/a?`)
          ? answerJson(response, 403, { error: 'forbidden', reason: 'Not this one.' })
          : forward(request, response);
      await local.putAttachment('a', 'x', bytesOf(kLarge), png);
      await local.putAttachment('b', 'x', bytesOf(kLarge), png);
      /** @type {string[]} */
      const denied = [];
      const push = local.replicate.to(address);
      push.on('denied', ({ id, reason }) => denied.push(`${id} ${reason}`));
      const { docs_written, doc_write_failures } = await push;
      assert.deepEqual([docs_written, doc_write_failures], [1, 1]);
      assert.deepEqual(denied, ['a Not this one.']);
      assert.deepEqual(bulks(), []);
      assert.deepEqual(await behind.getAttachment('b', 'x'), bytesOf(kLarge));
    });

    test('are sent again after a login', async () => {
      const { local, behind, state, address, multiparts } = await openPair(adapter);
      const { username, password } = new URL(server.url);
      let asked = 0;
      const auth = () => {
        asked += 1;
        return { username: username || 'ann', password: password || 'secret' };
      };
      await local.putAttachment('a', 'x', bytesOf(kLarge), png);
      state.misbehave = (_, response) => {
        state.misbehave = undefined;
        answerJson(response, 401, { error: 'unauthorized', reason: 'Who are you?' });
      };
      const remote = new Couchlet(address.replace(/\/\/[^/]*@/, '//'), { auth });
      await local.replicate.to(remote);
      assert.equal(asked, 2);
      assert.equal(multiparts().length, 2);
      assert.deepEqual(await behind.getAttachment('a', 'x'), bytesOf(kLarge));
    });
  });
}

test('the time that a server has to answer begins when an upload may have ended', async () => {
  const { local, address } = await openPair('memory');
  await local.putAttachment('a', 'x', bytesOf(8_000_000), png);
  const { setTimeout } = globalThis;
  atEnd(() => Object.assign(globalThis, { setTimeout }));
  /** @type {number[]} */
  const waits = [];
  globalThis.setTimeout = /** @type {any} */ (
    (/** @type {() => void} */ call, /** @type {number} */ wait) => {
      waits.push(wait);
      return setTimeout(call, wait);
    }
  );
  await local.replicate.to(address, { timeout: kTimeout });
  const longest = Math.max(...waits);
  assert.ok(longest > kTimeout + 1_000_000 && longest < kTimeout + 1_001_000, `${longest}`);
  assert.ok(waits.includes(kTimeout), 'what is small has no more than its time');
});
