// Makes a failing sequence small: leaves out operations, then parts of their arguments, for as long
// as what is left still fails.

import { runSequence } from './sequence.js';

/** @typedef {import('./operations.js').Operation} Operation */
/** @typedef {import('./sequence.js').Failure} Failure */

const kPatienceMs = 30_000;

/**
 * @param {Operation[]} operations
 * @param {Failure} failure
 * @param {{adapter: 'memory' | 'idb'}} options
 * @returns {Promise<{operations: Operation[], failure: Failure}>}
 */
export async function shrink(operations, failure, options) {
  const end = Date.now() + kPatienceMs;
  let smallest = { operations: operations.slice(0, failure.index + 1), failure };

  /** @param {Operation[]} candidate */
  const stillFails = async (candidate) => {
    const outcome = await runSequence(candidate, options);
    if (!outcome.failure || !isAlike(outcome.failure, failure)) return false;
    smallest = {
      operations: candidate.slice(0, outcome.failure.index + 1),
      failure: outcome.failure,
    };
    return true;
  };

  for (let size = smallest.operations.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < smallest.operations.length && Date.now() < end; ) {
      const candidate = smallest.operations.toSpliced(at, size);
      if (!(await stillFails(candidate))) at += size;
    }
  }
  for (let at = 0; at < smallest.operations.length; at += 1) {
    for (let found = true; found && Date.now() < end; ) {
      found = false;
      for (const args of smallerThan(smallest.operations[at]?.args ?? [])) {
        const candidate = smallest.operations.with(at, { ...smallest.operations[at], args });
        found = await stillFails(candidate);
        if (found) break;
      }
    }
  }
  return smallest;
}

/**
 * @param {Failure} a
 * @param {Failure} b
 */
function isAlike(a, b) {
  return (
    a.operation.call === b.operation.call &&
    a.differences.some(({ path }) => b.differences.some((other) => isAlikePath(path, other.path)))
  );
}

/**
 * @param {string} a
 * @param {string} b
 */
function isAlikePath(a, b) {
  return a.replace(/\d/g, '') === b.replace(/\d/g, '');
}

/**
 * Each with one element or member left out, at any depth.
 *
 * @param {any} value
 * @param {boolean} [isArguments] they keep their places
 * @returns {Generator<any>}
 */
function* smallerThan(value, isArguments = true) {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return;
  if (Array.isArray(value)) {
    for (let i = value.length - 1; i >= 0; i -= 1) {
      if (!isArguments || i === value.length - 1) yield value.toSpliced(i, 1);
      for (const smaller of smallerThan(value[i], false)) yield value.with(i, smaller);
    }
    return;
  }
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  for (const name of Object.keys(value)) {
    // Without their salts two edits could be equal, which is a matter of its own.
    if (isPlain && name !== 'n') {
      const { [name]: _, ...others } = value;
      yield others;
    }
    for (const smaller of smallerThan(value[name], false)) {
      yield Object.assign(Object.create(Object.getPrototypeOf(value)), value, { [name]: smaller });
    }
  }
}
