// An attachment of 50 MB is pushed out of IndexedDB, to a server and to another database here, and
// the engine's memory never holds it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { documentOf } from '../node/multipart-document.js';
import { kBrowserNames } from './browser.js';
import { siteInBrowser } from './site-in-browser.js';
import { rememberMemories } from './wasm-memories.js';

const kPiece = 1024 * 1024;
const kPieces = 50;
const kRoom = 16 * 1024 * 1024; // of WebAssembly memory, for all but the attachment

/**
 * As much of a CouchDB as a push of one document needs, without checkpoints, and as strict. What was
 * put is here.
 */
class SmallCouch {
  /** @type {any} */
  put = undefined;

  /** @type {import('node:http').RequestListener} */
  answer = async (request, response) => {
    const { method, url = '', headers } = request;
    const route = `${method} ${url.split('?')[0]}`;
    const json = (/** @type {number} */ status, /** @type {object} */ body) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (route === 'GET /db' || route === 'GET /db/') {
      json(200, { db_name: 'db', update_seq: '0-x' });
    } else if (route === 'POST /db/_revs_diff') {
      json(200, { note: { missing: Object.values(JSON.parse(String(await bodyOf(request))))[0] } });
    } else if (route === 'PUT /db/note') {
      this.put = documentOf({ headers, body: await bodyOf(request) });
      json(201, { ok: true, id: 'note', rev: this.put.document._rev });
    } else if (route === 'GET /db/note') {
      const { document } = this.put;
      const { follows, ...large } = document._attachments.large;
      json(200, { ...document, _attachments: { large: { ...large, stub: true } } });
    } else {
      json(404, { error: 'not_found', reason: 'missing' });
    }
  };
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

for (const browserName of kBrowserNames) {
  describe(`An attachment of 50 MB in ${browserName}`, { timeout: 300_000 }, () => {
    const here = siteInBrowser(browserName);

    for (const adapter of ['idb', 'memory']) {
      it(`is pushed past the engine's memory, adapter ${adapter}`, async () => {
        const couch = new SmallCouch();
        here.site.couch = couch.answer;
        const tab = await here.open();
        await tab.page.evaluateOnNewDocument(rememberMemories);
        await tab.page.reload();
        const { grown, ...pushed } = await tab.run(push, 'server', adapter, kPieces, kPiece);
        assert.deepEqual(pushed, { written: 1, failed: 0, wrong: [] });
        const { large } = couch.put.attachments;
        assert.equal(large.length, kPieces * kPiece);
        for (let i = 0; i < kPieces; ++i) {
          const piece = large.subarray(i * kPiece, (i + 1) * kPiece);
          assert.ok(piece.equals(Buffer.alloc(kPiece, i)), `piece ${i}`);
        }
        assert.ok(grown < kRoom, `grown by ${grown} bytes`);
        await tab.close();
      });

      it(`goes to another database past the engine's memory, adapter ${adapter}`, async () => {
        const tab = await here.open();
        await tab.page.evaluateOnNewDocument(rememberMemories);
        await tab.page.reload();
        const { grown, ...copied } = await tab.run(push, 'database', adapter, kPieces, kPiece);
        assert.deepEqual(copied, { written: 1, failed: 0, wrong: [] });
        assert.ok(grown < kRoom, `grown by ${grown} bytes`);
        await tab.close();
      });
    }
  });
}

// Run in the page.

/** Tells how the memory grows meanwhile, and which pieces of a database's copy are not the same. */
async function push(
  /** @type {'server' | 'database'} */ target,
  /** @type {string} */ adapter,
  /** @type {number} */ pieces,
  /** @type {number} */ pieceBytes,
) {
  while (!globalThis.Couchlet) await new Promise((resolve) => setTimeout(resolve, 10));
  const db = new Couchlet(`pushes ${adapter}`, { adapter });
  const copy = target === 'database' ? new Couchlet(`copy ${adapter}`, { adapter }) : undefined;
  await copy?.info();
  const all = Array.from({ length: pieces }, (_, i) => new Uint8Array(pieceBytes).fill(i));
  await db.putAttachment('note', 'large', new Blob(all), 'video/mp4');
  const memory = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  const before = memory();
  if (before === 0) throw new Error('no memory is known');
  const { docs_written: written, doc_write_failures: failed } = await db.replicate.to(
    copy ?? `${location.origin}/couch/db`,
    { checkpoint: false },
  );
  const grown = memory() - before;
  const wrong = [];
  const blob = await copy?.getAttachment('note', 'large');
  for (let i = 0; blob && i < pieces; ++i) {
    const piece = await blob.slice(i * pieceBytes, (i + 1) * pieceBytes).arrayBuffer();
    if (indexedDB.cmp(piece, all[i].buffer) !== 0) wrong.push(i);
  }
  await db.destroy();
  await copy?.destroy();
  return { written, failed, grown, wrong };
}
