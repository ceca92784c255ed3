// A live replication of which one is enough for all tabs: the leader replicates and tells the
// others what happens; the others follow, so that their events and their status are the same, and
// the next one goes on from the checkpoint when it leads.

import { Leadership } from './leadership.js';

/** @typedef {import('./engine.js').ReplicationEvents} Events */
/**
 * @typedef {object} Member a replication in this tab
 * @property {Events} events of the engine here, or of the leader's
 * @property {(events: Events, lost: AbortSignal) => Promise<any>} run resolves with the result
 * @property {() => void} wake
 * @property {() => any} state that can be cloned
 * @property {(state: any) => void} follow the leader's state
 */

export class SharedReplication {
  #member;
  #leadership;
  #hasFollowers = false;

  /**
   * @param {string} name the same for all that can be one
   * @param {Member} member
   */
  constructor(name, member) {
    this.#member = member;
    this.#leadership = new Leadership(name, {
      told: (what, value) => this.#follow(what, value),
      asked: (what) => this.#answer(what),
    });
  }

  get isLeader() {
    return this.#leadership.isLeader;
  }

  /** Has the leader try again. */
  wake() {
    this.#leadership.ask('wake');
  }

  /**
   * @param {AbortSignal} signal ends it
   * @returns {Promise<any>} what run() has come to; rejects when it ends while following
   */
  async run(signal) {
    try {
      for (;;) {
        const lost = await this.#leadership.lead(signal);
        const result = await this.#member.run(this.#shownToAll(), lost);
        if (!lost.aborted || signal.aborted) return result;
      }
    } finally {
      this.#leadership.close();
    }
  }

  /**
   * @param {string} what
   * @param {any} value
   */
  #follow(what, value) {
    const { events, follow } = this.#member;
    if (what === 'state') follow(value);
    else events[/** @type {keyof Events} */ (what)]?.(value);
  }

  /** @param {string} what */
  #answer(what) {
    if (what === 'wake') return this.#member.wake();
    this.#hasFollowers = true;
    this.#leadership.tell('state', this.#member.state());
  }

  /** @returns {Events} that followers are told as well */
  #shownToAll() {
    const { events } = this.#member;
    const shown = Object.entries(events).map(([what, tell]) => [
      what,
      (/** @type {any} */ value) => {
        /** @type {(value: any) => void} */ (tell)(value);
        if (this.#hasFollowers) this.#leadership.tell(what, cloneable(value));
      },
    ]);
    return Object.fromEntries(shown);
  }
}

/** An error's own members would not survive. @param {any} value */
export function cloneable(value) {
  return value instanceof Error ? { ...value } : value;
}
