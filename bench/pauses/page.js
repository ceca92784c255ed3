// The page's side: a database is loaded, merges in the background, and is compacted, while a
// heartbeat notes how long the thread is held, or a trace does.

import { makeDocuments } from '../page/documents.js';
import { sleep } from '../page/storage.js';
import { Heart } from './heart.js';

/**
 * @typedef {object} PausesTask
 * @property {string} name
 * @property {number} documents
 * @property {boolean} beats whether the heartbeat runs; else the phases are marked, for a trace
 */
/** @typedef {{phase: string, milliseconds: number, pauses: number[]}} Phase pauses in ms */

const kBatch = 1000;
const kSingles = 1000;
const kIdleMs = 3000;
// Longer than any pause between two steps of a merge.
const kQuietMs = 1000;

/**
 * @param {PausesTask} task
 * @returns {Promise<Phase[]>}
 */
export async function measurePauses({ name, documents: count, beats }) {
  const url = '/dist/couchlet.js';
  const { default: Couchlet } = await import(url);
  const database = new Couchlet(name);
  await database.info();
  const documents = makeDocuments(count + kSingles);
  const singles = documents.splice(count);
  /** @type {Phase[]} */
  const phases = [];
  /** @type {(phase: string, body: () => Promise<unknown>) => Promise<void>} */
  const during = async (phase, body) => {
    const heart = beats ? new Heart() : undefined;
    performance.mark(`begin ${phase}`);
    const start = performance.now();
    await body();
    phases.push({ phase, milliseconds: performance.now() - start, pauses: heart?.stop() ?? [] });
    performance.mark(`end ${phase}`);
  };

  await during('nothing', () => sleep(kIdleMs));
  await during(`\`bulkDocs\` of ${kBatch.toLocaleString('en-US')} after another`, async () => {
    for (let at = 0; at < count; at += kBatch) {
      await database.bulkDocs(documents.slice(at, at + kBatch));
    }
  });
  await during('merges that are left when it has ended', mergesEnd);
  await during('`put` after `put`, awaited', async () => {
    for (const document of singles) await database.put(document);
  });
  await mergesEnd();
  await during('`compact()`: all runs become one', () => database.compact());
  await database.destroy();
  return phases;
}

/** couchlet holds a Web Lock of its database while it merges. */
async function mergesEnd() {
  for (let since = performance.now(); performance.now() - since < kQuietMs; ) {
    await sleep(20);
    const { held = [] } = await navigator.locks.query();
    if (held.some((lock) => lock.name?.endsWith(' merge'))) since = performance.now();
  }
}
