// Runs the sequences of some seeds and reports what was found.

import { inspect } from 'node:util';

import { inspectOperation, sequenceOf } from './operations.js';
import { Random } from './random.js';
import { runSequence } from './sequence.js';
import { shrink } from './shrink.js';

/**
 * @typedef {object} SmallFailure
 * @property {number} seed
 * @property {string[]} operations as text
 * @property {string} last the operation whose answers differ
 * @property {{path: string, ours: string, theirs: string}[]} differences
 */

/**
 * @typedef {object} Report
 * @property {number} sequences
 * @property {number} operations that were compared
 * @property {string[]} cut why, for each sequence that could not be run to its end
 * @property {SmallFailure[]} failures
 * @property {string[]} explained
 */

/**
 * @param {object} plan
 * @param {number} plan.first seed
 * @param {number} plan.count
 * @param {number} plan.operations in a sequence
 * @param {'memory' | 'idb'} plan.adapter
 * @param {boolean} [plan.survey] whether to go on after a failure, and to tell each kind once
 * @returns {Promise<Report>}
 */
export async function runSeeds({ first, count, operations: length, adapter, survey = false }) {
  if (adapter === 'idb') await import('fake-indexeddb/auto');
  const report = { sequences: 0, operations: 0, cut: [], failures: [], explained: [] };
  const kinds = new Set();
  const explained = new Set();
  for (let seed = first; seed < first + count; seed += 1) {
    const operations = sequenceOf(new Random(seed), length);
    const outcome = await runSequence(operations, { adapter });
    report.sequences += 1;
    report.operations += outcome.run;
    if (outcome.ended) report.cut.push(outcome.ended);
    outcome.explained.forEach((name) => explained.add(name));
    const { failure } = outcome;
    if (!failure) continue;
    const kind = kindOf(failure);
    if (survey && kinds.has(kind)) continue;
    kinds.add(kind);
    const small = await shrink(operations, failure, { adapter });
    kinds.add(kindOf(small.failure));
    report.failures.push(asText(seed, small));
    if (!survey) break;
  }
  report.explained = [...explained];
  return report;
}

/** @param {import('./sequence.js').Failure} failure */
function kindOf({ operation, differences }) {
  const [{ path, ours, theirs }] = differences;
  return [operation.call, path.replace(/\d/g, ''), generic(ours), generic(theirs)].join(' ');
}

/** @param {any} value */
const generic = (value) => inspect(value).replace(/[0-9a-f-]{32,}|\d/g, '');

/** @returns {SmallFailure} */
function asText(seed, { operations, failure }) {
  return {
    seed,
    operations: operations.map(inspectOperation),
    last: inspectOperation(failure.operation),
    differences: failure.differences.map(({ path, ours, theirs }) => ({
      path,
      ours: inspect(ours, { depth: 4 }),
      theirs: inspect(theirs, { depth: 4 }),
    })),
  };
}

/** @param {SmallFailure} failure */
export function describeFailure({ seed, operations, last, differences }) {
  return [
    `seed ${seed}:`,
    ...operations.map((operation) => `  ${operation}`),
    ...(operations.at(-1) === last ? [] : [`  then ${last}`]),
    ...differences.map(
      ({ path, ours, theirs }) => `    ${path}: couchlet ${ours}, PouchDB ${theirs}`,
    ),
  ].join('\n');
}
