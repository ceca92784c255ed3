// Runs one sequence of operations on both databases and compares each answer.

import { randomUUID } from 'node:crypto';

import PouchDB from 'pouchdb';
import memoryAdapter from 'pouchdb-adapter-memory';

import Couchlet from 'couchlet';
import { answerOf, takeLateCrash } from './answers.js';
import { differences } from './compare.js';
import { kExplained } from './explained.js';
import { lookAtEverything } from './operations.js';
import { resolved } from './references.js';
import { RevisionPairs } from './revision-pairs.js';

PouchDB.plugin(memoryAdapter);

/**
 * @typedef {object} Failure
 * @property {import('./operations.js').Operation} operation
 * @property {number} index of the operation; the sequence's length for the look at everything
 * @property {import('./compare.js').Difference[]} differences that nothing explains
 */

/**
 * @typedef {object} Outcome
 * @property {Failure} [failure]
 * @property {number} run operations that were run and compared
 * @property {string} [ended] why not all of them were
 * @property {Set<string>} explained names of the explanations that were needed
 */

/**
 * @param {import('./operations.js').Operation[]} operations
 * @param {{adapter: 'memory' | 'idb'}} options
 * @returns {Promise<Outcome>}
 */
export async function runSequence(operations, { adapter }) {
  const name = randomUUID();
  const couchlet = new Couchlet(name, { adapter });
  const pouchdb = new PouchDB(name, { adapter: 'memory' });
  const outcome = await compareOn(couchlet, pouchdb, operations);
  await couchlet.destroy();
  // A database that has crashed may not even be destroyed.
  if (!outcome.ended && !outcome.failure) await pouchdb.destroy();
  return outcome;
}

/**
 * @param {import('./explained.js').Explanation} explanation
 * @param {import('./explained.js').Context} context
 */
function endsSequence({ endsSequence: ends }, context) {
  return typeof ends === 'function' ? ends(context) : ends === true;
}

/**
 * @param {Couchlet} couchlet
 * @param {any} pouchdb
 * @param {import('./operations.js').Operation[]} operations
 * @returns {Promise<Outcome>}
 */
async function compareOn(couchlet, pouchdb, operations) {
  const pairs = new RevisionPairs();
  const ourSide = pairs.side(couchlet, 'ours');
  const theirSide = pairs.side(pouchdb, 'theirs');
  /** @type {Set<string>} */
  const explained = new Set();
  const all = [...operations, ...lookAtEverything()];

  for (const [i, operation] of all.entries()) {
    const index = Math.min(i, operations.length);
    const ourArgs = await resolved(operation.args, ourSide);
    const theirArgs = await resolved(operation.args, theirSide);
    learnReplicated(pairs, ourArgs, theirArgs);
    const ours = await answerOf(couchlet, operation.call, ourArgs);
    const theirs = await answerOf(pouchdb, operation.call, theirArgs);
    const crash = takeLateCrash();
    if (crash) return { run: index, explained, ended: 'PouchDB fails by accident' };
    const context = { operation, former: all.slice(0, i), ours, theirs };
    const unexplained = [];
    let ended;
    for (const difference of differences(ours, theirs, pairs)) {
      const explanation = kExplained.find((each) => each.explains(difference, context));
      if (!explanation) unexplained.push(difference);
      else explained.add(explanation.name);
      if (explanation && endsSequence(explanation, context)) ended = explanation.name;
    }
    if (unexplained.length > 0 && !ended) {
      return { run: index + 1, explained, failure: { operation, index, differences: unexplained } };
    }
    if (!pairs.areInSameOrder()) ended = 'the order of two hashes differs';
    if (ended) return { run: index + 1, explained, ended };
  }
  return { run: operations.length, explained };
}

/**
 * The revisions that documents bring with new_edits false, of which the answer says nothing.
 *
 * @param {RevisionPairs} pairs
 * @param {any[]} ours arguments
 * @param {any[]} theirs
 */
function learnReplicated(pairs, [ours, options], [theirs]) {
  if ((options ?? ours)?.new_edits !== false) return;
  const [docs, others] = [ours, theirs].map((request) => request.docs ?? request);
  if (!Array.isArray(docs)) return;
  for (const [i, document] of docs.entries()) {
    const { _id, _rev } = document ?? {};
    if (pairs.areSame(_rev, others[i]?._rev)) pairs.add(_id, _rev, others[i]._rev);
  }
}
