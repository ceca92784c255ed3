// Couchlet.fromPouchDB: what of a PouchDB database is in its copy.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import PouchDB from 'pouchdb';
import memory from 'pouchdb-adapter-memory';
import { couchDB } from './couchdb-server.js';

PouchDB.plugin(memory);

const rev = (digit, generation = 1) => `${generation}-${digit.repeat(32)}`;

/** Every leaf with its history and its attachments, in an order of its own. */
async function leavesOf(db) {
  const { results } = await db.changes({ style: 'all_docs' });
  const leaves = results.flatMap(({ id, changes }) =>
    changes.map(({ rev: leaf }) =>
      db.get(id, { rev: leaf, revs: true, attachments: true, local_seq: false }),
    ),
  );
  const texts = (await Promise.all(leaves)).map((leaf) => JSON.stringify(sorted(leaf)));
  return texts.sort();
}

/** The database with another `get`: any object with PouchDB's methods will do. */
const withGet = (db, get) => ({
  name: db.name,
  id: () => db.id(),
  info: () => db.info(),
  changes: (options) => db.changes(options),
  get: (id, options) => get(id, options),
});

/** The same value with members in order: PouchDB gives them in another. */
function sorted(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return Object.fromEntries(names.sort().map((name) => [name, sorted(value[name])]));
}

