// The service worker: the page opens without a network, and changes to a new version of itself when
// a person asks for it, in all windows at once.

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../scripts/demo/database.mjs';
import { demoSite } from '../../scripts/demo/site.mjs';
import { kBrowserNames, launch } from './browser.js';
import { NoteBookPage } from './note-book-page.js';

const kProject = fileURLToPath(new URL('../..', import.meta.url));

// Links too: what is changed is to be a copy.
const kWhole = { recursive: true, dereference: true };

/** A copy of the page and the library, to be changed, and a server for it. */
class Site {
  async start() {
    this.root = mkdtempSync(path.join(os.tmpdir(), 'couchlet-site-'));
    for (const folder of ['web', 'dist']) {
      await cp(path.join(kProject, folder), path.join(this.root, folder), kWhole);
    }
    const folder = path.join(this.root, 'data');
    this.database = await openDatabase({ couchdbUrl: undefined, couchdbPrefix: '', folder });
    this.server = createServer(demoSite(this.root, this.database.handler));
    await new Promise((resolve) => this.server?.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    this.address = `http://localhost:${port}/`;
  }

  /** Another version of the page. */
  async change() {
    const file = path.join(this.root ?? '', 'web/index.html');
    const page = await readFile(file, 'utf8');
    assert.ok(page.includes('placeholder="Search"'));
    await writeFile(file, page.replace('placeholder="Search"', 'placeholder="Find"'));
  }

  /** The network is gone. */
  async cut() {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  async delete() {
    await this.cut();
    await this.database?.close();
    await rm(this.root ?? '', { recursive: true, force: true });
  }
}

for (const browserName of kBrowserNames) {
  describe(`The note book's service worker in ${browserName}`, { timeout: 180_000 }, () => {
    const site = new Site();
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {NoteBookPage} */
    let book;

    before(async () => {
      await site.start();
      browser = await launch(browserName);
      book = await NoteBookPage.open(browser, site.address ?? '');
      await book.waitUntilInstalled();
    });

    after(async () => {
      await browser?.close();
      await site.delete();
    });

    it('keeps every window at its version until a person asks for the new one', async () => {
      const other = await NoteBookPage.open(browser, site.address ?? '');
      await site.change();
      await book.page.evaluate(async () => {
        await (await navigator.serviceWorker.getRegistration())?.update();
      });
      await book.until(() => document.querySelector('.toast-text')?.textContent?.includes('version'));
      await other.reload();
      assert.equal(await searchHint(other), 'Search');
      await book.page.click('.toast button');
      for (const window of [book, other]) {
        await window.until(() => document.querySelector('[placeholder="Find"]'));
        await window.waitUntilStarted();
      }
      await other.page.close();
    });

    it('opens the page at each of its addresses without a network', async () => {
      await site.cut();
      for (const address of ['', 'index.html', '?device=two', '#/note/none']) {
        const window = await NoteBookPage.open(browser, site.address + address);
        await window.waitForStatus('Offline');
        assert.equal(await searchHint(window), 'Find');
        await window.page.close();
      }
    });

    it('keeps the files of one version only', async () => {
      const names = await book.page.evaluate(() => caches.keys());
      assert.equal(names.length, 1);
    });
  });
}

/** @param {NoteBookPage} book */
function searchHint({ page }) {
  return page.$eval('#search', (field) => field.getAttribute('placeholder'));
}
