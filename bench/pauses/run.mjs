// How long the page's thread is held at a time while couchlet writes and merges. The limits
// are for a step of a merge: 8 ms in the median, 16 ms at the 99th percentile.

import { writeFile } from 'node:fs/promises';
import { valueFromPage } from '../harness/page.mjs';
import { digits, number, table, writeResults } from '../harness/results-page.mjs';
import { machine, today, withSession } from '../harness/session.mjs';
import { percentile } from '../harness/statistics.mjs';

/** @typedef {import('./page.js').Phase} Phase */

/** @param {import('../harness/options.mjs').Options} options */
export async function pauses(options) {
  const [documents] = options.documents;
  await withSession(options, async ({ browser, server }) => {
    /** @type {Phase[][]} */
    const rounds = [];
    for (let round = 0; round < options.rounds; ++round) {
      const name = `pauses-${round}`;
      const task = /** @type {const} */ ({ what: 'pauses', name, documents });
      rounds.push(await valueFromPage(browser, server.origin(name), task));
    }
    const version = await browser.version();
    const head = `${version}; ${machine()}; ${today()}; ${options.rounds} rounds.`;
    const text = `${head}\n\n${phasesTable(rounds, documents)}`;
    console.log(text);
    if (options.json) await writeFile(options.json, JSON.stringify(rounds, null, 2));
    if (options.write) await writeResults(`pauses: ${options.browser}`, text);
  });
}

/**
 * @param {Phase[][]} rounds
 * @param {number} documents
 */
function phasesTable(rounds, documents) {
  const head = [
    `while ${number(documents)} documents are written: what the page waits for`,
    'pauses of 1 ms and more',
    'median',
    '99th percentile',
    'longest',
    'held in all',
  ];
  const rows = rounds[0].map(({ phase }, i) => {
    const all = rounds.flatMap((round) => round[i].pauses);
    const milliseconds = rounds.reduce((sum, round) => sum + round[i].milliseconds, 0);
    const ms = (/** @type {number} */ value) => `${digits(value)} ms`;
    const count = `${number(all.length)} in ${digits(milliseconds / 1000)} s`;
    if (all.length === 0) return [phase, count, '', '', '', ''];
    const held = all.reduce((sum, pause) => sum + pause, 0) / milliseconds;
    return [
      phase,
      count,
      ms(percentile(all, 0.5)),
      ms(percentile(all, 0.99)),
      ms(Math.max(...all)),
      `${number(held * 100)}%`,
    ];
  });
  return table(head, rows);
}
