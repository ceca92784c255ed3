// A tab dies in the middle of its writes. It has told the server of each write that was
// acknowledged, before it went on: all of those must be there when the database is opened again,
// and of what was under way either everything or nothing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, beforeEach, describe, it } from 'node:test';
import { BareSite, Tab } from './bare-site.js';
import { kBrowserNames, launch } from './browser.js';

/** @typedef {import('puppeteer-core').Browser} Browser */

const kBatchSize = 40;

// How often each death is died, and how many writes are acknowledged before it, at least.
const kDeathsOfATab = 3;
const kDeathsOfABrowser = 2; // each costs a start
const kWritesBefore = 60;

/** @param {Tab} tab */
const close = (tab) => tab.close();

/** Its process dies. @param {Tab} tab */
async function crash({ page }) {
  const crashed = once(page, 'error');
  const session = await page.createCDPSession();
  session.send('Page.crash').catch(() => {}); // nobody is left to answer
  await crashed;
  await page.close();
}

// Only Chromium can be told to let a tab crash.
const kDeathsOfTabs = {
  chromium: { 'is closed': close, crashes: crash },
  firefox: { 'is closed': close },
};

for (const browserName of kBrowserNames) {
  describe(`A tab of ${browserName} that dies while it writes`, { timeout: 600_000 }, () => {
    const profile = mkdtempSync(path.join(os.tmpdir(), `couchlet-${browserName}-`));
    const site = new BareSite();
    /** @type {Browser} */
    let browser;
    let lives = 0;

    before(async () => {
      await site.start();
      browser = await launch(browserName, { profile });
    });

    after(async () => {
      await browser?.close();
      site.stop();
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    });

    beforeEach(() => {
      site.told = [];
    });

    /** @param {string} name of the database that it opens */
    const openTab = async (name) => {
      const tab = await Tab.open(browser, site);
      await tab.run(openDatabase, name);
      return tab;
    };

    /** A tab that writes, and has written. @param {string} name */
    const writingTab = async (name) => {
      const tab = await openTab(name);
      await tab.run(beginToWrite, `life ${(lives += 1)}`, kBatchSize);
      await site.hear(kWritesBefore);
      return tab;
    };

    for (const [death, die] of Object.entries(kDeathsOfTabs[browserName])) {
      it(`leaves all that was acknowledged when it ${death}, to other tabs too`, async () => {
        const witness = await openTab(death);
        for (let time = 0; time < kDeathsOfATab; time += 1) {
          await die(await writingTab(death));
          checkWhole(await witness.run(readAll, site.told));
        }
        await witness.close();
        checkWhole(await (await openTab(death)).run(readAll, site.told));
      });
    }

    it('leaves all that was acknowledged when the whole browser is killed', async () => {
      const name = 'browser is killed';
      for (let time = 0; time < kDeathsOfABrowser; time += 1) {
        await writingTab(name);
        await kill(browser);
        browser = await launch(browserName, { profile });
        checkWhole(await (await openTab(name)).run(readAll, site.told));
      }
    });
  });
}

/** Ends all of its processes where they stand. @param {Browser} browser */
async function kill(browser) {
  const child = browser.process();
  if (!child?.pid) throw new Error('This browser has no process of ours');
  process.kill(-child.pid, 'SIGKILL'); // it leads the group of its processes
  await browser.close(); // waits for the end, and until the profile may be used again
}

/** @param {Awaited<ReturnType<typeof readAll>>} all */
function checkWhole({ missing, docs, changes, info }) {
  assert.deepEqual(missing, {});
  const batches = docs.map(({ batch }) => batch).filter((batch) => batch);
  for (const batch of new Set(batches)) {
    assert.equal(batches.filter((each) => each === batch).length, kBatchSize, batch);
  }
  for (const { _id, _rev, edits } of docs) {
    // Each edit counted on from what was there.
    if (edits) assert.equal(edits, Number.parseInt(_rev, 10), _id);
  }
  const alive = changes.results.filter(({ deleted }) => !deleted);
  assert.deepEqual(alive.map(({ id }) => id).sort(), docs.map(({ _id }) => _id).sort());
  assert.equal(info.doc_count, docs.length);
  assert.equal(info.update_seq, changes.last_seq);
}

// ── What is run in a page ───────────────────────────────────────────────────────────────────────

/** @param {string} name */
async function openDatabase(name) {
  globalThis.db = new Couchlet(name);
  await db.info();
}

/**
 * Writes in several ways at the same time, until the end.
 * @param {string} me @param {number} batchSize
 */
function beginToWrite(me, batchSize) {
  const tell = (written) =>
    fetch('/told', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(written),
    });

  const writeNotes = async () => {
    for (let n = 0; ; n += 1) {
      const { id, rev } = await db.put({ _id: `${me}: note ${n}`, n });
      await tell([{ id, rev }]);
    }
  };
  const edit = async (/** @type {string} */ _id) => {
    for (let edits = 1, _rev; ; edits += 1) {
      const { id, rev } = await db.put({ _id, _rev, edits });
      await tell([{ id, rev }]);
      _rev = rev;
    }
  };
  const writeAndRemove = async () => {
    for (let n = 0; ; n += 1) {
      const { id, rev } = await db.put({ _id: `${me}: passing ${n}` });
      const removed = await db.remove(id, rev);
      await tell([{ id, rev: removed.rev }]);
    }
  };
  // Large enough for a log record and several parts.
  const writeBatches = async () => {
    for (let n = 0; ; n += 1) {
      const batch = `${me}: batch ${n}`;
      const docs = Array.from({ length: batchSize }, (_, i) => ({
        _id: `${batch}: ${i}`,
        batch,
        text: 'abcd '.repeat(800),
      }));
      const written = await db.bulkDocs(docs);
      await tell(written.map(({ id, rev }) => ({ id, rev })));
    }
  };
  writeNotes();
  edit(`${me}: edited`);
  edit(`${me}: edited too`);
  writeAndRemove();
  writeBatches();
}

/**
 * All that is in the database, and which of these writes are not.
 * @param {{id: string, rev: string}[][]} told
 */
async function readAll(told) {
  // A write makes sure that the log is read to its end, whatever was heard from a tab that died.
  await db.post({});
  const revisions = {};
  for (const { id, rev } of told.flat()) (revisions[id] ??= []).push(rev);
  const { rows } = await db.allDocs({ include_docs: true });
  return {
    missing: await db.revsDiff(revisions),
    docs: rows.map(({ doc: { _id, _rev, batch, edits } }) => ({ _id, _rev, batch, edits })),
    changes: await db.changes(),
    info: await db.info(),
  };
}
