// One live replication for all tabs of a browser: one of them replicates, the others have its
// events and its status, and one of them goes on when it closes.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { couchDB, request } from '../node/couchdb-server.js';
import { eventually } from '../node/eventually.js';
import { Tab } from './bare-site.js';
import { kBrowserNames, launch } from './browser.js';
import { CouchSite } from './couch-site.js';

const kTabs = 3;

const couch = await couchDB();
after(() => couch.clear());

for (const browserName of kBrowserNames) {
  describe(`In ${browserName}, tabs with one live sync`, { timeout: 300_000 }, () => {
    const site = new CouchSite(couch.url);
    const { feeds } = site;
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {Tab[]} */
    let tabs = [];
    let remote = '';

    before(async () => {
      await site.start();
      browser = await launch(browserName);
    });

    afterEach(async () => {
      for (const tab of tabs.splice(0)) await tab.close();
    });

    after(async () => {
      await browser?.close();
      site.stop();
    });

    /** @param {number} count */
    async function openTabs(count) {
      remote = couch.newDatabase();
      await request('PUT', remote);
      const path = `/couch${new URL(remote).pathname}`;
      for (let n = 0; n < count; n += 1) {
        const tab = await Tab.open(browser, site);
        tabs.push(tab);
        await tab.run(startSync, path);
        await eventually(async () => assert.equal((await tab.run(look)).state, 'idle'));
      }
      return path;
    }

    /** @returns {Promise<{leaders: Tab[], followers: Tab[]}>} of the pull */
    async function parts() {
      const seen = await Promise.all(tabs.map((tab) => tab.run(look)));
      return {
        leaders: tabs.filter((_, n) => !seen[n].isFollower),
        followers: tabs.filter((_, n) => seen[n].isFollower),
      };
    }

    it('keep one changes feed open, and all have its events', async () => {
      await openTabs(kTabs);
      assert.equal((await parts()).leaders.length, 1);
      await eventually(() => assert.equal(feeds.size, 1));

      await request('PUT', `${remote}/there`, { text: 'from the server' });
      await (await parts()).followers[0].run(write, 'here');
      for (const tab of tabs) {
        await eventually(async () => {
          const { carried, state, pending } = await tab.run(look);
          assert.deepEqual(carried.toSorted(), ['pull', 'push']);
          assert.deepEqual([state, pending], ['idle', { push: 0, pull: 0, unsettled: 0 }]);
        });
        assert.equal(await tab.run(read, 'there'), 'from the server');
      }
      assert.equal((await request('GET', `${remote}/here`)).text, 'from a tab');
      assert.equal(feeds.size, 1);
    });

    it('go on when the one that replicates is closed, or cancels', async () => {
      await openTabs(kTabs);
      const { leaders, followers } = await parts();
      await leaders[0].close();
      tabs = followers;
      await eventually(async () => assert.equal((await parts()).leaders.length, 1));
      await request('PUT', `${remote}/after-close`, { text: 'one' });
      for (const tab of tabs) await eventually(() => tab.run(read, 'after-close'));

      const [first] = (await parts()).leaders;
      assert.equal(await first.run(cancel), 'cancelled');
      tabs = tabs.filter((tab) => tab !== first);
      await eventually(async () => assert.equal((await parts()).leaders.length, 1));
      await tabs[0].run(write, 'after-cancel');
      await eventually(async () => {
        assert.equal((await request('GET', `${remote}/after-cancel`)).text, 'from a tab');
      });
      tabs.push(first);
    });

    it('end their own part when they cancel while they follow', async () => {
      await openTabs(2);
      const { leaders, followers } = await parts();
      assert.equal(await followers[0].run(cancel), 'cancelled');
      await request('PUT', `${remote}/later`, { text: 'one' });
      await eventually(() => leaders[0].run(read, 'later'));
      assert.equal((await leaders[0].run(look)).state, 'idle');
    });

    it('tell the one that replicates to try again', async () => {
      await openTabs(2);
      const { leaders, followers } = await parts();
      site.breakOff();
      for (const tab of tabs) {
        await eventually(async () => assert.equal((await tab.run(look)).state, 'offline'));
      }
      site.isReachable = true;
      await followers[0].run(wake);
      for (const tab of [...leaders, ...followers]) {
        await eventually(async () => assert.equal((await tab.run(look)).state, 'idle'));
      }
    });

    it('replace one that the browser has stopped', async () => {
      const path = await openTabs(1);
      const names = await tabs[0].run(lockNames);
      await tabs[0].run(cancel);
      const [stopped, next] = [tabs[0], await Tab.open(browser, site)];
      tabs.push(next);
      await stopped.run(holdLocks, names);
      await next.run(startSync, path);
      await eventually(async () => assert.equal((await next.run(look)).isFollower, true));
      await eventually(async () => {
        const { state, isFollower } = await next.run(look);
        assert.deepEqual([state, isFollower], ['idle', false]);
      });
    });

    it('resolve conflicts where they are told to, also beside one that only pulls', async () => {
      const path = await openTabs(1);
      const resolving = await Tab.open(browser, site);
      tabs.push(resolving);
      await resolving.run(startResolving, path);
      await eventually(async () => assert.equal((await resolving.run(look)).state, 'idle'));
      const docs = ['a', 'b'].map((digit) => ({ _id: 'both', _rev: `1-${digit.repeat(32)}` }));
      await request('POST', `${remote}/_bulk_docs`, { docs, new_edits: false });
      await eventually(async () => {
        const { _rev, _conflicts } = await request('GET', `${remote}/both?conflicts=true`);
        assert.deepEqual([_rev, _conflicts], [`1-${'b'.repeat(32)}`, undefined]);
      });
    });

    it('each replicate by themselves where they are told to, or have no Web Locks', async () => {
      const path = await openTabs(1);
      for (const start of [startAlone, startWithoutLocks]) {
        const tab = await Tab.open(browser, site);
        tabs.push(tab);
        await tab.run(start, path);
        await eventually(async () => assert.equal((await tab.run(look)).state, 'idle'));
        assert.equal((await tab.run(look)).isFollower, false);
      }
      await eventually(() => assert.equal(feeds.size, 3));
    });
  });
}

