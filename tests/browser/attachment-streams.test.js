// An attachment of 50 MB is pulled into IndexedDB, and the engine's memory never holds it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { kBrowserNames } from './browser.js';
import { siteInBrowser } from './site-in-browser.js';
import { rememberMemories } from './wasm-memories.js';

const kPiece = 1024 * 1024;
const kPieces = 50;
const kRoom = 16 * 1024 * 1024; // of WebAssembly memory, for all but the attachment

/** @param {number} i */
const pieceOf = (i) => Buffer.alloc(kPiece, i);

function digestOfAll() {
  const hash = createHash('md5');
  for (let i = 0; i < kPieces; ++i) hash.update(pieceOf(i));
  return `md5-${hash.digest('base64')}`;
}

const stub = {
  content_type: 'video/mp4',
  revpos: 1,
  digest: digestOfAll(),
  length: kPieces * kPiece,
  stub: true,
};
const note = {
  _id: 'note',
  _rev: '1-d5ffe51e2ab85e2fc23f3b7d63df2a34',
  _revisions: { start: 1, ids: ['d5ffe51e2ab85e2fc23f3b7d63df2a34'] },
  _attachments: { large: stub },
};
const change = { seq: '1-x', id: note._id, changes: [{ rev: note._rev }] };

/**
 * As much of a CouchDB as a pull of this one document needs, without checkpoints.
 *
 * @type {import('node:http').RequestListener}
 */
async function couch({ method, url = '' }, response) {
  const route = `${method} ${url.split('?')[0]}`;
  const json = (/** @type {number} */ status, /** @type {object} */ body) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (route === 'GET /db' || route === 'GET /db/') {
    json(200, { db_name: 'db', update_seq: '1-x' });
  } else if (route === 'GET /db/_changes') {
    json(200, { results: [change], last_seq: '1-x', pending: 0 });
  } else if (route === 'POST /db/_bulk_get') {
    json(200, { results: [{ id: note._id, docs: [{ ok: note }] }] });
  } else if (route === 'GET /db/note/large') {
    response.writeHead(200, { 'Content-Type': stub.content_type });
    for (let i = 0; i < kPieces; ++i) {
      await new Promise((resolve) => response.write(pieceOf(i), resolve));
    }
    response.end();
  } else {
    json(404, { error: 'not_found', reason: 'missing' });
  }
}

for (const browserName of kBrowserNames) {
  describe(`An attachment of 50 MB in ${browserName}`, { timeout: 300_000 }, () => {
    const here = siteInBrowser(browserName);
    here.site.couch = couch;

    for (const adapter of ['idb', 'memory']) {
      it(`is pulled past the engine's memory, adapter ${adapter}`, async () => {
        const tab = await here.open();
        await tab.page.evaluateOnNewDocument(rememberMemories);
        await tab.page.reload();
        const { grown, ...pulled } = await tab.run(pull, adapter, kPiece);
        const { digest, length } = stub;
        assert.deepEqual(pulled, { written: 1, digest, length, size: length, isSame: true });
        assert.ok(grown < kRoom, `grown by ${grown} bytes`);
        await tab.close();
      });
    }
  });
}

// Run in the page.

async function pull(/** @type {string} */ adapter, /** @type {number} */ pieceBytes) {
  while (!globalThis.Couchlet) await new Promise((resolve) => setTimeout(resolve, 10));
  const db = new Couchlet(`streams ${adapter}`, { adapter });
  await db.info();
  const memory = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  const before = memory();
  if (before === 0) throw new Error('no memory is known');
  const { docs_written: written } = await db.replicate.from(`${location.origin}/couch/db`, {
    checkpoint: false,
  });
  const grown = memory() - before;
  const { _attachments: all } = await db.get('note');
  const blob = await db.getAttachment('note', 'large');
  let isSame = true;
  for (let at = 0; at < blob.size; at += pieceBytes) {
    const found = new Uint8Array(await blob.slice(at, at + pieceBytes).arrayBuffer());
    isSame &&= found.every((byte) => byte === at / pieceBytes);
  }
  const { digest, length } = all.large;
  await db.destroy();
  return { written, digest, length, size: blob.size, isSame, grown };
}
