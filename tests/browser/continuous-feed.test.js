// A live pull by a continuous feed, whose one answer a browser has to read as it comes and to let go
// of when it isn't wanted any more.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { eventually } from '../node/eventually.js';
import { kBrowserNames } from './browser.js';
import { siteInBrowser } from './site-in-browser.js';

const kChanges = 20;

/** As much of a CouchDB as a pull without checkpoints needs, with a feed that the test writes to. */
class FeedingCouch {
  /** @type {string[]} */
  waits = [];
  /** @type {import('node:http').ServerResponse | undefined} */
  feed = undefined;

  /** @type {import('node:http').RequestListener} */
  answer = ({ method, url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://couch');
    response.setHeader('Content-Type', 'application/json');
    if (pathname === '/db' && method === 'GET') {
      response.end(JSON.stringify({ db_name: 'db', update_seq: '0-x' }));
    } else if (pathname !== '/db/_changes') {
      response.writeHead(404).end(JSON.stringify({ error: 'not_found', reason: 'missing' }));
    } else if (!searchParams.has('feed')) {
      response.end(JSON.stringify({ results: [], last_seq: '0-x', pending: 0 }));
    } else {
      this.waits.push(String(searchParams.get('feed')));
      response.write('\n');
      this.feed = response;
    }
  };

  /** @param {number} number */
  tell(number) {
    const doc = { _id: `note-${number}`, _rev: `1-${String(number).padStart(32, '0')}` };
    const row = { seq: `${number}-x`, id: doc._id, changes: [{ rev: doc._rev }], doc };
    this.feed?.write(`${JSON.stringify(row)}\n`);
  }
}

for (const browserName of kBrowserNames) {
  describe(`A continuous feed in ${browserName}`, { timeout: 120_000 }, () => {
    const here = siteInBrowser(browserName);

    it('brings change after change in one answer, and ends with the replication', async () => {
      const couch = new FeedingCouch();
      here.site.couch = couch.answer;
      const tab = await here.open();
      await tab.run(startPull);
      await eventually(() => assert.ok(couch.feed));
      for (let i = 1; i <= kChanges; ++i) {
        couch.tell(i);
        await eventually(async () => assert.equal(await tab.run(countNotes), i));
      }
      assert.deepEqual(couch.waits, ['continuous']);
      const closed = once(/** @type {any} */ (couch.feed), 'close');
      await tab.run(cancelPull);
      await closed;
      await tab.close();
    });
  });
}

// Run in the page.

async function startPull() {
  while (!globalThis.Couchlet) await new Promise((resolve) => setTimeout(resolve, 10));
  const db = new Couchlet('feed', { adapter: 'memory' });
  const pull = db.replicate.from(`${location.origin}/couch/db`, {
    checkpoint: false,
    live: true,
    retry: true,
    feed: 'continuous',
  });
  Object.assign(globalThis, { db, pull });
}

async function countNotes() {
  const { db } = /** @type {any} */ (globalThis);
  return (await db.info()).doc_count;
}

function cancelPull() {
  /** @type {any} */ (globalThis).pull.cancel();
}
