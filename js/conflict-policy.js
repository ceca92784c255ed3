// An app's policy for conflicts, applied as they arrive: whenever the pull of a sync has written
// something, the documents that have come to be in conflict since the last look are given to it.
//
// What a resolution writes is made of the conflict alone (resolution.js), so clients with the same
// policy write the same revisions, and none of them is in conflict with another's. A policy that
// fails, or has no answer, leaves the conflict as it is: there are others, and the sync goes on.

import { untilAborted } from './aborting.js';
import { resolve } from './resolution.js';

const kPageRows = 1000;

/**
 * @typedef {(id: string, leaves: any[]) => any} Policy gets the winner first; answers with a
 *   document, 'winner' or nothing
 */

export class ConflictPolicy {
  #local;
  #policy;
  #emit;
  #since = 0;
  #isLooking = false;
  #isDue = false;
  #ending = new AbortController();
  /** @type {Promise<void>} */
  #look = Promise.resolve();

  /**
   * @param {import('./replication.js').Database} local
   * @param {Policy} policy
   * @param {(event: 'resolved' | 'unresolved', value: any) => void} emit
   */
  constructor(local, policy, emit) {
    this.#local = local;
    this.#policy = policy;
    this.#emit = emit;
  }

  /**
   * Something has been written: there may be conflicts.
   *
   * @returns {Promise<void>} when what there was then has been seen to
   */
  apply() {
    this.#isDue = true;
    if (!this.#isLooking) {
      this.#isLooking = true;
      this.#look = this.#lookWhileDue().finally(() => (this.#isLooking = false));
    }
    return this.#look;
  }

  /** Gives up what the policy is still asked about: it may never answer. */
  stop() {
    this.#ending.abort();
  }

  get #isOver() {
    return this.#ending.signal.aborted;
  }

  async #lookWhileDue() {
    while (this.#isDue && !this.#isOver) {
      this.#isDue = false;
      const database = await this.#local.database();
      for (let pending = 1; pending > 0 && !this.#isOver; ) {
        const page = await database.conflicts({ since: this.#since, limit: kPageRows });
        for (const { id } of page.rows) await this.#resolve(id);
        ({ last_seq: this.#since, pending } = page);
      }
    }
  }

  /** @param {string} id */
  async #resolve(id) {
    try {
      const merge = (/** @type {any} */ winner, /** @type {any[]} */ losers) =>
        this.#policy(id, [winner, ...losers]);
      const { signal } = this.#ending;
      const resolution = await untilAborted(signal, () =>
        resolve(this.#local.couchlet(), id, merge, { signal }),
      );
      if (resolution?.removed.length > 0) this.#emit('resolved', resolution);
    } catch (error) {
      if (!this.#isOver) this.#emit('unresolved', { id, error });
    }
  }
}
