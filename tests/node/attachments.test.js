// Attachments, in each kind of database and between them. In Node they are Buffers where an app
// gets them; tests/browser/attachments.test.js has the Blobs, and large ones.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { after, afterEach, beforeEach, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { onEveryKind, onLocalKinds } from './database-kinds.js';

const kType = 'image/png'; // CouchDB stores it as it is, so that digests are those of the bytes
const kMissingAttachment = { status: 404, name: 'not_found' };

/** @param {Uint8Array} bytes */
const digestOf = (bytes) => `md5-${createHash('md5').update(bytes).digest('base64')}`;

/** @param {Uint8Array} bytes */
const base64 = (bytes) => Buffer.from(bytes).toString('base64');

const kHello = Buffer.from('hello');
// More than a record, a piece to hash or a piece to read holds.
const kLarge = randomBytes(3_000_001);

onEveryKind('attachments', ({ open }) => {
  test('what is put is what comes back, whatever it was put as', async () => {
    const db = open();
    const bytes = Uint8Array.from(kHello);
    const forms = {
      base64: base64(kHello),
      Buffer: kHello,
      Blob: new Blob([kHello]),
      'array buffer': bytes.buffer,
      'part of an array': new Uint8Array([0, ...bytes, 0]).subarray(1, 6),
      nothing: '',
    };
    for (const [name, data] of Object.entries(forms)) {
      await db.putAttachment(name, 'x', data, kType);
      const expected = name === 'nothing' ? '' : 'hello';
      assert.equal(String(await db.getAttachment(name, 'x')), expected, name);
    }
  });

  test('a document tells of its attachments by stubs', async () => {
    const db = open();
    const { rev } = await db.putAttachment('doc', 'x.png', kLarge, kType);
    const { _attachments: attachments } = await db.get('doc');
    assert.deepEqual(attachments, {
      'x.png': {
        content_type: kType,
        digest: digestOf(kLarge),
        length: kLarge.length,
        revpos: 1,
        stub: true,
      },
    });
    assert.match(rev, /^1-/);
  });

  test('a large attachment comes back byte for byte', async () => {
    const db = open();
    await db.putAttachment('doc', 'x', kLarge, kType);
    const back = await db.getAttachment('doc', 'x');
    assert.ok(Buffer.isBuffer(back));
    assert.ok(kLarge.equals(back));
  });

  test('attachments are added to, replaced in and removed from a document', async () => {
    const db = open();
    const first = await db.put({ _id: 'doc', n: 1 });
    const second = await db.putAttachment('doc', 'x', first.rev, kHello, kType);
    const third = await db.putAttachment('doc', 'y', second.rev, kLarge, kType);
    const fourth = await db.putAttachment('doc', 'x', third.rev, Buffer.from('again'), kType);
    const present = await db.get('doc');
    assert.equal(present.n, 1);
    assert.equal(present._attachments.x.revpos, 4);
    assert.equal(present._attachments.y.revpos, 3);
    assert.equal(String(await db.getAttachment('doc', 'x')), 'again');
    assert.equal(String(await db.getAttachment('doc', 'x', { rev: second.rev })), 'hello');
    const fifth = await db.removeAttachment('doc', 'x', fourth.rev);
    assert.deepEqual(Object.keys((await db.get('doc'))._attachments), ['y']);
    await assert.rejects(db.getAttachment('doc', 'x'), kMissingAttachment);
    await db.removeAttachment('doc', 'y', fifth.rev);
    assert.equal((await db.get('doc'))._attachments, undefined);
  });

  test('what has been changed in the meantime is a conflict', async () => {
    const db = open();
    const first = await db.putAttachment('doc', 'x', kHello, kType);
    await db.putAttachment('doc', 'x', first.rev, kLarge, kType);
    const conflict = { status: 409, name: 'conflict' };
    await assert.rejects(db.putAttachment('doc', 'x', first.rev, kHello, kType), conflict);
    await assert.rejects(db.putAttachment('doc', 'y', kHello, kType), conflict);
    await assert.rejects(db.removeAttachment('doc', 'x', first.rev), conflict);
    assert.equal((await db.getAttachment('doc', 'x')).length, kLarge.length);
  });

  test('there is no attachment of no document', async () => {
    const db = open();
    await db.put({ _id: 'doc' });
    await assert.rejects(db.getAttachment('doc', 'x'), kMissingAttachment);
    await assert.rejects(db.getAttachment('none', 'x'), kMissingAttachment);
  });

  test('documents bring attachments of every form, and keep them as stubs', async () => {
    const db = open();
    await db.put({
      _id: 'doc',
      _attachments: {
        a: { content_type: kType, data: base64(kHello) },
        b: { content_type: kType, data: kLarge },
        c: { data: new Blob([kHello], { type: kType }) },
      },
    });
    const document = await db.get('doc');
    await db.put({ ...document, edited: true });
    const { _attachments: attachments } = await db.get('doc', { attachments: true, binary: true });
    assert.deepEqual(attachments.a.data, kHello);
    assert.ok(kLarge.equals(attachments.b.data));
    assert.deepEqual(attachments.c.data, kHello);
    assert.equal(attachments.c.content_type, kType);
    assert.equal(attachments.b.revpos, 1);
  });

  test('bulkDocs brings attachments', async () => {
    const db = open();
    const entries = await db.bulkDocs([
      { _id: 'a', _attachments: { x: { content_type: kType, data: kHello } } },
      { _id: 'b' },
      { _id: 'c', _attachments: { x: { content_type: kType, data: base64(kHello) } } },
    ]);
    assert.deepEqual(entries.map(({ ok }) => ok), [true, true, true]);
    for (const id of ['a', 'c']) assert.deepEqual(await db.getAttachment(id, 'x'), kHello);
  });

  test('a stub of nothing and what is no base64 are refused', async () => {
    const db = open();
    const withAttachment = (/** @type {any} */ x) => db.put({ _id: 'doc', _attachments: { x } });
    await assert.rejects(withAttachment({ stub: true }), { status: 412, name: 'missing_stub' });
    await assert.rejects(withAttachment({ content_type: kType, data: '%' }));
    await assert.rejects(db.putAttachment('doc', 'x', '%', kType), { status: 400 });
    await assert.rejects(db.get('doc'), { status: 404 });
  });

  test('data is given where it is asked for', async () => {
    const db = open();
    await db.putAttachment('doc', 'x', kHello, kType);
    const dataOf = (/** @type {any} */ document) => document._attachments.x.data;
    const options = { attachments: true, include_docs: true };
    const inBase64 = base64(kHello);
    assert.equal(dataOf(await db.get('doc', options)), inBase64);
    assert.equal(dataOf((await db.allDocs(options)).rows[0].doc), inBase64);
    assert.equal(dataOf((await db.changes(options)).results[0].doc), inBase64);
    const docs = [{ id: 'doc' }];
    const { results } = await db.bulkGet({ docs, attachments: true });
    assert.equal(dataOf(results[0].docs[0].ok), inBase64);
    const binary = { ...options, binary: true };
    assert.deepEqual(dataOf(await db.get('doc', binary)), kHello);
    assert.deepEqual(dataOf((await db.allDocs(binary)).rows[0].doc), kHello);
    assert.deepEqual(dataOf((await db.changes(binary)).results[0].doc), kHello);
    assert.equal(dataOf(await db.get('doc')), undefined);
  });

  test('names are any text', async () => {
    const db = open();
    let rev;
    for (const name of ['ä ?&#%', 'folder/file.png', '日本', 'a.b.c']) {
      ({ rev } = await db.putAttachment('an id/with ?', name, rev, kHello, kType));
      assert.deepEqual(await db.getAttachment('an id/with ?', name), kHello, name);
    }
  });

  test('a name that begins with an underscore is refused', async () => {
    const db = open();
    await assert.rejects(db.putAttachment('doc', '_x', kHello, kType), { status: 400 });
  });

  test('callbacks get what promises do', async () => {
    const db = open();
    const answerOf = (/** @type {(callback: any) => void} */ call) =>
      new Promise((resolve, reject) => {
        call((/** @type {any} */ error, /** @type {any} */ answer) =>
          error ? reject(error) : resolve(answer),
        );
      });
    const { rev } = await answerOf((done) => db.putAttachment('doc', 'x', kHello, kType, done));
    assert.deepEqual(await answerOf((done) => db.getAttachment('doc', 'x', done)), kHello);
    assert.deepEqual(await answerOf((done) => db.getAttachment('doc', 'x', { rev }, done)), kHello);
    const removed = await answerOf((done) => db.removeAttachment('doc', 'x', rev, done));
    assert.match(removed.rev, /^2-/);
  });
});

