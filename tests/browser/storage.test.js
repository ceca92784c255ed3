// What real browsers do to a database that is open: they take its connection away, have no room,
// clear the site's data, or have no IndexedDB at all; and what other tabs do: they destroy it, or
// bring a newer version. (In tests/node/indexeddb-medium.test.js a double does so, in more detail.)

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { BareSite, Context, Tab } from './bare-site.js';
import { kBrowserNames, launch } from './browser.js';

const kGone = /destroyed, here or in another tab/;
const kNewer = /newer version of couchlet/;
const kInMemory = /adapter: 'memory'/;

// Calls that need nothing but memory.
const kReads = [() => db.get('note'), () => db.allDocs(), () => db.info()].map(String);

// For all sites together, in KiB.
const kLittleRoom = { 'dom.quotaManager.temporaryStorage.fixedLimit': 32 * 1024 };

/** Leaves a site little room, and resolves to a function that lets it have more. */
const limitRoom = {
  /** @param {Tab} tab */
  async chromium({ page }) {
    const session = await page.createCDPSession();
    const { origin } = new URL(page.url());
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 8_000_000 });
    return () => session.send('Storage.overrideQuotaForOrigin', { origin });
  },
  /** It has the room that is left of kLittleRoom. @param {Tab} tab */
  async firefox(tab) {
    await tab.run(open, 'ballast');
    await tab.run(fill, 20);
    await tab.run(() => (globalThis.ballast = db).info());
    return () => tab.run(() => ballast.destroy());
  },
};

// What can't be stored fails once, in each place where it can. They are run in the page.
const kLacksOfRoom = {
  'does not take the log record': () => {
    const { add } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.add = () => {
      IDBObjectStore.prototype.add = add;
      throw new DOMException('No room', 'QuotaExceededError');
    };
  },
  'does not take the second part of a large one': () => {
    const { put } = IDBObjectStore.prototype;
    let parts = 0;
    IDBObjectStore.prototype.put = function (...args) {
      if ((parts += 1) < 2) return put.apply(this, args);
      IDBObjectStore.prototype.put = put;
      throw new DOMException('No room', 'QuotaExceededError');
    };
  },
  'does not commit': () => {
    const { add } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.add = function (...args) {
      IDBObjectStore.prototype.add = add;
      const error = new DOMException('No room', 'QuotaExceededError');
      Object.defineProperty(this.transaction, 'error', { value: error });
      queueMicrotask(() => this.transaction.abort());
      return add.apply(this, args);
    };
  },
};

