// The database in workers of every kind, each as a module and as a classic script: it works there,
// and what is written in one is seen in the page, and the other way round.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kBrowserNames } from './browser.js';
import { siteInBrowser } from './site-in-browser.js';

const kKinds = /** @type {const} */ (['worker', 'shared worker', 'service worker']);
const kTypes = /** @type {const} */ (['module', 'classic']);

for (const browserName of kBrowserNames) {
  describe(`In ${browserName}`, { timeout: 300_000 }, () => {
    const here = siteInBrowser(browserName);

    for (const kind of kKinds) {
      for (const type of kTypes) {
        it(`a ${kind} (${type}) and a page share a database and hear of each other`, async () => {
          const tab = await here.open();
          const worker = await tab.startWorker(kind, type);
          const name = `${kind} ${type}`;
          await Promise.all([tab.run(openDatabase, name), worker.run(openDatabase, name)]);

          const heardInPage = tab.run(hear, 'from the worker');
          const heardInWorker = worker.run(hear, 'from the page');
          await worker.run(write, 'from the worker');
          await tab.run(write, 'from the page');
          assert.equal(await heardInPage, 'is from the worker');
          assert.equal(await heardInWorker, 'is from the page');
          for (const context of [tab, worker]) assert.equal(await context.run(count), 101 + 101);
          await tab.close();
        });
      }
    }

    it('a service worker writes what pages find that are opened later', async () => {
      const tab = await here.open();
      const worker = await tab.startWorker('service worker');
      await worker.run(openDatabase, 'background');
      await worker.run(write, 'note');
      await tab.close();
      const later = await here.open();
      await later.run(openDatabase, 'background');
      assert.equal(await later.run(count), 101);
    });
  });
}

// ── What is run in a page or a worker ───────────────────────────────────────────────────────────

/** @param {string} name */
async function openDatabase(name) {
  globalThis.db = new Couchlet(name);
  await db.info();
}

/** Waits for a document to be written, and tells its text. @param {string} id */
async function hear(id) {
  for await (const change of db.changes({ live: true, since: 0, include_docs: true })) {
    if (change.id === id) return change.doc.text;
  }
}

/** Writes a hundred documents, and then one. @param {string} id */
async function write(id) {
  await db.bulkDocs(Array.from({ length: 100 }, (_, n) => ({ _id: `${id} ${n}` })));
  await db.put({ _id: id, text: `is ${id}` });
}

async function count() {
  return (await db.info()).doc_count;
}
