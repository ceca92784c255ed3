// How a replication goes, as an app shows it to people: one state, how much is still to be carried,
// and when all was last done. Made of what the engine tells and of what the browser says of the
// network.
//
//   connecting  no answer has come yet
//   active      documents are being carried
//   idle        all is done, and what changes will follow at once
//   offline     there is no network, or nobody answers; it is tried again
//   failing     the server answers with an error; it is tried again
//   complete    it has come to its end
//   stopped     it has ended before: cancelled, or because of `lastError`
//
// Being offline is not a failure: `lastError` says what the last attempt met with, for those who
// want to know.

import { isOnline } from './connectivity.js';
import { CouchletError } from './errors.js';

/**
 * @typedef {'connecting' | 'active' | 'idle' | 'offline' | 'failing'
 *   | 'complete' | 'stopped'} State
 */
/**
 * @typedef {object} Status
 * @property {State} state
 * @property {number | null} pending changes; null: not known
 * @property {number} progress from 0 to 1
 * @property {number | null} lastSynced milliseconds since 1970; null: never, or not known
 * @property {CouchletError | null} lastError
 */
/** @typedef {{push: number | null, pull: number | null}} PendingOfBoth */
/** @typedef {Omit<Status, 'pending'> & {pending: PendingOfBoth}} StatusOfBoth */

/** Of a sync's two directions the one that comes first here is what both are. @type {State[]} */
const kWorstFirst = ['stopped', 'failing', 'offline', 'active', 'connecting', 'idle', 'complete'];

/** @type {State[]} */
const kAtRest = ['idle', 'complete'];

/** Of one direction. */
export class ReplicationStatus {
  /** @type {State} as far as the engine knows */
  state = 'connecting';
  /** Changes still to be carried. @type {number | null} */
  pending = null;
  /** Documents carried since all was last done. */
  done = 0;
  /** When all was last done, since this has begun. @type {number | null} */
  restedAt = null;
  /** When progress was remembered before this has begun. @type {number | null} */
  savedAt = null;
  /** @type {CouchletError | null} */
  lastError = null;
  #doneAtRest = 0;
  #doneInAll = 0;
  #changed;

  /** @param {() => void} changed called when any of it may have changed */
  constructor(changed) {
    this.#changed = changed;
  }

  active() {
    // There is something, after all.
    if (this.pending === 0) this.pending = null;
    this.#become('active');
  }

  /** @param {{docs_read: number, pending?: number}} info of a change event */
  carried({ docs_read: inAll, pending }) {
    this.#doneInAll = inAll;
    this.done = inAll - this.#doneAtRest;
    this.pending = pending ?? null;
    this.lastError = null;
    this.#become('active');
  }

  /** @param {CouchletError | null | undefined} error */
  paused(error) {
    if (!error) return this.#rest('idle');
    this.lastError = error;
    this.#become(error.status === 0 ? 'offline' : 'failing');
  }

  /** @param {{status: string}} result */
  completed({ status }) {
    if (status === 'complete') this.#rest('complete');
    else this.#become('stopped');
  }

  /** @param {CouchletError} error */
  failed(error) {
    this.lastError = error;
    this.#become('stopped');
  }

  /**
   * What can be told without a request.
   *
   * @param {{count: number | null, saved_at: string}} counted
   */
  counted({ count, saved_at: savedAt }) {
    if (count !== null) this.pending = count;
    if (savedAt !== '') this.savedAt = Date.parse(savedAt);
    this.#changed();
  }

  /** For another tab. */
  get shared() {
    const { state, pending, done, restedAt, savedAt, lastError } = this;
    return { state, pending, done, restedAt, savedAt, lastError: lastError && { ...lastError } };
  }

  /** @param {ReplicationStatus['shared']} shared of another tab */
  follow({ lastError, ...shared }) {
    Object.assign(this, shared);
    this.lastError = lastError && CouchletError.fromJSON(lastError);
    this.#changed();
  }

  /** Another one has begun. */
  restart() {
    this.#doneAtRest = this.#doneInAll = this.done = 0;
    this.#become('connecting');
  }

  get isAtRest() {
    return kAtRest.includes(this.state);
  }

  /** @returns {Status} */
  get value() {
    return {
      state: shown(this.state),
      pending: this.pending,
      progress: progressOf([this]),
      lastSynced: this.restedAt ?? this.savedAt,
      lastError: this.lastError,
    };
  }

  /** @param {State} state */
  #rest(state) {
    this.pending = 0;
    this.done = 0;
    this.#doneAtRest = this.#doneInAll;
    this.restedAt = Date.now();
    this.lastError = null;
    this.#become(state);
  }

  /** @param {State} state */
  #become(state) {
    this.state = state;
    this.#changed();
  }
}

/** Of both directions together. */
export class SyncStatus {
  /** When both were last at rest. @type {number | null} */
  #restedAt = null;
  #push;
  #pull;

  /**
   * @param {ReplicationStatus} push
   * @param {ReplicationStatus} pull
   */
  constructor(push, pull) {
    this.#push = push;
    this.#pull = pull;
  }

  /** @returns {StatusOfBoth} */
  get value() {
    const both = [this.#push, this.#pull];
    if (both.every(({ isAtRest }) => isAtRest)) {
      this.#restedAt = latest(both.map(({ restedAt }) => restedAt));
    }
    const states = both.map(({ state }) => state);
    const state = kWorstFirst.find((one) => states.includes(one)) ?? 'connecting';
    return {
      state: shown(state),
      pending: { push: this.#push.pending, pull: this.#pull.pending },
      progress: progressOf(both),
      lastSynced: this.#restedAt ?? latest(both.map(({ savedAt }) => savedAt)),
      lastError: this.#push.lastError ?? this.#pull.lastError,
    };
  }
}

/** What waits for the network is offline as soon as the browser says so. @param {State} state */
function shown(state) {
  const isWaiting = state === 'connecting' || state === 'idle';
  return isWaiting && !isOnline() ? 'offline' : state;
}

/** @param {ReplicationStatus[]} directions */
function progressOf(directions) {
  const moving = directions.filter(({ isAtRest }) => !isAtRest);
  let done = 0;
  let pending = 0;
  for (const direction of moving) {
    if (direction.pending === null) return 0;
    done += direction.done;
    pending += direction.pending;
  }
  return pending === 0 ? 1 : done / (done + pending);
}

/** @param {(number | null)[]} times */
function latest(times) {
  return times.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
}

/**
 * Tells listeners of a status that has changed: once for what changes in one go.
 *
 * @template {Status | StatusOfBoth} Value
 * @param {() => Value} read
 * @param {(value: Value) => void} tell
 * @returns {() => void} to be called when it may have changed
 */
export function statusTeller(read, tell) {
  let isDue = false;
  let told = '';
  return () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      const value = read();
      const text = JSON.stringify(value);
      if (text === told) return;
      told = text;
      tell(value);
    });
  };
}
