// A read, a change and a write of one document, begun again where somebody else wrote in between.

import { pause } from './aborting.js';
import { checkDocument, checkId } from './arguments.js';
import { badRequest, idNotAString, nothingIfMissing } from './errors.js';

// Of those who write one document at the same time one succeeds at every turn, so this is reached
// only where something else is wrong.
const kTries = 100;

// The pauses between the tries at a server grow up to this, by chance, so that those who met don't
// meet again. A local database's turns are too short to wait for.
const kMaxPauseMs = 500;

/** @typedef {Record<string, any>} Options */
/**
 * @typedef {object} Documents
 * @property {string} adapter
 * @property {(id: string, options: Options) => Promise<any>} get
 * @property {(document: any, options: Options) => Promise<any>} put
 */

/**
 * A pause after so many tries that met with others.
 *
 * @param {string} adapter
 * @param {number} tries
 * @param {AbortSignal} [signal]
 */
async function giveWay(adapter, tries, signal) {
  const longest = Math.min(kMaxPauseMs, 10 * 2 ** tries);
  if (adapter === 'http') await pause(Math.random() * longest, signal);
}

/**
 * Repeats what ended with a conflict.
 *
 * @template T
 * @param {string} adapter
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<T>} attempt
 * @returns {Promise<T>}
 */
export async function untilUndisturbed(adapter, signal, attempt) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (/** @type {any} */ (error)?.status !== 409 || tries === kTries) throw error;
    }
    await giveWay(adapter, tries, signal);
  }
}

/**
 * @param {Documents} database
 * @param {any} id
 * @param {(document: any) => any} change gets the document, or undefined where there is none, and
 *   answers with the new one, or with nothing to leave it
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>} what put answers, or null
 */
export async function update(database, id, change, { signal } = {}) {
  if (typeof id !== 'string') throw idNotAString();
  checkId(id);
  if (typeof change !== 'function') throw badRequest('update(id, fn) needs a function');
  const options = signal ? { signal } : {};
  return untilUndisturbed(database.adapter, signal, async () => {
    const current = await database.get(id, options).catch(nothingIfMissing);
    const rev = current?._rev;
    const changed = await change(current);
    if (changed === undefined || changed === null) return null;
    checkDocument(changed);
    const { _rev: _, ...content } = changed;
    const document = rev === undefined ? content : { ...content, _rev: rev };
    return database.put({ ...document, _id: id }, options);
  });
}
