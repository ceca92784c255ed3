// The examples work as they are served by the demo.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { kBrowserNames, launch } from './browser.js';
import { DemoData } from './demo-process.js';

for (const browserName of kBrowserNames) {
  describe(`The jQuery example in ${browserName}`, { timeout: 120_000 }, () => {
    const data = new DemoData();
    /** @type {import('./demo-process.js').Demo} */
    let demo;
    /** @type {import('puppeteer-core').Browser} */
    let browser;

    before(async () => {
      [demo, browser] = await Promise.all([data.serve(), launch(browserName)]);
    });

    after(async () => {
      await browser?.close();
      await demo?.kill();
      await data.delete();
    });

    it('keeps a shopping list in a page of two script tags, and sends it to the server', async () => {
      const page = await browser.newPage();
      await page.goto(`${demo.address}examples/jquery/`);
      await page.waitForFunction(() => document.querySelector('#state')?.textContent === 'Up to date');
      await page.type('#what', 'Milk');
      await page.keyboard.press('Enter');
      const tick = await page.waitForSelector('#list input');
      await tick?.click();
      await page.waitForSelector('#list .bought');
      await page.reload();
      await page.waitForSelector('#list .bought');
      const item = await firstOf(`${demo.address}db/shopping`, (doc) => doc.bought);
      assert.deepEqual([item.type, item.name], ['item', 'Milk']);
    });
  });
}

/**
 * The first document of a server's database of which something is so, once there is one.
 * @param {string} database @param {(document: any) => boolean} isSo
 */
async function firstOf(database, isSo) {
  for (;;) {
    const answer = await fetch(`${database}/_all_docs?include_docs=true`);
    const { rows } = /** @type {any} */ (await answer.json());
    const found = rows.find((/** @type {any} */ { doc }) => isSo(doc));
    if (found) return found.doc;
  }
}