onLocalKinds('attachments of a local database', ({ open }) => {
  test('a deleted document is written again by its attachment', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'doc' });
    await db.remove('doc', rev);
    const again = await db.putAttachment('doc', 'x', kHello, kType);
    assert.match(again.rev, /^3-/);
  });

  test('a document is what it was at the call', async () => {
    const db = open();
    const bytes = Uint8Array.from(kHello);
    const document = { _id: 'doc', n: 1, _attachments: { x: { data: bytes } } };
    const written = db.put(document);
    document.n = 2;
    bytes.fill(0);
    await written;
    assert.equal((await db.get('doc')).n, 1);
    assert.deepEqual(await db.getAttachment('doc', 'x'), kHello);
  });

  test('a member of this name gives nobody bytes', async () => {
    const db = open();
    for (let staged = 1; staged < 50; staged += 1) {
      const writing = db.put({ _id: 'doc', _attachments: { x: { staged } } });
      await assert.rejects(writing, { status: 400 });
    }
  });

  test('an attachment is read by many at a time while it is removed', async () => {
    const db = open({ auto_compaction: true });
    const { rev } = await db.putAttachment('doc', 'x', kLarge, kType);
    const reads = Array.from({ length: 5 }, () => db.getAttachment('doc', 'x').catch((e) => e));
    await db.removeAttachment('doc', 'x', rev);
    for (const read of await Promise.all(reads)) {
      if (read instanceof Error) assert.equal(/** @type {any} */ (read).status, 404);
      else assert.ok(kLarge.equals(read));
    }
  });
});

