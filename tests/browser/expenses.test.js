// The expenses example, as the demo serves it, on couchlet and on PouchDB: the same pages, the same
// clicks, the same outcome. EXPENSES_PICTURES=folder keeps pictures of what was seen.

import assert from 'node:assert/strict';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { kBrowserNames, launch } from './browser.js';
import { DemoData } from './demo-process.js';

/** @typedef {import('puppeteer-core').Page} Page */

const kPhone = { width: 390, height: 780, hasTouch: true };
const kDesktop = { width: 1200, height: 800 };

/** @param {Page} page @param {string} name */
async function takePicture(page, name) {
  const folder = process.env.EXPENSES_PICTURES;
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** @param {Page} page @param {string} state */
const waitForState = (page, state) => page.waitForSelector(`#state[data-state="${state}"]`);

/** Waits until the list has these, in any order. @param {Page} page @param {string[]} expected */
async function waitForList(page, expected) {
  await page.waitForFunction(
    (/** @type {string} */ wanted) => {
      const rows = [...document.querySelectorAll('.expense')].map((row) =>
        ['.what', '.amount'].map((part) => row.querySelector(part)?.textContent).join(' '),
      );
      return JSON.stringify(rows.sort()) === wanted;
    },
    {},
    JSON.stringify(expected.sort()),
  );
}

/** @param {Page} page @param {Record<string, string>} values */
async function fillIn(page, values) {
  for (const [name, value] of Object.entries(values)) {
    await page.$eval(`[name=${name}]`, (field, text) => (field.value = text), value);
  }
}

/** @param {Page} page @param {Record<string, string>} values @param {string} [receipt] a file */
async function add(page, values, receipt) {
  await page.click('#add');
  await page.waitForSelector('#editor[open]');
  await fillIn(page, values);
  if (receipt) await (await page.$('[name=receipt]'))?.uploadFile(receipt);
  await page.click('#editor form .main');
  await page.waitForSelector('#editor:not([open])');
}

/** @param {Page} page @param {string} what @param {Record<string, string>} values */
async function edit(page, what, values) {
  await open(page, what);
  await fillIn(page, values);
  await page.click('#editor form .main');
  await page.waitForSelector('#editor:not([open])');
}

/** @param {Page} page @param {string} what */
async function open(page, what) {
  await page.evaluate((text) => {
    const rows = [...document.querySelectorAll('.expense')];
    rows.find((row) => row.querySelector('.what')?.textContent === text)?.click();
  }, what);
  await page.waitForSelector('#editor[open]');
}

for (const browserName of kBrowserNames) {
  describe(`The expenses example in ${browserName}`, { timeout: 300_000 }, () => {
    for (const library of ['couchlet', 'pouchdb']) {
      describe(`on ${library}`, () => {
        const data = new DemoData();
        /** @type {import('./demo-process.js').Demo} */
        let demo;
        /** @type {import('puppeteer-core').Browser[]} */
        let browsers;
        /**
         * Of the pages' scripts, until one is left: PouchDB's requests that this cuts off count as
         * failures in Firefox.
         * @type {string[]}
         */
        const failures = [];

        before(async () => {
          [demo, ...browsers] = await Promise.all([
            data.serve(),
            launch(browserName),
            launch(browserName), // somebody else, whose storage is another
          ]);
        });

        after(async () => {
          await Promise.all(browsers.map((browser) => browser.close()));
          await demo?.kill();
          await data.delete();
        });

        /** @param {number} person @param {import('puppeteer-core').Viewport} viewport */
        async function visit(person, viewport) {
          const page = await browsers[person].newPage();
          await page.setViewport(viewport);
          page.on('pageerror', (error) => failures.push(String(error)));
          await page.goto(`${demo.address}examples/expenses/?lib=${library}`);
          await page.waitForSelector('[data-ready]');
          await waitForState(page, 'saved');
          return page;
        }

        it('is shared, kept, and settled where two people have changed the same', async () => {
          const ann = await visit(0, kDesktop);
          const ben = await visit(1, kPhone);
          assert.equal(await ann.$eval('#library', (name) => name.textContent), library);
          await takePicture(ben, `${browserName}-${library}-phone-empty`);

          // Forms, the list, live changes, sync, an attachment.
          const picture = new URL('../../web/icons/icon.svg', import.meta.url).pathname;
          const day = '2026-07-01';
          await add(ann, { what: 'Train tickets', amount: '84.50', payer: 'Ann', day });
          const dinner = { what: 'Dinner', amount: '61', payer: 'Ben', day: '2026-07-02' };
          await add(ann, dinner, picture);
          await add(ben, { what: 'Museum', amount: '27.20', payer: 'Chloé', day });
          const all = ['Train tickets €84.50', 'Dinner €61.00', 'Museum €27.20'];
          await Promise.all([ann, ben].map((page) => waitForList(page, all)));
          assert.equal(await ben.$eval('#total', (sum) => sum.textContent), '€172.70');
          await ben.waitForSelector('.receipt');
          await open(ben, 'Dinner');
          await ben.waitForSelector('#photo:not([hidden])');
          await takePicture(ben, `${browserName}-${library}-phone-form`);
          await ben.click('#editor .cross');
          await takePicture(ben, `${browserName}-${library}-phone`);

          // Two versions of the same expense, made apart.
          await Promise.all([ann, ben].map((page) => page.click('#offline')));
          await edit(ann, 'Museum', { amount: '30' });
          await edit(ben, 'Museum', { amount: '35.50' });
          await Promise.all([ann, ben].map((page) => page.click('#offline')));
          await Promise.all([ann, ben].map((page) => page.waitForSelector('.conflict')));
          await takePicture(ann, `${browserName}-${library}-desktop`);
          await open(ann, 'Museum');
          await ann.waitForSelector('.version');
          await takePicture(ann, `${browserName}-${library}-desktop-conflict`);
          await ann.evaluate(() => {
            const versions = [...document.querySelectorAll('.version')];
            const chosen = versions.find((version) => version.textContent?.includes('€30.00'));
            chosen?.querySelector('button')?.click();
          });
          const settled = ['Train tickets €84.50', 'Dinner €61.00', 'Museum €30.00'];
          await Promise.all([ann, ben].map((page) => waitForList(page, settled)));
          await ben.waitForFunction(() => !document.querySelector('.conflict'));

          // A removal, and what is there after a reload.
          await open(ben, 'Train tickets');
          await ben.click('#remove');
          const left = ['Dinner €61.00', 'Museum €30.00'];
          await Promise.all([ann, ben].map((page) => waitForList(page, left)));
          assert.deepEqual(failures, []);
          await ann.reload();
          await waitForList(ann, left);

          const answer = await fetch(
            `${demo.address}db/expenses/_all_docs?include_docs=true&conflicts=true`,
          );
          const { rows } = /** @type {any} */ (await answer.json());
          const docs = rows.map((/** @type {any} */ { doc }) => doc);
          assert.deepEqual(docs.map(({ cents }) => cents).sort(), [3000, 6100]);
          assert.ok(docs.every(({ _conflicts: others }) => others === undefined));
        });
      });
    }
  });
}