for (const browserName of kBrowserNames) {
  describe(`A database in ${browserName}`, { timeout: 300_000 }, () => {
    const site = new BareSite();
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {Tab} */
    let tab;
    /** @type {Tab} */
    let other;
    let databases = 0;
    /** @type {string} a new one for each test */
    let name;

    before(async () => {
      await site.start();
      browser = await launch(browserName, { firefoxPreferences: kLittleRoom });
    });

    after(async () => {
      await browser?.close();
      site.stop();
    });

    beforeEach(async () => {
      name = `storage ${(databases += 1)}`;
      tab = await Tab.open(browser, site);
      other = await Tab.open(browser, site);
      await Promise.all([tab.run(open, name), other.run(open, name)]);
    });

    afterEach(() => Promise.all([tab.close(), other.close()]));

    it('goes on where the browser takes its connection away again and again', async () => {
      const { rows, opened } = await tab.run(writeWhileConnectionsClose);
      assert.equal(rows, 300);
      assert.ok(opened > 1);
      const { update_seq: writes } = await other.run(async () => {
        await db.put({ _id: 'to read the log' });
        return db.info();
      });
      assert.equal(writes, 301);
    });

    it('writes once what was under way as the connection broke', async () => {
      await tab.run(loseNextTransaction);
      const { rev } = await tab.run(() => db.put({ _id: 'note' }));
      await other.run(() => db.put({ _id: 'another' }));
      assert.equal(await other.run(async () => (await db.get('note'))._rev), rev);
      assert.equal((await other.run(() => db.info())).update_seq, 2);
    });

    it('can be destroyed while another tab writes, which is told so', async () => {
      const writing = other.run(writeUntilRefused);
      await tab.run(() => db.destroy());
      const refusal = await writing;
      assert.deepEqual([refusal.status, refusal.name], [412, 'precondition_failed']);
      assert.match(refusal.reason, kGone);
    });

    it('tells other tabs at once that it was destroyed, before they call it', async () => {
      await other.run(watchLoss);
      await tab.run(() => db.destroy());
      const { event, feed } = await other.run(() => loss);
      assert.equal(event, 'destroyed');
      assert.deepEqual([feed.status, feed.name], [412, 'precondition_failed']);
      for (const read of kReads) assert.match((await other.run(failure, read)).reason, kGone);
    });

    it('is another one when it is made again after it was destroyed', async () => {
      await tab.run(() => db.put({ _id: 'old' }));
      await tab.run(() => db.destroy());
      await tab.run(open, name);
      await tab.run(() => db.put({ _id: 'new' }));
      for (const write of [() => db.put({ _id: 'old too' }), () => db.destroy()]) {
        const refusal = await other.run(failure, String(write));
        assert.equal(refusal.status, 412);
        assert.match(refusal.reason, kGone);
      }
      await other.run(open, name);
      const { rows } = await other.run(() => db.allDocs());
      assert.deepEqual(rows.map(({ id }) => id), ['new']);
    });

    it('says storage_lost when the site was cleared, and can be opened anew', async () => {
      await tab.run(() => db.put({ _id: 'note' }));
      await tab.run(clearSite, name);
      const refusal = await tab.run(failure, String(() => db.put({ _id: 'another' })));
      assert.deepEqual([refusal.status, refusal.name], [410, 'storage_lost']);
      await tab.run(open, name);
      assert.equal((await tab.run(() => db.info())).doc_count, 0);
      await tab.run(() => db.put({ _id: 'note' }));
    });

    it('tells of that before it is called, ends its feeds, is refilled when reopened', async () => {
      await tab.run(makeServer, 50);
      assert.equal(await tab.run(pull), 50);
      assert.equal(await tab.run(pull), 0);
      await tab.run(watchLoss);
      await tab.run(clearSite, name);
      const { event, feed } = await tab.run(() => loss);
      assert.equal(event, 'lost storage_lost');
      assert.deepEqual([feed.status, feed.name], [410, 'storage_lost']);
      for (const read of kReads) assert.equal((await tab.run(failure, read)).status, 410);
      await tab.run(open, name);
      assert.equal(await tab.run(pull), 50);
    });

    it('goes on where there is no room to flush it, and flushes when there is', async () => {
      await tab.run(open, `${name} small`, { memtableSize: 30_000 });
      await tab.run(refuseFlushes);
      await tab.run(writeNotes, 'before', 100);
      assert.deepEqual(await tab.run(countFlushed, `${name} small`), 0);
      await other.run(open, `${name} small`);
      for (const each of [tab, other]) assert.equal(await each.run(countNotes), 100);
      await tab.run(() => globalThis.allowFlushes());
      await tab.run(writeNotes, 'after', 300);
      assert.ok((await tab.run(countFlushed, `${name} small`)) > 0);
      await other.run(() => db.put({ _id: 'to read the log' }));
      for (const each of [tab, other]) assert.equal(await each.run(countNotes), 400);
    });

    for (const [how, run] of Object.entries(kLacksOfRoom)) {
      it(`says 507 where IndexedDB ${how}, keeps nothing of the write, then goes on`, async () => {
        await tab.run(() => db.put({ _id: 'before' }));
        await tab.run(run);
        const refusal = await tab.run(failure, String(putLarge));
        assert.deepEqual([refusal.status, refusal.name], [507, 'insufficient_storage']);
        const { status } = await tab.run(failure, String(() => db.get('large')));
        assert.equal(status, 404);
        await tab.run(putLarge);
        await other.run(() => db.put({ _id: 'to read the log' }));
        const { rows } = await other.run(() => db.allDocs());
        assert.deepEqual(rows.map(({ id }) => id), ['before', 'large', 'to read the log']);
      });
    }

    it('stays as it is when the room is used up, and goes on when there is more', async () => {
      // A site of its own, as Chromium looks at a site's quota at most twice a minute.
      const poor = await Tab.open(browser, site, 'poor.localhost');
      const makeRoom = await limitRoom[browserName](poor);
      await poor.run(open, name, { memtableSize: 300_000 }); // flushed again and again
      const { written, refusal } = await poor.run(fill);
      assert.deepEqual([refusal.status, refusal.name], [507, 'insufficient_storage']);
      assert.ok(written > 0);
      assert.equal((await poor.run(() => db.info())).doc_count, written);
      assert.equal(await poor.run(countFilled), written);

      await makeRoom();
      await poor.run(() => db.put({ _id: 'after' }));
      const more = 20;
      await poor.run(fill, more, 'more');
      const another = await Tab.open(browser, site, 'poor.localhost');
      await another.run(open, name);
      assert.equal((await another.run(() => db.info())).doc_count, written + 1 + more);
      for (const each of [poor, another]) {
        assert.equal(await each.run(countFilled), written + more);
      }
      await Promise.all([poor.close(), another.close()]);
    });

    it('that a newer version has made is not touched: unsupported_format', async () => {
      await tab.run(makeNewer, 'from the future');
      await tab.run(open, 'from the future').catch(() => {});
      const refusal = await tab.run(failure, String(() => db.info()));
      assert.deepEqual([refusal.status, refusal.name], [500, 'unsupported_format']);
      assert.match(refusal.reason, kNewer);
    });

    it('lets a newer version open it, and says that the page is to be reloaded', async () => {
      await tab.run(() => db.put({ _id: 'note' }));
      await tab.run(watchLoss);
      await other.run(() => db.close());
      await other.run(makeNewer, name);
      const { event, feed } = await tab.run(() => loss);
      assert.equal(event, 'lost newer_version');
      assert.equal(feed.name, 'newer_version');
      for (const call of [...kReads, String(() => db.put({ _id: 'another' }))]) {
        const refusal = await tab.run(failure, call);
        assert.deepEqual([refusal.status, refusal.name], [412, 'newer_version']);
        assert.match(refusal.reason, kNewer);
      }
    });

    it("names adapter: 'memory', which works, where a worker has no IndexedDB", async () => {
      const worker = await tab.startWorker('worker');
      await worker.run(() => Object.defineProperty(self, 'indexedDB', { value: undefined }));
      await checkInMemoryIsOffered(worker);
    });

    it("names adapter: 'memory', which works, where a frame may not use it", async () => {
      await checkInMemoryIsOffered(await sandboxedFrame(tab));
    });
  });
}

