// Two tabs and a worker have one database open and all write to it at once. None of them may lose
// a write, and each must learn of every other's.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BareSite, Tab } from './bare-site.js';
import { kBrowserNames, launch } from './browser.js';

const kWriters = ['one', 'two', 'worker'];

// What each of them writes: documents of its own, and additions to counters that all share.
const kOwnWrites = 600;
const kSharedWrites = 400;
const kCounters = 10;
const kAllWrites = kWriters.length * (kOwnWrites + kSharedWrites) + kCounters;

for (const browserName of kBrowserNames) {
  describe(`Tabs of ${browserName} that share a database`, { timeout: 600_000 }, () => {
    const site = new BareSite();
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {import('./bare-site.js').Context[]} */
    let writers;

    before(async () => {
      await site.start();
      browser = await launch(browserName);
      const [one, two] = [await Tab.open(browser, site), await Tab.open(browser, site)];
      writers = [one, two, await one.startWorker('worker')];
    });

    after(async () => {
      await browser?.close();
      site.stop();
    });

    /**
     * Has all writers do something at the same time.
     * @template {any[]} A @template R
     * @param {(...args: A) => R} fn @param {A} args
     */
    const everywhere = (fn, ...args) => Promise.all(writers.map((each) => each.run(fn, ...args)));

    /** @param {string} name */
    const openEverywhere = (name) =>
      Promise.all(writers.map((each, n) => each.run(openDatabase, name, kWriters[n])));

    describe('and write a thousand times each', () => {
      /** @type {Awaited<ReturnType<typeof write>>[]} */
      let written;
      /** What another tab reads afterwards. @type {Awaited<ReturnType<typeof state>>} */
      let stored;
      /** What each has heard of. @type {Awaited<ReturnType<typeof heardUpTo>>[]} */
      let feeds;

      before(async () => {
        await openEverywhere('race');
        await writers[0].run(makeCounters, kCounters);
        await everywhere(heardUpTo, kCounters);
        written = await everywhere(write, kOwnWrites, kSharedWrites, kCounters);
        const reader = await Tab.open(browser, site);
        await reader.run(openDatabase, 'race', 'reader');
        stored = await reader.run(state);
        feeds = await everywhere(heardUpTo, kAllWrites);
      });

      it('have all of them acknowledged, if only after being told 409 conflict', () => {
        for (const { own, counted } of written) {
          assert.deepEqual([own.length, counted.length], [kOwnWrites, kSharedWrites]);
        }
        const refusals = written.flatMap((writer) => writer.refusals);
        assert.deepEqual([...new Set(refusals)], ['409 conflict']);
      });

      it('keep every document as it was acknowledged', () => {
        const revs = new Map(stored.rows.map(({ id, value }) => [id, value.rev]));
        const own = written.flatMap((writer) => writer.own);
        for (const { id, rev } of own) assert.equal(revs.get(id), rev, id);
        assert.equal(revs.size, own.length + kCounters);
      });

      it('count up their counters without leaving one out, and without a conflict', () => {
        const counted = written.flatMap((writer) => writer.counted);
        for (const { _id, count, _revisions, _conflicts } of stored.counters) {
          const additions = counted.filter(({ id }) => id === _id).map(({ rev }) => rev);
          const past = _revisions.ids.map((hash, n) => `${_revisions.start - n}-${hash}`);
          past.pop(); // with it the counter was made
          assert.deepEqual(additions.sort(), past.sort());
          assert.equal(count, additions.length);
          assert.equal(_conflicts, undefined);
        }
      });

      it('use one sequence for each write', () => {
        assert.equal(stored.info.update_seq, kAllWrites);
        assert.equal(stored.info.doc_count, kWriters.length * kOwnWrites + kCounters);
      });

      it('see the same in the end, as does a tab that comes later', async () => {
        for (const seen of await everywhere(state)) assert.deepEqual(seen, stored);
      });

      it('hear of the writes of all in order, and once of each', () => {
        for (const heard of feeds) {
          const sequences = heard.map(({ seq }) => seq);
          assert.deepEqual(sequences, [...new Set(sequences)].sort((a, b) => a - b));
          const revisions = heard.map(({ id, rev }) => `${id} ${rev}`);
          assert.equal(new Set(revisions).size, revisions.length);
          for (const { own } of written) {
            // What was written one after another.
            for (const lane of new Set(own.map((each) => each.lane))) {
              const ids = own.filter((each) => each.lane === lane).map(({ id }) => id);
              const sought = new Set(ids);
              assert.deepEqual(heard.map(({ id }) => id).filter((id) => sought.has(id)), ids);
            }
          }
        }
      });

      it('have heard last of each document what is stored', () => {
        const changes = stored.changes.results.map(({ id, seq, changes: [{ rev }] }) => ({
          id,
          seq,
          rev,
        }));
        for (const heard of feeds) {
          const last = new Map(heard.map((change) => [change.id, change]));
          assert.deepEqual([...last.values()].sort((a, b) => a.seq - b.seq), changes);
        }
      });
    });

    it('let one win where all edit one revision, and tell the others 409 conflict', async () => {
      const ids = Array.from({ length: 100 }, (_, n) => `note:${n}`);
      await openEverywhere('edits');
      const made = await everywhere(writeAtOnce, ids);
      checkWinners(made, 'made');
      const bases = ids.map((_, n) => made.map((answers) => answers[n]).find(({ rev }) => rev));
      const edited = await everywhere(writeAtOnce, ids, bases);
      checkWinners(edited, 'edited');

      await everywhere(heardUpTo, 2 * ids.length);
      for (const { rows } of await everywhere(state)) {
        for (const { id, value, doc } of rows) {
          const answer = edited[kWriters.indexOf(doc.writer)][ids.indexOf(id)];
          assert.equal(answer.rev, value.rev, id);
        }
      }
    });
  });
}