describe('attachments in IndexedDB', () => {
  /** @type {Couchlet} */
  let db;
  beforeEach(() => {
    db = new Couchlet(randomUUID());
  });
  afterEach(() => db.destroy());

  const succeeded = (/** @type {IDBRequest} */ request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = resolve;
      request.onerror = reject;
    });

  /** What the object store has, by digest. @returns {Promise<Map<any, any>>} */
  async function storedBlobs() {
    const request = indexedDB.open(`couchlet:${db.name}`);
    await succeeded(request);
    const store = request.result.transaction('blobs').objectStore('blobs');
    const [keys, values] = [store.getAllKeys(), store.getAll()];
    await succeeded(values);
    request.result.close();
    return new Map(keys.result.map((key, i) => [key, values.result[i]]));
  }

  test('small ones are records, large ones Blobs, however they came', async () => {
    const text = base64(kLarge);
    const staged = { large: { data: kLarge }, small: { data: kHello } };
    const inline = { large: { data: text.slice(4) }, small: { data: text.slice(0, 8) } };
    await db.bulkDocs([{ _attachments: staged }, { _attachments: inline }]);
    const values = [...(await storedBlobs()).values()];
    const kinds = values.map((value) => (value instanceof Blob ? 'Blob' : value.length));
    assert.deepEqual(kinds.sort(), [5, 6, 'Blob', 'Blob']);
  });

  test('the same bytes are stored once, under their digest', async () => {
    await db.putAttachment('a', 'x', kHello, kType);
    await db.putAttachment('b', 'y', kHello, 'text/plain');
    assert.deepEqual([...(await storedBlobs()).keys()], [digestOf(kHello)]);
  });

  test('nothing is kept of what there is no room for, and the next may do', async () => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
      if (this.name !== 'blobs') return put.apply(this, args);
      throw new DOMException('No room', 'QuotaExceededError');
    };
    const writing = db.putAttachment('doc', 'x', kLarge, kType);
    await assert.rejects(writing, { status: 507, name: 'insufficient_storage' });
    IDBObjectStore.prototype.put = put;
    await assert.rejects(db.get('doc'), { status: 404 });
    assert.equal((await storedBlobs()).size, 0);
    await db.putAttachment('doc', 'x', kLarge, kType);
    assert.ok(kLarge.equals(await db.getAttachment('doc', 'x')));
  });

  test('they are read where the browser has taken the connection away', async () => {
    await db.putAttachment('doc', 'x', kLarge, kType);
    const { transaction } = IDBDatabase.prototype;
    let broken = 0;
    IDBDatabase.prototype.transaction = function (...args) {
      IDBDatabase.prototype.transaction = transaction;
      broken += 1;
      this.close();
      return transaction.apply(this, args);
    };
    assert.ok(kLarge.equals(await db.getAttachment('doc', 'x')));
    assert.equal(broken, 1);
  });
});

