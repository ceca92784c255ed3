// Which documents are in conflict: a local database looks for them itself, and a server is asked by
// its changes feed.

import { throwIfAborted } from './aborting.js';
import { inWinnerOrder } from './winner-order.js';

// Documents in conflict that a server is asked about at a time: they come with their content.
const kCandidates = 100;

// Rows of a page, here and of a server's feed.
const kPageRows = 1000;

/** @typedef {Record<string, any>} Options */
/** @typedef {{id: string, rev: string, conflicts: string[]}} Conflict */
/** @typedef {{since: number, limit: number}} PageOptions */
/** @typedef {(options: PageOptions) => Promise<any>} AskPage of a local database's list */

/**
 * @param {AskPage} ask
 * @returns {AsyncGenerator<Conflict>} each document once, though a write moves it to the end
 */
export async function* conflictsHere(ask) {
  const seen = new Set();
  let since = 0;
  for (let pending = 1; pending > 0; ) {
    const page = await ask({ since, limit: kPageRows });
    for (const row of page.rows) {
      if (seen.has(row.id)) continue;
      seen.add(row.id);
      yield row;
    }
    ({ last_seq: since, pending } = page);
  }
}

/**
 * @typedef {object} Server
 * @property {(options: Options) => AsyncIterable<any>} changes
 * @property {(options: Options) => Promise<any>} allDocs
 */

/**
 * The changes feed tells which documents have several leaves; whether one beside the winner is
 * alive a server tells only with the document.
 *
 * @param {Server} server
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<Conflict>}
 */
export async function* conflictsThere(server, signal) {
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {string[]} */
  let candidates = [];
  const options = { style: 'all_docs', batch_size: kPageRows, return_docs: false, signal };
  for await (const { id, changes } of server.changes(options)) {
    if (changes.length < 2 || seen.has(id)) continue;
    seen.add(id);
    candidates.push(id);
    if (candidates.length < kCandidates) continue;
    yield* await conflictedOf(server, candidates, signal);
    candidates = [];
  }
  throwIfAborted(signal); // for a feed that is no error
  yield* await conflictedOf(server, candidates, signal);
}

/**
 * @param {Server} server
 * @param {string[]} keys
 * @param {AbortSignal} [signal]
 * @returns {Promise<Conflict[]>}
 */
async function conflictedOf(server, keys, signal) {
  if (keys.length === 0) return [];
  const { rows } = await server.allDocs({ keys, include_docs: true, conflicts: true, signal });
  return rows.flatMap((/** @type {any} */ { id, doc }) => {
    if (!doc?._conflicts) return [];
    return [{ id, rev: doc._rev, conflicts: doc._conflicts.sort(inWinnerOrder) }];
  });
}
