// One feed for all tabs and workers of a browser that want the same: whoever holds the Web Lock of
// its name leads, the others follow what it tells by a BroadcastChannel. When the leader closes, or
// leaves, the browser gives the lock to the one that has waited longest.
//
//   follower → leader   {ask: 'state'}   a newcomer: how is it?
//                       {ask: 'wake'}    try again now
//                       {ask: 'life'}    are you there?
//   leader → followers  {tell: 'life'}, {tell: …, value: …}
//
// Some browsers stop a tab in the background without closing it, lock and all. So a follower that
// somebody looks at asks now and then, and takes the lock from a leader that doesn't answer; that
// one follows when it goes on. For a moment there may be two: replication bears that.

import { throwIfAborted } from './aborting.js';

const kCheckMs = 5000;
const kSilenceMs = 3000;

/** Whether contexts can agree on a leader here. */
export function canShare() {
  return Boolean(globalThis.navigator?.locks && globalThis.BroadcastChannel);
}

const isLookedAt = () => globalThis.document?.visibilityState !== 'hidden';

const noop = () => {};

export class Leadership {
  isLeader = false;
  #name;
  #channel;
  #heard;
  #heardAt = -Infinity;
  #leave = noop;

  /**
   * @param {string} name
   * @param {object} heard
   * @param {(what: string, value: any) => void} heard.told to a follower, by the leader
   * @param {(what: string) => void} heard.asked of the leader, by a follower
   */
  constructor(name, heard) {
    this.#name = `couchlet ${name}`;
    this.#heard = heard;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    /** @type {any} */ (this.#channel).unref?.(); // Node would wait for it
  }

  /**
   * Follows until the lead is ours.
   *
   * @param {AbortSignal} signal gives up waiting: then it rejects
   * @returns {Promise<AbortSignal>} aborted if another one takes the lead from us
   */
  async lead(signal) {
    throwIfAborted(signal);
    this.ask('state');
    const line = new AbortController();
    const leaveLine = () => line.abort(signal.reason);
    signal.addEventListener('abort', leaveLine);
    const stopChecks = this.#whenLeaderIsSilent(leaveLine);
    try {
      return await this.#hold({ signal: line.signal });
    } catch (error) {
      if (signal.aborted || !line.signal.aborted) throw error;
      return await this.#hold({ steal: true });
    } finally {
      stopChecks();
      signal.removeEventListener('abort', leaveLine);
    }
  }

  /** Lets the next one lead. */
  leave() {
    this.isLeader = false;
    this.#leave();
  }

  close() {
    this.leave();
    this.#channel.close();
  }

  /** @param {'state' | 'wake' | 'life'} what of the leader */
  ask(what) {
    this.#channel.postMessage({ ask: what });
  }

  /**
   * @param {string} what
   * @param {any} [value] that can be cloned
   */
  tell(what, value) {
    this.#channel.postMessage({ tell: what, value });
  }

  /**
   * @param {LockOptions} options
   * @returns {Promise<AbortSignal>} when the lock is ours
   */
  #hold(options) {
    const lost = new AbortController();
    return new Promise((resolve, reject) => {
      const held = navigator.locks.request(this.#name, options, () => {
        this.isLeader = true;
        this.tell('lead');
        resolve(lost.signal);
        return new Promise((leave) => (this.#leave = () => leave(undefined)));
      });
      held.catch((error) => {
        reject(error); // it never was ours; or, without effect,
        this.isLeader = false; // it was taken
        lost.abort();
      });
    });
  }

  /** @param {{ask?: string, tell?: string, value?: any}} message */
  #hear({ ask, tell, value }) {
    if (ask !== undefined && this.isLeader) {
      if (ask === 'life') this.tell('life');
      else this.#heard.asked(ask);
    }
    if (tell === undefined || this.isLeader) return;
    this.#heardAt = performance.now();
    if (tell === 'lead') this.ask('state');
    else if (tell !== 'life') this.#heard.told(tell, value);
  }

  /**
   * @param {() => void} listener
   * @returns {() => void} ends it
   */
  #whenLeaderIsSilent(listener) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let verdict;
    const checks = setInterval(() => {
      if (!isLookedAt()) return;
      const askedAt = performance.now();
      this.ask('life');
      verdict = setTimeout(() => this.#heardAt < askedAt && listener(), kSilenceMs);
    }, kCheckMs);
    /** @type {any} */ (checks).unref?.();
    return () => {
      clearInterval(checks);
      clearTimeout(verdict);
    };
  }
}
