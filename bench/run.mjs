// `npm run bench`: couchlet and its peers side by side in a browser, every operation in one run.
// docs/performance.md tells the method and has the results; `npm run bench -- --help` the options.
//
//   operations/  one file for each row       peers/  one file for each column
//   page/        what runs in the browser    harness/  what runs in Node
//   native/      the engine's parts without a browser (CMake option COUCHLET_BENCH)

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Failure, kRoot, main } from '../scripts/command.mjs';
import { sizes } from '../scripts/build.mjs';
import { launch } from '../tests/browser/browser.js';
import { Run } from './harness/measure.mjs';
import { readOptions } from './harness/options.mjs';
import { startServer } from './harness/remote.mjs';
import { markdown, writeInto } from './harness/report.mjs';
import { kSingles } from './operations/operation.js';

const kPage = path.join(kRoot, 'docs/performance.md');

await main(async () => {
  const options = readOptions();
  const hasCouchlet = options.peers.some(({ name }) => name === 'couchlet');
  if (hasCouchlet && !existsSync(`${options.dist}/couchlet.js`)) {
    throw new Failure(`${options.dist} has no couchlet.js: npm run build`);
  }
  if (options.profiles) await mkdir(options.profiles, { recursive: true });

  const plan = { ...options, singles: kSingles };
  const { measurements, browserVersion } = await measure(plan);
  const results = {
    browser: options.browser,
    browserVersion,
    machine: machine(),
    remote: process.env.COUCHDB_URL ? 'CouchDB' : 'express-pouchdb in memory',
    date: new Date().toISOString().slice(0, 10),
    documents: options.documents,
    singles: kSingles,
    rounds: options.rounds,
    sizes: hasCouchlet ? await sizes(options.dist) : [],
    measurements,
  };
  const text = markdown(results, options.operations, options.peers);
  console.log(`\n${text}`);
  if (options.json) await writeFile(options.json, JSON.stringify(results, null, 2));
  if (options.write) await writeInto(kPage, results, text);
  if (measurements.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
});

/** @param {import('./harness/options.mjs').Options & {singles: number}} plan */
async function measure(plan) {
  const server = await startServer({ ...plan, couchdbUrl: process.env.COUCHDB_URL });
  try {
    const browser = await launch(plan.browser);
    try {
      const browserVersion = await browser.version();
      const measurements = await new Run(browser, server, plan, show).measure();
      return { measurements, browserVersion };
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

/** @param {import('./harness/measure.mjs').Measurement} measurement */
function show({ operation, peer, round, value, cpuMilliseconds, failure }) {
  const cpu = cpuMilliseconds === undefined ? '' : `  CPU ${cpuMilliseconds.toFixed(0)} ms`;
  const measured = `${(value ?? NaN).toFixed(1).padStart(12)}${cpu}`;
  const said = failure === undefined ? measured : `FAILED ${failure}`;
  const number = String(round + 1).padStart(2);
  console.log(`${operation.padEnd(12)} ${number}  ${peer.padEnd(18)} ${said}`);
}

/** The machine in a line. */
function machine() {
  const cpus = os.cpus();
  const gigabytes = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus.length} x ${cpus[0].model.trim()}, ${gigabytes} GiB, ${os.type()} ${os.arch()}`;
}
