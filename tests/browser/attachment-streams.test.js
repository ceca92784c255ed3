// An attachment of 50 MB is pulled into IndexedDB, and the engine's memory never holds it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kBrowserNames } from './browser.js';
import { givingCouch, kPiece, kRoom, stub } from './large-attachment.js';
import { siteInBrowser } from './site-in-browser.js';
import { rememberMemories } from './wasm-memories.js';

for (const browserName of kBrowserNames) {
  describe(`An attachment of 50 MB in ${browserName}`, { timeout: 300_000 }, () => {
    const here = siteInBrowser(browserName);
    here.site.couch = givingCouch;

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
