// Attachments as browsers have them: Blobs and Files, in IndexedDB over a reload and between tabs;
// and one of 100 MB, which the engine's memory must never hold.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Tab } from './bare-site.js';
import { kBrowserNames } from './browser.js';
import { siteInBrowser } from './site-in-browser.js';
import { rememberMemories } from './wasm-memories.js';

const kLarge = 100 * 1024 * 1024;
const kRoomForLarge = 16 * 1024 * 1024; // of WebAssembly memory, for all but the attachment

for (const browserName of kBrowserNames) {
  describe(`Attachments in ${browserName}`, { timeout: 300_000 }, () => {
    const here = siteInBrowser(browserName);
    /** @type {Tab} */
    let tab;
    let databases = 0;
    /** @type {string} a new one for each test */
    let name;

    beforeEach(async () => {
      name = `attachments ${(databases += 1)}`;
      tab = await here.open();
      await tab.run(open, name, {});
    });

    afterEach(() => tab.close());

    it('are Blobs of their type, after a reload and in another tab', async () => {
      await tab.run(async () => {
        const photo = new Blob(['a photo'], { type: 'image/jpeg' });
        const { rev } = await db.putAttachment('note', 'photo', photo);
        const list = new File(['a list'], 'list.txt', { type: 'text/plain' });
        await db.putAttachment('note', 'list', rev, list, 'text/markdown');
      });
      const read = async () => {
        const photo = await db.getAttachment('note', 'photo');
        const list = await db.getAttachment('note', 'list');
        return {
          photo: [photo instanceof Blob, photo.type, await photo.text()],
          list: [list instanceof File, list.type, await list.text()],
        };
      };
      const expected = {
        photo: [true, 'image/jpeg', 'a photo'],
        list: [false, 'text/markdown', 'a list'],
      };
      assert.deepEqual(await tab.run(read), expected);
      await tab.page.reload();
      await tab.run(open, name, {});
      assert.deepEqual(await tab.run(read), expected);
      const other = await here.open();
      await other.run(open, name, {});
      assert.deepEqual(await other.run(read), expected);
      await other.close();
    });

    it('come with documents as base64 or as Blobs, whatever their size', async () => {
      const answer = await tab.run(async () => {
        const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i * 7);
        const attachments = { large: { data: bytes }, small: { data: new Blob(['small']) } };
        await db.put({ _id: 'note', _attachments: attachments });
        const isSame = async (/** @type {Blob} */ blob) => {
          const found = new Uint8Array(await blob.arrayBuffer());
          return found.length === bytes.length && found.every((byte, i) => byte === bytes[i]);
        };
        const options = { attachments: true, include_docs: true };
        const [{ doc: inline }] = (await db.allDocs(options)).rows;
        const url = `data:;base64,${inline._attachments.large.data}`;
        const binary = await db.get('note', { ...options, binary: true });
        return {
          inline: await isSame(await (await fetch(url)).blob()),
          small: atob(inline._attachments.small.data),
          binary: await isSame(binary._attachments.large.data),
          smallBlob: await binary._attachments.small.data.text(),
        };
      });
      assert.deepEqual(answer, { inline: true, small: 'small', binary: true, smallBlob: 'small' });
    });

    it('go from the storage when nothing needs them any more', async () => {
      await tab.run(open, name, { revs_limit: 1 });
      const counts = await tab.run(async (databaseName) => {
        const count = async () => {
          const request = indexedDB.open(`couchlet:${databaseName}`);
          await new Promise((resolve) => (request.onsuccess = resolve));
          const keys = request.result.transaction('blobs').objectStore('blobs').getAllKeys();
          await new Promise((resolve) => (keys.onsuccess = resolve));
          request.result.close();
          return keys.result.length;
        };
        const { rev } = await db.putAttachment('note', 'x', new Blob(['x'.repeat(100_000)]));
        await db.putAttachment('another', 'x', new Blob(['x'.repeat(100_000)]));
        const stored = await count();
        await db.removeAttachment('note', 'x', rev);
        const needed = await count();
        await db.remove(await db.get('another'));
        return { stored, needed, left: await count() };
      }, name);
      assert.deepEqual(counts, { stored: 1, needed: 1, left: 0 });
    });

    for (const adapter of ['idb', 'memory']) {
      it(`of 100 MB do not go through the engine's memory, adapter ${adapter}`, async () => {
        await tab.page.evaluateOnNewDocument(rememberMemories);
        await tab.page.reload();
        await tab.run(open, name, { adapter });
        const result = await tab.run(putAndGetLarge, kLarge);
        assert.equal(result.length, kLarge);
        assert.equal(result.isSame, true);
        const grown = result.memoryAfter - result.memoryBefore;
        assert.ok(result.memoryBefore > 0);
        assert.ok(grown < kRoomForLarge, `grown by ${grown} bytes`);
      });
    }

    it('of 100 MB are there after a reload', async () => {
      const { digest } = await tab.run(putAndGetLarge, kLarge);
      await tab.page.reload();
      await tab.run(open, name, {});
      const found = await tab.run(async (size) => {
        const { _attachments: all } = await db.get('note');
        const blob = await db.getAttachment('note', 'large');
        const last = new Uint8Array(await blob.slice(size - 1).arrayBuffer());
        return { digest: all.large.digest, size: blob.size, last: last[0] };
      }, kLarge);
      assert.deepEqual(found, { digest, size: kLarge, last: 99 });
    });

    it('can be put into a database of the first version', async () => {
      const answer = await tab.run(async (databaseName) => {
        // As couchlet made it before there were attachments.
        await db.destroy();
        const request = indexedDB.open(`couchlet:${databaseName}`, 1);
        request.onupgradeneeded = () => {
          for (const [i, area] of ['log', 'parts', 'manifest', 'blocks'].entries()) {
            request.result.createObjectStore(area, { autoIncrement: i % 2 === 0 });
          }
          request.result.createObjectStore('identity of it');
        };
        await new Promise((resolve) => (request.onsuccess = resolve));
        request.result.close();
        const upgraded = new Couchlet(databaseName);
        await upgraded.putAttachment('note', 'x', new Blob(['stays']));
        return (await upgraded.getAttachment('note', 'x')).text();
      }, name);
      assert.equal(answer, 'stays');
    });
  });
}

// Run in the page.

async function open(/** @type {string} */ name, /** @type {object} */ options) {
  while (!globalThis.Couchlet) await new Promise((resolve) => setTimeout(resolve, 10));
  globalThis.db = new Couchlet(name, options);
  await db.info();
}

async function putAndGetLarge(/** @type {number} */ size) {
  const memory = () =>
    (globalThis.memories ?? []).reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  const memoryBefore = memory();
  const piece = new Uint8Array(1 << 20);
  const pieces = Array.from({ length: size / piece.length }, (_, i) => piece.slice().fill(i));
  await db.putAttachment('note', 'large', new Blob(pieces), 'application/octet-stream');
  const blob = await db.getAttachment('note', 'large');
  let isSame = true;
  for (const [i, expected] of pieces.entries()) {
    const at = i * piece.length;
    const found = new Uint8Array(await blob.slice(at, at + piece.length).arrayBuffer());
    isSame &&= found.every((byte, j) => byte === expected[j]);
  }
  const { _attachments: all } = await db.get('note');
  const memoryAfter = memory();
  return { length: all.large.length, digest: all.large.digest, isSame, memoryBefore, memoryAfter };
}
