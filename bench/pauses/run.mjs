// How long the page's thread is held at a time while couchlet writes and merges: as the page feels
// it, and in Chromium also as CPU time of the page's tasks. The limits for a step of a merge are 8
// ms in the median, 16 ms at the 99th percentile.

import { writeFile } from 'node:fs/promises';
import { valueFromPage } from '../harness/page.mjs';
import { digits, number, table, writeResults } from '../harness/results-page.mjs';
import { machine, today, withSession } from '../harness/session.mjs';
import { percentile } from '../harness/statistics.mjs';
import { traced } from './trace.mjs';

/** @typedef {import('./page.js').Phase} Phase */
/** @typedef {import('../harness/session.mjs').Session} Session */

/** @param {import('../harness/options.mjs').Options} options */
export async function pauses(options) {
  const [documents] = options.documents;
  await withSession(options, async (session) => {
    /** @type {Phase[][]} */
    const felt = [];
    /** @type {Phase[][]} */
    const tasks = [];
    for (let round = 0; round < options.rounds; ++round) {
      felt.push(await phasesOf(session, `beats-${round}`, documents, true));
      if (options.browser !== 'chromium') continue;
      const body = () => phasesOf(session, `traced-${round}`, documents, false);
      tasks.push(await traced(session.browser, body));
    }
    const version = await session.browser.version();
    const parts = [
      `${version}; ${machine()}; ${today()}; ${options.rounds} rounds; ` +
        `${number(documents)} documents.`,
      'What the page waits for:',
      phasesTable(felt),
    ];
    if (tasks.length > 0) parts.push("CPU time of the page's tasks:", phasesTable(tasks));
    const text = parts.join('\n\n');
    console.log(text);
    if (options.json) await writeFile(options.json, JSON.stringify({ felt, tasks }, null, 2));
    if (options.write) await writeResults(`pauses: ${options.browser}`, text);
  });
}

/**
 * @param {Session} session
 * @param {string} name
 * @param {number} documents
 * @param {boolean} beats
 * @returns {Promise<Phase[]>}
 */
const phasesOf = ({ browser, server }, name, documents, beats) =>
  valueFromPage(browser, server.origin(name), { what: 'pauses', name, documents, beats });

/** @param {Phase[][]} rounds */
function phasesTable(rounds) {
  const head = ['', '1 ms and more', 'median', '99th percentile', 'longest', 'share of the time'];
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
