// What a stored block's size does to reading and writing it. src/store/table_builder.cpp has the
// size that was chosen.

import { writeFile } from 'node:fs/promises';
import { valueFromPage } from '../harness/page.mjs';
import { digits, table, writeResults } from '../harness/results-page.mjs';
import { machine, today, withSession } from '../harness/session.mjs';
import { median, rotated } from '../harness/statistics.mjs';

/** @typedef {import('./page.js').BlocksResult} BlocksResult */

const kKibibytes = [4, 8, 14, 28, 56];

/** @param {import('../harness/options.mjs').Options} options */
export async function blocks(options) {
  await withSession(options, async ({ browser, server }) => {
    /** @type {{kibibytes: number, result: BlocksResult}[]} */
    const measured = [];
    for (let round = 0; round < options.rounds; ++round) {
      for (const kibibytes of rotated(kKibibytes, round)) {
        const name = `blocks-${kibibytes}-${round}`;
        const recordBytes = kibibytes * 1024;
        const task = /** @type {const} */ ({ what: 'blocks', name, recordBytes });
        const result = await valueFromPage(browser, server.origin(name), task);
        measured.push({ kibibytes, result });
      }
    }
    const version = await browser.version();
    const head = `${version}; ${machine()}; ${today()}; ${options.rounds} rounds.`;
    const text = `${head}\n\n${sizesTable(measured)}`;
    console.log(text);
    if (options.json) await writeFile(options.json, JSON.stringify(measured, null, 2));
    if (options.write) await writeResults(`blocks: ${options.browser}`, text);
  });
}

/** @param {{kibibytes: number, result: BlocksResult}[]} measured */
function sizesTable(measured) {
  const rows = kKibibytes.map((kibibytes) => {
    const results = measured.filter((one) => one.kibibytes === kibibytes);
    const middle = (/** @type {keyof BlocksResult} */ what) =>
      `${digits(median(results.map(({ result }) => result[what])))} ms`;
    return [`${kibibytes} KiB`, middle('random'), middle('scan'), middle('write')];
  });
  return table(['a record of', 'read at random', 'a MiB read in order', 'a MiB written'], rows);
}