describe('attachments and replication', async () => {
  const server = await couchDB();
  /** @type {Couchlet[]} */
  const opened = [];
  afterEach(async () => {
    for (const db of opened.splice(0)) await db.destroy();
  });
  after(() => server.clear());

  /** @param {string} name @param {object} [options] */
  function open(name, options) {
    opened.push(new Couchlet(name, options));
    return opened.at(-1);
  }
  const openLocal = (/** @type {any} */ adapter) => open(randomUUID(), { adapter });

  for (const adapter of ['idb', 'memory']) {
    test(`go both ways and come back, adapter ${adapter}`, async () => {
      const [here, elsewhere] = [openLocal(adapter), openLocal(adapter)];
      const remote = open(server.newDatabase());
      await here.put({ _id: 'plain' });
      const { rev } = await here.putAttachment('doc', 'x', kLarge, kType);
      await here.putAttachment('doc', 'y', rev, kHello, kType);
      await here.replicate.to(remote);
      assert.ok(kLarge.equals(await remote.getAttachment('doc', 'x')));
      await elsewhere.replicate.from(remote);
      assert.ok(kLarge.equals(await elsewhere.getAttachment('doc', 'x')));
      assert.deepEqual(await elsewhere.getAttachment('doc', 'y'), kHello);
      assert.equal((await elsewhere.get('doc'))._rev, (await here.get('doc'))._rev);
    });

    test(`what has not changed stays, adapter ${adapter}`, async () => {
      const [here, elsewhere] = [openLocal(adapter), openLocal(adapter)];
      const remote = open(server.newDatabase());
      await here.putAttachment('doc', 'x', kHello, kType);
      await here.sync(remote);
      await elsewhere.sync(remote);
      await elsewhere.put({ ...(await elsewhere.get('doc')), edited: 'elsewhere' });
      await elsewhere.sync(remote);
      const remotely = await remote.get('doc');
      await remote.put({ ...remotely, edited: 'remotely' });
      const pulled = await here.replicate.from(remote);
      assert.equal(pulled.doc_write_failures, 0);
      assert.equal((await here.get('doc')).edited, 'remotely');
      assert.deepEqual(await here.getAttachment('doc', 'x'), kHello);
    });

    test(`go from one local database to another, adapter ${adapter}`, async () => {
      const [here, elsewhere] = [openLocal(adapter), openLocal(adapter)];
      await here.putAttachment('doc', 'x', kLarge, kType);
      await here.replicate.to(elsewhere);
      assert.ok(kLarge.equals(await elsewhere.getAttachment('doc', 'x')));
    });
  }
});
