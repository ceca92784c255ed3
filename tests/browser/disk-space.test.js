// The space that a database takes on the disk, as the browser tells it to pages: what was deleted
// and compacted is given back, so that a database that is emptied again and again does not grow.
//
// When a browser gives room back is its own affair: Firefox does so at once; Chromium's LevelDB
// takes up to twice the room while something is deleted, even by deleteDatabase(), and needs more
// writing to make an end of it (seen in Chromium 156). So the rounds count, not the first moment.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BareSite, Tab } from './bare-site.js';
import { kBrowserNames, launch } from './browser.js';

const kRounds = 6;
const kDocuments = 300;
const kDocumentCharacters = 50_000;
const kRoundBytes = kDocuments * kDocumentCharacters;

for (const browserName of kBrowserNames) {
  describe(`The space on disk in ${browserName}`, { timeout: 300_000 }, () => {
    const site = new BareSite();
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {Tab} */
    let tab;

    before(async () => {
      await site.start();
      browser = await launch(browserName);
      tab = await Tab.open(browser, site);
      await tab.run(open);
    });

    after(async () => {
      await browser?.close();
      site.stop();
    });

    it('is given back when documents are deleted and the database is compacted', async () => {
      for (let round = 0; round < kRounds; round += 1) {
        await tab.run(fill, kDocuments, kDocumentCharacters);
        const full = await tab.run(usage);
        assert.ok(full > kRoundBytes, `${full} bytes for ${kRoundBytes} of random text`);
        const { sizes } = await tab.run(deleteAllButOne);
        assert.ok(sizes.active < kRoundBytes / 5, `${sizes.active} bytes are in use`);
      }
      const left = await tab.run(usage);
      const written = kRounds * kRoundBytes;
      assert.ok(left < written / 2, `${left} bytes are left of ${written}`);
      assert.equal((await tab.run(() => db.get('0'))).text.length, kDocumentCharacters);
    });
  });
}

// Run in the page.

async function open() {
  while (!globalThis.Couchlet) await new Promise((resolve) => setTimeout(resolve, 10));
  globalThis.db = new Couchlet('disk space');
  await db.info();
}

async function fill(/** @type {number} */ documents, /** @type {number} */ characters) {
  for (let i = 0; i < documents; i += 1) {
    // Nothing that can be compressed: six random bits a character.
    const bytes = crypto.getRandomValues(new Uint8Array(characters));
    const text = Array.from(bytes, (byte) => String.fromCharCode(48 + (byte & 63))).join('');
    const { _rev } = await db.get(String(i)).catch(() => ({}));
    await db.put({ _id: String(i), _rev, text });
  }
}

/** The browser is given a moment to make an end of what it does in the background. */
async function usage() {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return (await navigator.storage.estimate()).usage;
}

async function deleteAllButOne() {
  const { rows } = await db.allDocs({ startkey: '1' });
  await db.bulkDocs(rows.map(({ id, value }) => ({ _id: id, _rev: value.rev, _deleted: true })));
  await db.compact();
  return db.info();
}