for (const adapter of ['idb', 'memory']) {
  describe(`fromPouchDB, adapter ${adapter}`, () => {
    const opened = [];
    const pouch = () => {
      opened.push(new PouchDB(`source-${randomUUID()}`, { adapter: 'memory' }));
      return opened.at(-1);
    };
    const copyOf = async (source, options) => {
      opened.push(await Couchlet.fromPouchDB(source, { adapter, ...options }));
      return opened.at(-1);
    };
    afterEach(async () => {
      for (const db of opened.splice(0)) await db.destroy().catch(() => {});
    });

    /** Something of everything. */
    async function fill(db) {
      const { rev: first } = await db.put({ _id: 'plain', text: 'Öl', n: [1.5, { a: null }] });
      await db.put({ _id: 'plain', _rev: first, text: 'edited' });
      await db.bulkDocs(
        [
          { _id: 'conflict', _rev: rev('a'), by: 'a' },
          { _id: 'conflict', _rev: rev('b'), by: 'b' },
          { _id: 'conflict', _rev: rev('c'), by: 'c', _deleted: true },
        ],
        { new_edits: false },
      );
      await db.remove(await db.put({ _id: 'gone' }).then(() => db.get('gone')));
      await db.put({ _id: '_design/views', views: { all: { map: 'function (doc) {}' } } });
      const png = Buffer.from('PNG');
      const { rev: photo } = await db.putAttachment('photo', 'p.png', png, 'image/png');
      await db.putAttachment('photo', 't.txt', photo, Buffer.from('text'), 'text/plain');
      await db.put({ _id: 'a/b ünïcode 🐢', slash: true });
    }

    test('an empty one', async () => {
      const source = pouch();
      const copy = await copyOf(source);
      assert.equal(copy.name, source.name);
      assert.equal((await copy.info()).doc_count, 0);
    });

    test('documents, histories, conflicts, deletions, design documents, attachments', async () => {
      const source = pouch();
      await fill(source);
      const copy = await copyOf(source);
      const leaves = await leavesOf(copy);
      assert.ok(leaves.length >= 8);
      assert.deepEqual(leaves, await leavesOf(source));
      assert.equal((await copy.info()).doc_count, (await source.info()).doc_count);
      const { _revisions } = await copy.get('plain', { revs: true });
      assert.equal(_revisions.ids.length, 2);
      assert.equal(String(await copy.getAttachment('photo', 't.txt')), 'text');
      assert.deepEqual(await copy.conflicts(), [
        { id: 'conflict', rev: rev('b'), conflicts: [rev('a')] },
      ]);
    });

    test('again: what is new since then, and nothing twice', async () => {
      const source = pouch();
      await fill(source);
      const first = await copyOf(source);
      const { update_seq: sequence } = await first.info();
      if (adapter === 'idb') await first.close();
      const again = adapter === 'idb' ? await copyOf(source) : first;
      assert.equal((await again.info()).update_seq, sequence);
      if (adapter === 'memory') return; // its data goes with its last object
      await source.put({ _id: 'new' });
      const read = [];
      const watched = withGet(source, (id, options) => (read.push(id), source.get(id, options)));
      await again.close();
      const third = await copyOf(watched);
      assert.deepEqual(read, ['new']);
      assert.deepEqual(await leavesOf(third), await leavesOf(source));
    });

    test('after it broke off it goes on; another database of the name begins anew', async (t) => {
      if (adapter === 'memory') return t.skip('its data goes with its last object');
      const source = pouch();
      await source.bulkDocs(Array.from({ length: 25 }, (_, i) => ({ _id: `doc:${i}` })));
      let reads = 0;
      const breaking = withGet(source, async (id, options) => {
        if ((reads += 1) > 12) throw new Error('no connection');
        return source.get(id, options);
      });
      await assert.rejects(copyOf(breaking, { batch_size: 5 }), { message: 'no connection' });
      const told = [];
      const onProgress = (progress) => told.push(progress.documents);
      const copy = await copyOf(source, { batch_size: 5, onProgress });
      assert.equal(told.at(-1), 15);
      assert.equal((await copy.info()).doc_count, 25);
      await copy.close();
      const other = pouch();
      await other.put({ _id: 'other' });
      const joined = await copyOf(other, { name: source.name });
      assert.equal((await joined.get('other'))._id, 'other');
    });

    test('progress is told', async () => {
      const source = pouch();
      await source.bulkDocs(Array.from({ length: 7 }, (_, i) => ({ _id: `doc:${i}` })));
      const told = [];
      await copyOf(source, { batch_size: 3, onProgress: (progress) => told.push(progress) });
      assert.deepEqual(told, [
        { documents: 3, revisions: 3, pending: 4, done: false },
        { documents: 6, revisions: 6, pending: 1, done: false },
        { documents: 7, revisions: 7, pending: 0, done: true },
      ]);
    });

    test('local documents that are named, and no checkpoint', async () => {
      const source = pouch();
      await source.put({ _id: '_local/settings', theme: 'dark' });
      await source.put({ _id: '_local/other', n: 1 });
      await source.put({ _id: '_local/point', session_id: 'x', history: [], last_seq: 5 });
      const local_ids = ['settings', '_local/other', 'point', 'never'];
      const copy = await copyOf(source, { local_ids });
      assert.equal((await copy.get('_local/settings')).theme, 'dark');
      assert.equal((await copy.get('_local/other')).n, 1);
      await assert.rejects(copy.get('_local/point'), { status: 404 });
      await copy.update('_local/settings', () => ({ theme: 'light' }));
      if (adapter === 'memory') return;
      await copy.close();
      const again = await copyOf(source, { local_ids });
      assert.equal((await again.get('_local/settings')).theme, 'light');
    });

    test('a revision that can’t be read is named, and the rest is copied', async (t) => {
      if (adapter === 'memory') return t.skip('its data goes with its last object');
      const source = pouch();
      await source.bulkDocs([{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }]);
      const damaged = withGet(source, async (id, options) => {
        if (id === 'b') throw Object.assign(new Error('missing'), { status: 404 });
        return source.get(id, options);
      });
      const failure = { name: 'migration_incomplete', status: 500, reason: /^1 revisions?.*b 1-/ };
      await assert.rejects(copyOf(damaged), failure);
      const copy = await copyOf(source);
      assert.equal((await copy.info()).doc_count, 3);
    });

    test('a signal ends it', async () => {
      const source = pouch();
      await source.put({ _id: 'a' });
      const signal = AbortSignal.abort();
      await assert.rejects(copyOf(source, { signal }), { name: 'AbortError' });
    });

    test('edits go on from the revisions that were copied', async () => {
      const source = pouch();
      await fill(source);
      const copy = await copyOf(source);
      const { rev: edited } = await copy.put({ ...(await copy.get('plain')), text: 'again' });
      assert.match(edited, /^3-/);
      const { _attachments } = await copy.get('photo');
      await copy.update('photo', (doc) => ({ ...doc, seen: true }));
      assert.deepEqual((await copy.get('photo'))._attachments, _attachments);
    });
  });
}

describe('fromPouchDB', () => {
  test('needs a database, and a name where that has none', async () => {
    await assert.rejects(Couchlet.fromPouchDB(), { status: 400 });
    await assert.rejects(Couchlet.fromPouchDB({}), { status: 400 });
    const server = await couchDB();
    const remote = new PouchDB(server.newDatabase());
    await assert.rejects(Couchlet.fromPouchDB(remote), { status: 400 });
    await remote.put({ _id: 'a' });
    const options = { name: randomUUID(), adapter: 'memory' };
    const copy = await Couchlet.fromPouchDB(remote, options);
    assert.equal((await copy.get('a'))._id, 'a');
    await copy.destroy();
    await server.clear();
  });

  test('a class of other defaults makes its own', async () => {
    const Memory = Couchlet.defaults({ adapter: 'memory' });
    const source = new PouchDB(randomUUID(), { adapter: 'memory' });
    const copy = await Memory.fromPouchDB(source);
    assert.equal(copy.adapter, 'memory');
    await copy.destroy();
    await source.destroy();
  });
});
