// The service worker: the page opens without a network, and changes to a new version of itself when
// a person asks for it, in all windows at once.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { kBrowserNames, launch } from './browser.js';
import { NoteBookPage } from './note-book-page.js';
import { NoteBookSite } from './note-book-site.js';

for (const browserName of kBrowserNames) {
  describe(`The note book's service worker in ${browserName}`, { timeout: 180_000 }, () => {
    const site = new NoteBookSite();
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {NoteBookPage} */
    let book;

    before(async () => {
      await site.start();
      browser = await launch(browserName);
      book = await NoteBookPage.open(browser, site.address);
      await book.waitUntilInstalled();
    });

    after(async () => {
      await browser?.close();
      await site.delete();
    });

    it('keeps every window at its version until a person asks for the new one', async () => {
      const other = await NoteBookPage.open(browser, site.address);
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
