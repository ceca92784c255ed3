// Numbers that JavaScript can't hold go through a database as the text they are: pulled from one
// server and pushed to another, by way of another database, with an attachment added, or winning a
// conflict.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { onLocalKinds } from './database-kinds.js';
import { misbehavingServer } from './misbehaving-server.js';

// A 64-bit integer and what comes after it, more digits than a double has, floats that a double
// would write in another way.
const kNumbers =
  '"id64":9223372036854775807,"next":9223372036854775808,"digits":12345678901234567890123,' +
  '"tiny":0.1234567890123456789012345,"one":1.0,"exponent":1E3';

const kFirst = `1-${'a'.repeat(32)}`;
const kSecond = `2-${'b'.repeat(32)}`;
const kHistory = `"_revisions":{"start":2,"ids":["${'b'.repeat(32)}","${'a'.repeat(32)}"]}`;
const kNew = `{"_id":"new","_rev":"${kFirst}",${kNumbers}}`;
const kEdited = `{"_id":"edited","_rev":"${kSecond}",${kHistory},${kNumbers}}`;

const kChanges =
  `{"results":[{"seq":1,"id":"new","changes":[{"rev":"${kFirst}"}],"doc":${kNew}},` +
  `{"seq":2,"id":"edited","changes":[{"rev":"${kSecond}"}],"doc":${kEdited}}],` +
  '"last_seq":2,"pending":0}';

const kBulkGet = `{"results":[{"id":"edited","docs":[{"ok":${kEdited}}]}]}`;

/** A database of texts: it gives these documents, and keeps what it is given. */
async function textServer(changes = kChanges) {
  const given = [];
  const server = await misbehavingServer(({ method, path, body }, response) => {
    const [, resource] = /^\/db\/?([^?]*)/.exec(path);
    const answer = (status, text) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };
    if (resource === '') return answer(200, '{"db_name":"db","update_seq":2,"doc_count":2}');
    if (resource === '_changes') return answer(200, changes);
    if (resource === '_bulk_get') return answer(200, kBulkGet);
    if (resource === '_revs_diff') {
      const missing = Object.entries(JSON.parse(String(body))).map(([id, revs]) => [
        id,
        { missing: revs },
      ]);
      return answer(200, JSON.stringify(Object.fromEntries(missing)));
    }
    if (resource === '_bulk_docs') {
      given.push(String(body));
      return answer(201, '[]');
    }
    if (method === 'PUT') return answer(201, `{"ok":true,"id":"${resource}","rev":"0-1"}`);
    return answer(404, '{"error":"not_found","reason":"missing"}');
  });
  after(() => server.stop());
  return { url: `${server.url}/db`, given };
}

/** How often the numbers were given as the text they are. */
const timesIn = (texts) => texts.join('').split(kNumbers).length - 1;

onLocalKinds('numbers that JavaScript can’t hold', ({ open }) => {
  /** @param {import('couchlet').default} db */
  async function pull(db) {
    const source = await textServer();
    const { docs_written: written, errors } = await db.replicate.from(source.url);
    assert.deepEqual(errors, []);
    assert.equal(written, 2);
  }

  /** @param {import('couchlet').default} db */
  async function push(db) {
    const target = await textServer();
    const { docs_written: written } = await db.replicate.to(target.url);
    return { written, texts: target.given };
  }

  test('are pulled and pushed on unchanged', async () => {
    const db = open();
    await pull(db);
    const { written, texts } = await push(db);
    assert.equal(written, 2);
    assert.equal(timesIn(texts), 2, texts.join('\n'));
  });

  test('by way of another database', async () => {
    const [first, second] = [open(), open()];
    await pull(first);
    await second.replicate.from(first);
    assert.equal(timesIn((await push(second)).texts), 2);
  });

  test('though they were read: JavaScript has seen the nearest numbers', async () => {
    const db = open();
    await pull(db);
    const { id64, one, exponent } = await db.get('edited');
    assert.deepEqual([id64, one, exponent], [2 ** 63, 1, 1000]);
    await db.allDocs({ include_docs: true });
    assert.equal(timesIn((await push(db)).texts), 2);
  });

  test('in a document that gets an attachment, and loses it', async () => {
    const db = open();
    await pull(db);
    const { rev } = await db.putAttachment('new', 'x', kFirst, new Blob(['x']), 'image/png');
    const removed = await db.removeAttachment('new', 'x', rev);
    const { texts } = await push(db);
    assert.equal(timesIn(texts), 2);
    assert.ok(texts.join('').includes(removed.rev.slice(2)));
  });

  test('in a document that wins a conflict', async () => {
    const db = open();
    await pull(db);
    await db.bulkDocs([{ _id: 'edited', _rev: `2-${'0'.repeat(32)}` }], { new_edits: false });
    await db.resolve('edited', () => 'winner');
    assert.equal(timesIn((await push(db)).texts), 2);
  });

  // CouchDB has none of these: its JSON reader refuses them. To JSON.parse they are Infinity, which
  // JSON can't write.
  test('but not one that no double holds: its document is refused, with a reason', async () => {
    const db = open();
    const rows = [
      ['huge', `{"_id":"huge","_rev":"${kFirst}","n":[1,-1e400]}`],
      ['new', kNew],
    ].map(([id, doc], i) => {
      return `{"seq":${i + 1},"id":"${id}","changes":[{"rev":"${kFirst}"}],"doc":${doc}}`;
    });
    const source = await textServer(`{"results":[${rows}],"last_seq":2,"pending":0}`);
    /** @type {any[]} */
    const denied = [];
    const replication = db.replicate.from(source.url);
    replication.on('denied', (refusal) => denied.push(refusal));
    const result = await replication;
    assert.deepEqual([result.docs_written, result.doc_write_failures], [1, 1]);
    assert.equal(denied.length, 1);
    assert.equal(denied[0].id, 'huge');
    assert.match(denied[0].reason, /a number that is too large/);
    assert.equal((await db.get('new')).one, 1);
  });
});