/** @param {Context} context without IndexedDB */
async function checkInMemoryIsOffered(context) {
  const refusal = await context.run(async () => failureOf(new Couchlet('notes').info()));
  assert.match(refusal.reason, kInMemory);
  const text = await context.run(async () => {
    const db = new Couchlet('notes', { adapter: 'memory' });
    await db.put({ _id: 'milk', text: 'Buy milk' });
    return (await db.get('milk')).text;
  });
  assert.equal(text, 'Buy milk');
}

/** The page again, in a frame that has no origin, and so no storage. @param {Tab} tab */
async function sandboxedFrame({ page }) {
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const frame = document.createElement('iframe');
        frame.sandbox.add('allow-scripts');
        frame.src = '/';
        frame.onload = resolve;
        document.body.append(frame);
      }),
  );
  const frame = page.frames().find((each) => each.parentFrame());
  if (!frame) throw new Error('There is no frame');
  return new Context((source, args) => frame.evaluate((s, a) => runForTest(s, a), source, args));
}

// ── What is run in a page ───────────────────────────────────────────────────────────────────────

/** @param {string} name @param {object} [options] */
async function open(name, options) {
  globalThis.db = new Couchlet(name, options);
  await db.info();
}

/** Leaves in `loss` what the database tells when it is lost, and how its live feed ends. */
async function watchLoss() {
  const event = new Promise((resolve) => {
    db.on('destroyed', () => resolve('destroyed'));
    db.on('lost', ({ name }) => resolve(`lost ${name}`));
  });
  const feed = failureOf(db.changes({ live: true, since: 'now' }));
  globalThis.loss = Promise.all([event, feed]).then(([event, feed]) => ({ event, feed }));
  await db.info();
}

/** Something to pull from. @param {number} count of its documents */
async function makeServer(count) {
  globalThis.server = new Couchlet('server', { adapter: 'memory' });
  await server.bulkDocs(Array.from({ length: count }, (_, n) => ({ _id: `note ${n}` })));
}

async function pull() {
  return (await db.replicate.from(server)).docs_written;
}

