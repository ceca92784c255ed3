// The comparison: each number of documents in a browser of its own.

import { mkdir, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { sizes } from '../../scripts/build.mjs';
import { writeResults } from '../harness/results-page.mjs';
import { machine, today, withSession } from '../harness/session.mjs';
import { Run } from './measure.mjs';
import { singlesOf } from './operations/operation.js';
import { markdown } from './report.mjs';

/** @typedef {import('../harness/options.mjs').Options} Options */

/** @param {Options} options */
export async function compare(options) {
  if (options.profiles) await mkdir(options.profiles, { recursive: true });
  const all = [];
  for (const documents of options.documents) {
    const results = await resultsOf(options, documents);
    const text = markdown(results, options.operations, options.peers);
    console.log(`\n${text}\n`);
    const mark = `results: ${options.browser}, ${documents} documents`;
    if (options.write) await writeResults(mark, text);
    all.push(results);
    if (options.json) await writeFile(options.json, JSON.stringify(all, null, 2));
  }
  const hasFailed = all.some(({ measurements }) =>
    measurements.some(({ failure }) => failure !== undefined),
  );
  if (hasFailed) process.exitCode = 1;
}

/**
 * @param {Options} options
 * @param {number} documents
 * @returns {Promise<import('./report.mjs').Results>}
 */
async function resultsOf(options, documents) {
  const plan = { ...options, documents, singles: singlesOf(documents) };
  return withSession(options, async ({ browser, server }) => ({
    browserVersion: await browser.version(),
    machine: machine(),
    remote: process.env.COUCHDB_URL ? 'CouchDB' : 'express-pouchdb in memory',
    date: today(),
    documents,
    singles: plan.singles,
    rounds: options.rounds,
    sizes: await sizes(options.dist),
    measurements: await new Run(browser, server, plan, show).measure(),
  }));
}

/** @param {import('./measure.mjs').Measurement} measurement */
function show({ operation, peer, round, value, cpuMilliseconds, failure }) {
  const cpu = cpuMilliseconds === undefined ? '' : `  CPU ${cpuMilliseconds.toFixed(0)} ms`;
  const measured = `${(value ?? NaN).toFixed(1).padStart(12)}${cpu}`;
  const said = failure === undefined ? measured : `FAILED ${failure}`;
  const number = String(round + 1).padStart(2);
  console.log(`${operation.padEnd(17)} ${number}  ${peer.padEnd(17)} ${said}`);
}
