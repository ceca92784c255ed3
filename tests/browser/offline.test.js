// A live sync in a browser that loses its network: it says so at once, and goes on as soon as the
// browser says that it is back, or that the page is looked at again.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { couchDB, request } from '../node/couchdb-server.js';
import { eventually } from '../node/eventually.js';
import { Tab } from './bare-site.js';
import { kBrowserNames, launch } from './browser.js';
import { CouchSite } from './couch-site.js';

// A server that asks for so long a pause gets it, unless something else wakes the replication:
// longer than any test waits.
const kPauseSeconds = 600;

const couch = await couchDB();
after(() => couch.clear());

for (const browserName of kBrowserNames) {
  describe(`In ${browserName}, a live sync`, { timeout: 300_000 }, () => {
    const site = new CouchSite(couch.url);
    const forward = site.couch;
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {Tab} */
    let tab;
    let remote = '';

    before(async () => {
      await site.start();
      browser = await launch(browserName);
    });

    beforeEach(async () => {
      remote = couch.newDatabase();
      await request('PUT', remote);
      tab = await Tab.open(browser, site);
      await tab.run(startSync, `/couch${new URL(remote).pathname}`);
      await becomes('idle');
    });

    afterEach(async () => {
      site.couch = forward;
      await tab.close();
    });

    after(async () => {
      await browser?.close();
      site.stop();
    });

    /** @param {string} state */
    const becomes = (state) =>
      eventually(async () => assert.equal((await tab.run(status)).state, state));

    /** The server says that it is busy, and whoever waits for an answer gets none. */
    function makeBusy() {
      site.couch = (_, response) => {
        response.writeHead(503, { 'retry-after': kPauseSeconds });
        response.end('{"error":"service_unavailable","reason":"later"}');
      };
      for (const response of site.feeds) response.destroy();
    }

    async function carriesBothWays() {
      await tab.run(write, 'here');
      await request('PUT', `${remote}/there`, { text: 'from the server' });
      await eventually(() => tab.run(read, 'there'));
      await eventually(async () => {
        assert.equal((await request('GET', `${remote}/here`)).text, 'from the page');
      });
    }

    if (browserName === 'chromium') {
      // Firefox can't be taken offline by a test.
      it('is offline when the browser is, and goes on when it is online again', async () => {
        await tab.page.setOfflineMode(true);
        await becomes('offline');
        await tab.run(write, 'written offline');
        await eventually(async () => assert.equal((await tab.run(status)).pending.push, 1));
        await tab.page.setOfflineMode(false);
        await becomes('idle');
        await carriesBothWays();
        assert.equal((await request('GET', `${remote}/written offline`)).text, 'from the page');
      });
    }

    for (const [event, how] of /** @type {const} */ ([
      ['online', 'the browser says that it is online'],
      ['visibilitychange', 'the page is looked at again'],
    ])) {
      it(`that has been asked to wait tries at once when ${how}`, async () => {
        makeBusy();
        await becomes('failing');
        site.couch = forward;
        await tab.run(tell, event);
        await becomes('idle');
        await carriesBothWays();
      });
    }

    it('waits as long as it has been asked to, if nothing happens but writes', async () => {
      makeBusy();
      await becomes('failing');
      const asked = site.requests.length;
      for (const id of ['a', 'b', 'c']) await tab.run(write, id);
      await eventually(async () => assert.equal((await tab.run(status)).pending.push, 3));
      assert.equal((await tab.run(status)).state, 'failing');
      // The push may have been at rest, and have made an attempt of its own.
      assert.ok(site.requests.length <= asked + 4, site.requests.slice(asked).join());
    });
  });
}

// ── What is run in a page ───────────────────────────────────────────────────────────────────────

/** @param {string} path */
function startSync(path) {
  globalThis.db = new Couchlet(`local ${path}`);
  globalThis.sync = db.sync(location.origin + path, { live: true, retry: true });
}

const status = () => sync.status;

/** @param {string} id */
const write = (id) => db.put({ _id: id, text: 'from the page' });

/** @param {string} id */
const read = async (id) => (await db.get(id)).text;

/** @param {'online' | 'visibilitychange'} event */
function tell(event) {
  (event === 'online' ? window : document).dispatchEvent(new Event(event));
}
