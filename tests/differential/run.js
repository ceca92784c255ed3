// Random sequences of operations on couchlet and on PouchDB, compared answer by answer:
//
//   npm run differential -- --sequences 10000
//   npm run differential -- --seed 17 --sequences 1        that sequence again
//   npm run differential -- --adapter idb                  couchlet on (fake) IndexedDB
//   npm run differential -- --survey                       goes on after failures, tells each kind
//   npm run differential -- --page                         writes docs/differences-from-pouchdb.md
//
// Ends with 1 when there is a difference that explained.js doesn't explain.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { kExplained } from './explained.js';
import { writePage } from './page.js';
import { describeFailure, runSeeds } from './seeds.js';

const { values } = parseArgs({
  options: {
    sequences: { type: 'string', default: '1000' },
    operations: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    adapter: { type: 'string', default: 'memory' },
    jobs: { type: 'string', default: String(os.availableParallelism()) },
    survey: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});

const plan = {
  first: Number(values.seed),
  count: Number(values.sequences),
  operations: Number(values.operations),
  adapter: /** @type {'memory' | 'idb'} */ (values.adapter),
  survey: values.survey,
};

if (values.page) {
  await writePage();
} else if (process.send) {
  // A share of the seeds: the parent prints what is found.
  process.send(await runSeeds(plan));
  process.disconnect();
} else {
  const start = Date.now();
  const reports = await Promise.all(shares(plan, Number(values.jobs)).map(inChild));
  const total = (/** @type {'sequences' | 'operations'} */ name) =>
    reports.reduce((sum, report) => sum + report[name], 0);
  const failures = reports.flatMap((report) => report.failures);
  failures.forEach((failure) => console.log(`${describeFailure(failure)}\n`));
  const used = new Set(reports.flatMap((report) => report.explained));
  for (const { name, reason } of kExplained.filter((each) => used.has(each.name))) {
    console.log(`explained: ${name}: ${reason}`);
  }
  const cut = reports.flatMap((report) => report.cut);
  for (const [reason, count] of counted(cut)) {
    console.log(`cut short ${count} times: ${reason}`);
  }
  console.log(
    `seeds ${plan.first} to ${plan.first + plan.count - 1}, adapter ${plan.adapter}: ` +
      `${total('sequences')} sequences, ${total('operations')} operations, ` +
      `${cut.length} sequences cut short, ${failures.length} failures, ` +
      `${((Date.now() - start) / 1000).toFixed(0)} s`,
  );
  if (failures.length > 0 || total('operations') === 0) process.exitCode = 1;
}

/** @param {string[]} reasons @returns {[string, number][]} the most frequent first */
function counted(reasons) {
  const counts = new Map();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/**
 * @param {typeof plan} whole
 * @param {number} jobs
 */
function shares(whole, jobs) {
  const size = Math.ceil(whole.count / jobs);
  return Array.from({ length: jobs }, (_, i) => ({
    ...whole,
    first: whole.first + i * size,
    count: Math.min(size, whole.count - i * size),
  })).filter(({ count }) => count > 0);
}

/**
 * @param {typeof plan} share
 * @returns {Promise<import('./seeds.js').Report>}
 */
async function inChild(share) {
  const args = [
    ['--seed', share.first],
    ['--sequences', share.count],
    ['--operations', share.operations],
    ['--adapter', share.adapter],
  ].flat();
  const child = fork(
    fileURLToPath(import.meta.url),
    [...args.map(String), ...(share.survey ? ['--survey'] : [])],
    { serialization: 'advanced' },
  );
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A process ended with ${code}`);
  });
  const [report] = await Promise.race([once(child, 'message'), ended]);
  return report;
}
