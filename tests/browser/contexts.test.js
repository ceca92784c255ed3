// What contexts of one database owe each other: one merges at a time and nobody waits for it; each
// hears of what the others write, though not by a message a commit, and also when the writer goes
// away, or the reader has been asleep.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Tab } from './bare-site.js';
import { kBrowserNames } from './browser.js';
import { siteInBrowser } from './site-in-browser.js';

const kKinds = /** @type {const} */ (['page', 'worker', 'service worker']);

for (const browserName of kBrowserNames) {
  describe(`Contexts in ${browserName}`, { timeout: 300_000 }, () => {
    const here = siteInBrowser(browserName);
    /** @type {Tab} */
    let tab;
    /** @type {Tab} */
    let other;
    let databases = 0;
    /** @type {string} a new one for each test */
    let name;

    beforeEach(async () => {
      name = `contexts ${(databases += 1)}`;
      tab = await here.open();
      other = await here.open();
    });

    afterEach(() => Promise.all([tab.close(), other.close()]));

    for (const kind of kKinds) {
      it(`a ${kind} asks for the lock to merge, and goes on where another has it`, async () => {
        const context = kind === 'page' ? tab : await tab.startWorker(kind);
        await context.run(watchLocks);
        await context.run(open, name, { memtableSize: 64 * 1024 });

        await other.run(takeLock, `couchlet:${name} merge`);
        assert.equal(await context.run(writeMuch, 'without'), 200);
        const without = await context.run(answeredLocks, 1);
        assert.deepEqual(new Set(without), new Set([`couchlet:${name} merge: no`]));

        await other.run(() => globalThis.releaseLock());
        assert.equal(await context.run(writeMuch, 'with'), 400);
        const both = await context.run(answeredLocks, without.length + 1);
        assert.equal(both.at(-1), `couchlet:${name} merge: yes`);
        await context.run(locksAreFree, `couchlet:${name} merge`);
      });
    }

    it('of a burst of commits only the first is told of before a pause', async () => {
      await Promise.all([tab.run(open, name), other.run(open, name)]);
      await other.run(listen);
      await tab.run(stopTheClock);
      assert.equal(await tab.run(writeOneByOne, 100), 1);
      await tab.run(() => globalThis.endPause());
      assert.equal(await tab.run(() => globalThis.messages), 2);
      await other.run(heard, 'note 99');
    });

    it('a page that is left tells what it has not told yet', async () => {
      await Promise.all([tab.run(open, name), other.run(open, name)]);
      await other.run(listen);
      await tab.run(stopTheClock);
      await tab.run(() => db.put({ _id: 'told at once' }));
      await other.run(heard, 'told at once');
      await tab.run(() => db.put({ _id: 'told at the end' }));
      assert.equal(await tab.run(() => globalThis.messages), 1);
      await tab.page.goto('about:blank');
      await other.run(heard, 'told at the end');
    });

    it('a page that was asleep finds what it was not told of when it is looked at', async () => {
      await Promise.all([tab.run(open, name), other.run(open, name)]);
      await other.run(listen);
      await tab.run(() => {
        BroadcastChannel.prototype.postMessage = () => {};
      });
      await tab.run(() => db.put({ _id: 'unheard' }));
      await other.run(() => {
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await other.run(heard, 'unheard');
    });
  });
}

// ── What is run in a page or a worker ───────────────────────────────────────────────────────────

/** @param {string} name @param {object} [options] */
async function open(name, options) {
  globalThis.db = new Couchlet(name, options);
  await db.info();
}

/** Enough for several flushes. @param {string} what */
async function writeMuch(what) {
  for (let n = 0; n < 20; n += 1) {
    const text = 'x'.repeat(2000);
    await db.bulkDocs(Array.from({ length: 10 }, (_, i) => ({ _id: `${what} ${n} ${i}`, text })));
  }
  const { rows } = await db.allDocs({ include_docs: true });
  return rows.filter(({ doc }) => doc.text.length === 2000).length;
}

/** Leaves in `locks` what is asked of Web Locks, and what is answered. */
function watchLocks() {
  globalThis.locks = [];
  const { request } = LockManager.prototype;
  LockManager.prototype.request = function (name, options, use) {
    return request.call(this, name, options, (lock) => {
      locks.push(`${name}: ${lock ? 'yes' : 'no'}`);
      return use(lock);
    });
  };
}

/** Those answers, as soon as there are so many. @param {number} count */
async function answeredLocks(count) {
  while (locks.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  return locks;
}

/** @param {string} name of a lock that is held until releaseLock() is called */
function takeLock(name) {
  return new Promise((taken) => {
    navigator.locks.request(
      name,
      () => new Promise((release) => taken((globalThis.releaseLock = () => release()))),
    );
  }).then(() => {});
}

/** Resolves when nobody has the lock. @param {string} name */
async function locksAreFree(name) {
  await navigator.locks.request(name, {}, () => {});
}

/** No time passes any more; endPause() ends a pause between two messages, counted in `messages`. */
function stopTheClock() {
  const { postMessage } = BroadcastChannel.prototype;
  const set = globalThis.setTimeout;
  globalThis.messages = 0;
  performance.now = () => 1e6;
  globalThis.setTimeout = (callback, delay, ...args) => {
    if (delay !== 10) return set(callback, delay, ...args);
    globalThis.endPause = () => callback();
    return 1e6;
  };
  BroadcastChannel.prototype.postMessage = function (...args) {
    globalThis.messages += 1;
    return postMessage.apply(this, args);
  };
}

/** How many messages that takes. @param {number} count */
async function writeOneByOne(count) {
  for (let n = 0; n < count; n += 1) await db.put({ _id: `note ${n}` });
  return globalThis.messages;
}

async function listen() {
  globalThis.ids = new Set();
  globalThis.feed = db.changes({ live: true, since: 'now' }).on('change', ({ id }) => ids.add(id));
  await db.info();
}

/** Resolves when this one has been heard of. @param {string} id */
async function heard(id) {
  while (!ids.has(id)) await new Promise((resolve) => setTimeout(resolve, 20));
}