/** There is no room for what a flush writes, until allowFlushes() is called. */
function refuseFlushes() {
  const { add, put } = IDBObjectStore.prototype;
  const refuse = (method) =>
    function (...args) {
      if (this.name === 'blocks' || this.name === 'manifest') {
        throw new DOMException('No room', 'QuotaExceededError');
      }
      return method.apply(this, args);
    };
  Object.assign(IDBObjectStore.prototype, { add: refuse(add), put: refuse(put) });
  globalThis.allowFlushes = () => {
    Object.assign(IDBObjectStore.prototype, { add, put });
  };
}

/** One after another. @param {string} what @param {number} count */
async function writeNotes(what, count) {
  const text = 'abcd '.repeat(200);
  for (let n = 0; n < count; n += 1) await db.put({ _id: `note ${what} ${n}`, text });
}

/** Those that can be read. */
async function countNotes() {
  const { rows } = await db.allDocs({ startkey: 'note ', endkey: 'note!', include_docs: true });
  return rows.filter(({ doc }) => doc.text.length === 1000).length;
}

/** Records that flushes have written. @param {string} name */
async function countFlushed(name) {
  const result = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await result(indexedDB.open(`couchlet:${name}`));
  const count = await result(database.transaction('blocks').objectStore('blocks').count());
  database.close();
  return count;
}

/** How a call fails. @param {string} call its source */
function failure(call) {
  return failureOf((0, eval)(`(${call})`)());
}

/** Takes the connection away between writes and under them, with and without a word about it. */
async function writeWhileConnectionsClose() {
  const connections = new Set();
  const { transaction: begin } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (...args) {
    connections.add(this);
    return begin.apply(this, args);
  };
  for (let round = 0; round < 30; round += 1) {
    const puts = Array.from({ length: 5 }, (_, n) => db.put({ _id: `${round} ${n}` }));
    const batch = db.bulkDocs(Array.from({ length: 5 }, (_, n) => ({ _id: `${round} b${n}` })));
    if (round % 2) await puts[0];
    const connection = [...connections].at(-1);
    connection?.close();
    if (round % 3) connection?.dispatchEvent(new Event('close'));
    await Promise.all([...puts, batch]);
  }
  const { rows } = await db.allDocs();
  return { rows: rows.length, opened: connections.size };
}

/** The next transaction that writes ends without a reason, as when its connection is cut. */
function loseNextTransaction() {
  const { add } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.add = function (...args) {
    IDBObjectStore.prototype.add = add;
    queueMicrotask(() => this.transaction.abort());
    return add.apply(this, args);
  };
}

/** Writes until that fails, and tells why. */
async function writeUntilRefused() {
  for (let n = 0; ; n += 1) {
    const { succeeded, ...refusal } = await failureOf(db.put({ _id: `note ${n}` }));
    if (!succeeded) return refusal;
  }
}

/** Removes all that this site has stored. @param {string} name of a database that is open */
async function clearSite(name) {
  const { result } = await new Promise((resolve) => {
    const request = indexedDB.open(`couchlet:${name}`);
    request.onsuccess = () => resolve(request);
  });
  // The answer may come before it is done.
  const closed = new Promise((resolve) => (result.onclose = resolve));
  await Promise.all([fetch('/clear'), closed]);
}

/** More than a log record can hold: it has several parts. */
function putLarge() {
  return db.put({ _id: 'large', text: 'abcd '.repeat(50_000) });
}

/**
 * Writes until there is no room left, or so many.
 * @param {number} [limit] @param {string} [what]
 */
async function fill(limit = Infinity, what = 'note') {
  for (let written = 0; written < limit; written += 1) {
    // Nothing that can be compressed.
    const text = Array.from({ length: 2000 }, () => crypto.randomUUID()).join();
    const { succeeded, ...refusal } = await failureOf(db.put({ _id: `${what} ${written}`, text }));
    if (!succeeded) return { written, refusal };
  }
}

/** What was filled in and can be read. */
async function countFilled() {
  const { rows } = await db.allDocs({ include_docs: true });
  return rows.filter(({ doc }) => doc.text?.length > 70_000).length;
}

/** A database of a version to come, which is then closed. @param {string} name */
function makeNewer(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`couchlet:${name}`, 1000);
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
    request.onerror = () => reject(request.error);
  });
}