/**
 * Of each document's writers one was told its revision, and all others of the conflict.
 * @param {Awaited<ReturnType<typeof writeAtOnce>>[]} answers @param {string} what
 */
function checkWinners(answers, what) {
  for (let n = 0; n < answers[0].length; n += 1) {
    const outcomes = answers.map((writer) => writer[n].refusal ?? 'written').sort();
    assert.deepEqual(outcomes, ['409 conflict', '409 conflict', 'written'], `${what} ${n}`);
  }
}

// ── What is run in a page or a worker ───────────────────────────────────────────────────────────

/** Opens a database and begins to follow its changes. @param {string} name @param {string} me */
async function openDatabase(name, me) {
  const db = new Couchlet(name);
  const heard = [];
  const feed = db.changes({ live: true, since: 0 });
  feed.on('change', ({ seq, id, changes: [{ rev }] }) => heard.push({ seq, id, rev }));
  Object.assign(globalThis, { me, db, feed, heard });
  await db.info();
}

/** @param {number} count */
async function makeCounters(count) {
  await db.bulkDocs(Array.from({ length: count }, (_, n) => ({ _id: `counter:${n}`, count: 0 })));
}

/** All changes that were heard of, as soon as this one was. @param {number} seq */
async function heardUpTo(seq) {
  await new Promise((resolve) => {
    const check = () => heard.at(-1)?.seq >= seq && resolve();
    feed.on('change', check);
    check();
  });
  return heard;
}

/**
 * Writes as fast as it can, in lanes: within one, a write follows the other's acknowledgement.
 * @param {number} ownWrites @param {number} sharedWrites @param {number} counters
 */
async function write(ownWrites, sharedWrites, counters) {
  const kLanes = 4;
  const own = [];
  const counted = [];
  const refusals = [];

  const writeOwn = async (lane) => {
    for (let n = lane; n < ownWrites; n += kLanes) {
      const { id, rev } = await db.put({ _id: `${me}:${n}`, n });
      own.push({ id, rev, lane });
    }
  };
  const addOne = async (id) => {
    const counter = await db.get(id);
    try {
      const { rev } = await db.put({ ...counter, count: counter.count + 1 });
      counted.push({ id, rev });
    } catch ({ status, name }) {
      refusals.push(`${status} ${name}`);
      if (status === 409) await addOne(id);
    }
  };
  const countUp = async (lane) => {
    for (let n = lane; n < sharedWrites; n += kLanes) await addOne(`counter:${n % counters}`);
  };
  const lanes = [...Array(kLanes).keys()];
  await Promise.all([...lanes.map(writeOwn), ...lanes.map(countUp)]);
  return { own, counted, refusals };
}

/** Everything in the database, as it is seen here. */
async function state() {
  const { rows } = await db.allDocs({ include_docs: true });
  const counters = rows.filter(({ id }) => id.startsWith('counter:'));
  // Not the sizes: a merge by another changes them, and is none of the others' business.
  const { doc_count, update_seq } = await db.info();
  return {
    rows,
    changes: await db.changes({ since: 0 }),
    counters: await Promise.all(
      counters.map(({ id }) => db.get(id, { revs: true, conflicts: true })),
    ),
    info: { doc_count, update_seq },
  };
}

/**
 * Writes each document on its base, without waiting in between.
 * @param {string[]} ids @param {{rev?: string}[]} [bases]
 */
function writeAtOnce(ids, bases = []) {
  const write = async (_id, n) => {
    try {
      const { rev } = await db.put({ _id, _rev: bases[n]?.rev, writer: me });
      return { rev };
    } catch ({ status, name }) {
      return { refusal: `${status} ${name}` };
    }
  };
  return Promise.all(ids.map(write));
}
