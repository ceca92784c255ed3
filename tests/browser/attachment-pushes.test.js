// An attachment of 50 MB is pushed out of IndexedDB, to a server and to another database here, or
// carried from one server to another, and the engine's memory never holds it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kBrowserNames } from './browser.js';
import { givingCouch, kPiece, kPieces, kRoom, note, pieceOf, stub, TakingCouch } from './large-attachment.js';
import { siteInBrowser } from './site-in-browser.js';
import { rememberMemories } from './wasm-memories.js';

for (const browserName of kBrowserNames) {
  describe(`An attachment of 50 MB in ${browserName}`, { timeout: 300_000 }, () => {
    const here = siteInBrowser(browserName);

    for (const adapter of ['idb', 'memory']) {
      it(`is pushed past the engine's memory, adapter ${adapter}`, async () => {
        const couch = new TakingCouch();
        here.site.couch = couch.answer;
        const tab = await here.open();
        await tab.page.evaluateOnNewDocument(rememberMemories);
        await tab.page.reload();
        const { grown, ...pushed } = await tab.run(push, 'server', adapter, kPieces, kPiece);
        assert.deepEqual(pushed, { written: 1, failed: 0, wrong: [] });
        assertWhole(couch.put.attachments.large);
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

    it("is carried from one server to another past the engine's memory", async () => {
      const couch = new TakingCouch();
      here.site.couch = (request, response) => {
        const isSource = request.url?.startsWith('/from');
        request.url = request.url?.replace('/from', '');
        return (isSource ? givingCouch : couch.answer)(request, response);
      };
      const tab = await here.open();
      await tab.page.evaluateOnNewDocument(rememberMemories);
      await tab.page.reload();
      const { grown, ...carried } = await tab.run(carry);
      assert.deepEqual(carried, { written: 1, failed: 0 });
      const { document, attachments } = couch.put;
      assert.deepEqual([document._rev, document._attachments.large.digest], [note._rev, stub.digest]);
      assertWhole(attachments.large);
      assert.ok(grown < kRoom, `grown by ${grown} bytes`);
      await tab.close();
    });
  });
}

/** @param {Buffer} large */
function assertWhole(large) {
  assert.equal(large.length, kPieces * kPiece);
  for (let i = 0; i < kPieces; ++i) {
    assert.ok(large.subarray(i * kPiece, (i + 1) * kPiece).equals(pieceOf(i)), `piece ${i}`);
  }
}

// Run in the page.

async function carry() {
  while (!globalThis.Couchlet) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Couchlet('starts the engine', { adapter: 'memory' }).info();
  const memory = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  const before = memory();
  if (before === 0) throw new Error('no memory is known');
  const { docs_written: written, doc_write_failures: failed } = await Couchlet.replicate(
    `${location.origin}/couch/from/db`,
    `${location.origin}/couch/db`,
    { checkpoint: false },
  );
  return { written, failed, grown: memory() - before };
}

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