// ── What is run in a page ───────────────────────────────────────────────────────────────────────

/** @param {string} path */
function startSync(path) {
  globalThis.carried = [];
  globalThis.db = new Couchlet(`local ${path}`);
  globalThis.sync = db.sync(location.origin + path, { live: true, retry: true });
  sync.on('change', ({ direction }) => carried.push(direction));
}

/** @param {string} path */
function startAlone(path) {
  globalThis.carried = [];
  globalThis.db = new Couchlet(`local ${path}`);
  globalThis.sync = db.sync(location.origin + path, { live: true, retry: true, shared: false });
}

/** @param {string} path */
function startResolving(path) {
  globalThis.carried = [];
  globalThis.db = new Couchlet(`local ${path}`);
  const options = { live: true, retry: true, resolve: () => 'winner' };
  globalThis.sync = db.sync(location.origin + path, options);
}

/** @param {string} path */
function startWithoutLocks(path) {
  globalThis.carried = [];
  Object.defineProperty(navigator, 'locks', { value: undefined });
  globalThis.db = new Couchlet(`local ${path}`);
  globalThis.sync = db.sync(location.origin + path, { live: true, retry: true });
}

function look() {
  const { state, pending } = sync.status;
  return { state, pending, carried, isFollower: sync.pull.isFollower };
}

/** @param {string} id */
const write = (id) => db.put({ _id: id, text: 'from a tab' });

/** @param {string} id */
const read = async (id) => (await db.get(id)).text;

const wake = () => sync.wake();

async function cancel() {
  sync.cancel();
  return (await sync).pull.status;
}

async function lockNames() {
  const { held } = await navigator.locks.query();
  return held.map(({ name }) => name).filter((name) => name.includes('idb:'));
}

/** @param {string[]} names */
async function holdLocks(names) {
  for (const name of names) {
    await new Promise((held) => {
      navigator.locks.request(name, () => {
        held();
        return new Promise(() => {});
      });
    });
  }
}
