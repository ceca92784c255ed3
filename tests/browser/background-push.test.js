// What a page could not send before it was closed is pushed by the service worker, in browsers that
// have Background Sync; in others at the next start.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { couchDB, request } from '../node/couchdb-server.js';
import { eventually } from '../node/eventually.js';
import { Tab } from './bare-site.js';
import { launch } from './browser.js';
import { CouchSite } from './couch-site.js';

const couch = await couchDB();
after(() => couch.clear());

for (const browserName of /** @type {const} */ (['chromium', 'firefox'])) {
  describe(`In ${browserName}`, { timeout: 300_000 }, () => {
    const site = new CouchSite(couch.url);
    /** @type {import('puppeteer-core').Browser} */
    let browser;

    before(async () => {
      await site.start();
      browser = await launch(browserName);
    });

    afterEach(() => {
      site.isReachable = true;
      site.refusal = '';
    });

    after(async () => {
      await browser?.close();
      site.stop();
    });

    /** Opens a page, writes without a connection, and closes it. @param {string} worker */
    async function writeAndClose(worker) {
      const remote = couch.newDatabase();
      await request('PUT', remote);
      const path = `/couch${new URL(remote).pathname}`;
      const tab = await Tab.open(browser, site);
      await tab.run(registerWorker, worker);
      await tab.run(startSync, path);
      await eventually(async () => assert.equal(await tab.run(state), 'idle'));
      site.breakOff();
      await tab.run(write, 'written before the page was closed');
      await eventually(async () => assert.equal(await tab.run(state), 'offline'));
      return { remote, path, tab };
    }

    if (browserName === 'chromium') {
      for (const [worker, kind] of [
        ['/background-worker.js', 'a module'],
        ['/classic-background-worker.js', 'a classic script'],
      ]) {
        it(`the service worker, ${kind}, pushes what the page could not`, async () => {
          const { remote, tab } = await writeAndClose(worker);
          const tags = await eventually(async () => {
            const found = await tab.run(syncTags);
            assert.equal(found.length, 1);
            return found;
          });
          assert.ok(!tags[0].includes('@'), tags[0]);
          const devtools = await (await browser.newPage()).createCDPSession();
          const registrationId = await registrationOf(devtools, worker);
          await tab.close();

          // The browser tries, nobody answers, and it will try again.
          const origin = `http://localhost:${site.port}`;
          const event = { origin, registrationId, tag: tags[0], lastChance: false };
          const tried = site.requests.length;
          await devtools.send('ServiceWorker.dispatchSyncEvent', event);
          await eventually(() => assert.ok(site.requests.length > tried));
          site.isReachable = true;
          await devtools.send('ServiceWorker.dispatchSyncEvent', event);
          const pushed = await eventually(async () => {
            const document = await request('GET', `${remote}/note`);
            assert.ok(document.text, JSON.stringify(document));
            return document;
          });
          assert.equal(pushed.text, 'written before the page was closed');
          await devtools.detach();
        });
      }

      it('what the server refuses meanwhile is known at the next start', async () => {
        const worker = '/background-worker.js';
        const { path, tab } = await writeAndClose(worker);
        const [tag] = await eventually(async () => {
          const found = await tab.run(syncTags);
          assert.equal(found.length, 1);
          return found;
        });
        const devtools = await (await browser.newPage()).createCDPSession();
        const registrationId = await registrationOf(devtools, worker);
        await tab.close();
        site.refusal = 'Not for you';
        site.isReachable = true;
        const origin = `http://localhost:${site.port}`;
        const event = { origin, registrationId, tag, lastChance: false };
        await devtools.send('ServiceWorker.dispatchSyncEvent', event);
        const isPut = (/** @type {string} */ line) => /^PUT .*_local/.test(line);
        await eventually(() => assert.ok(isPut(site.requests.at(-1) ?? '')));
        await devtools.detach();
        const next = await Tab.open(browser, site);
        await next.run(startSync, path);
        await eventually(async () => {
          const refused = await next.run(pending);
          assert.deepEqual(refused, ['note refused: Not for you']);
        });
        await next.close();
      });
    } else {
      it('which has no Background Sync, what is unsent goes at the next start', async () => {
        const { remote, path, tab } = await writeAndClose('/classic-background-worker.js');
        assert.deepEqual(await tab.run(syncTags), []);
        await tab.close();
        site.isReachable = true;
        const next = await Tab.open(browser, site);
        await next.run(startSync, path);
        const pushed = await eventually(async () => {
          const document = await request('GET', `${remote}/note`);
          assert.ok(document.text, JSON.stringify(document));
          return document;
        });
        assert.equal(pushed.text, 'written before the page was closed');
        await next.close();
      });
    }
  });
}

/**
 * @param {import('puppeteer-core').CDPSession} devtools
 * @param {string} worker
 * @returns {Promise<string>}
 */
function registrationOf(devtools, worker) {
  return new Promise((resolve) => {
    devtools.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      const version = versions.find(({ scriptURL }) => new URL(scriptURL).pathname === worker);
      if (version) resolve(version.registrationId);
    });
    void devtools.send('ServiceWorker.enable');
  });
}

// ── What is run in a page ───────────────────────────────────────────────────────────────────────

/** @param {string} script */
async function registerWorker(script) {
  for (const old of await navigator.serviceWorker.getRegistrations()) await old.unregister();
  const type = script.includes('classic') ? 'classic' : 'module';
  await navigator.serviceWorker.register(script, { type });
  await navigator.serviceWorker.ready;
}

/** @param {string} path */
function startSync(path) {
  globalThis.db = new Couchlet(`local ${path}`);
  const options = { live: true, retry: true, background: true };
  globalThis.sync = db.sync(location.origin + path, options);
}

const state = () => sync.status.state;

const pending = async () =>
  (await sync.pendingDocs()).map(({ id, state: is, reason }) => `${id} ${is}: ${reason}`);

/** @param {string} text */
const write = (text) => db.put({ _id: 'note', text });

async function syncTags() {
  const registration = await navigator.serviceWorker.ready;
  return (await registration.sync?.getTags()) ?? [];
}
