// Keeps this browser's database and the server the same, and says how that goes. No page here:
// sync-status.js shows what `state` says.
//
//   off          the person works offline by choice
//   syncing      something is being sent or fetched
//   synced       both sides are the same, and changes will follow at once
//   unreachable  no network, or the server doesn't answer; replication tries again by itself
//   failing      the server answers with an error, and `reason`; replication tries again by itself
//   stopped      replication has given up, for `reason`
//
// Not being connected is a normal state, so it is never an error here. Both directions of the
// `db.sync()` are listened to, because each tells something of its own: what was pushed doesn't
// wait any more, and a live pull is the one that notices first that the server has gone.

import { Waiting } from './waiting.js';

/** @typedef {'syncing' | 'synced' | 'unreachable' | 'failing' | 'stopped'} DirectionState */
/** @typedef {DirectionState | 'off'} SyncState */
/** @typedef {{state: DirectionState}} Direction */
/** @typedef {import('couchlet').Replication<Record<string, any>>} Replication */
/** @typedef {import('couchlet').ReplicationProgress<Record<string, any>>} Progress */
/** @typedef {import('couchlet').CouchletError} CouchletError */

// How long a pause must last until it counts: a write that came just before it makes replication
// active again within a few milliseconds.
const kSettledAfter = 50;

/** @type {SyncState[]} */
const kWaiting = ['unreachable', 'failing', 'stopped'];

export class Sync {
  /**
   * @param {import('couchlet').default} db
   * @param {string} remote the server's database
   */
  constructor(db, remote) {
    this.db = db;
    this.remote = remote;
    /** What the server said, in the last two states. */
    this.reason = '';
    this.waiting = new Waiting(db);
    /** Ids of the notes that wait to be sent. @type {Set<string>} */
    this.waitingIds = new Set();
    /** @type {import('couchlet').Sync<Record<string, any>> | undefined} */
    this.running = undefined;
    /** @type {Direction | undefined} */
    this.push = undefined;
    /** @type {Direction | undefined} */
    this.pull = undefined;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
  }

  async open() {
    await this.waiting.open();
    await this.countWaiting();
  }

  /** @param {() => void} listener called when anything above has changed */
  onChange(listener) {
    this.listeners.add(listener);
  }

  /** @returns {SyncState} the worse one of the two directions */
  get state() {
    if (!this.push || !this.pull) return 'off';
    const states = [this.push.state, this.pull.state];
    /** @type {DirectionState[]} */
    const worstFirst = ['stopped', 'failing', 'unreachable', 'syncing'];
    return worstFirst.find((state) => states.includes(state)) ?? 'synced';
  }

  /** When both sides were last known to be the same; 0 if never. */
  get lastSynced() {
    return this.waiting.mark.at;
  }

  /** Why the server refused a note, by the note's id. */
  get refused() {
    return this.waiting.mark.refused;
  }

  start() {
    this.running?.cancel();
    const running = this.db.sync(this.remote, { live: true, retry: true });
    this.running = running;
    this.push = this.#follow(running.push);
    this.pull = this.#follow(running.pull);
    running.on('error', (error) => running === this.running && this.#stopped(error));
    // 'error' tells of it; it isn't an unhandled rejection as well.
    running.catch(() => {});
    this.#tell();
  }

  stop() {
    this.running?.cancel();
    this.running = this.push = this.pull = undefined;
    this.#tell();
  }

  /** Tries at once, if it is waiting to try again. */
  retry() {
    if (this.isWaitingToRetry) this.start();
  }

  get isWaitingToRetry() {
    return kWaiting.includes(this.state);
  }

  /** The browser has lost its network. */
  networkLost() {
    for (const direction of [this.push, this.pull]) if (direction) direction.state = 'unreachable';
    this.#tell();
  }

  /** @param {Replication} replication @returns {Direction} */
  #follow(replication) {
    /** @type {Direction} */
    const direction = { state: navigator.onLine ? 'syncing' : 'unreachable' };
    replication
      .on('active', () => this.#active(direction))
      .on('change', (progress) => this.#exchanged(direction, progress))
      .on('paused', (error) => this.#paused(direction, error))
      .on('denied', (error) => this.#denied(error));
    return direction;
  }

  /** @param {Direction} direction */
  #active(direction) {
    // Each new attempt begins as 'active'; only an answer proves that the server is back.
    if (direction.state === 'synced') this.#become(direction, 'syncing');
  }

  /** @param {Direction} direction @param {Progress} progress */
  #exchanged(direction, { docs, last_seq: sequence }) {
    if (direction === this.pull) this.waiting.pulledFrom(docs ?? []);
    if (direction === this.push) void this.#pushedTo(sequence);
    this.#become(direction, 'syncing');
  }

  /** @param {Direction} direction @param {CouchletError} [error] */
  #paused(direction, error) {
    if (error) return this.#failed(direction, error);
    this.#become(direction, navigator.onLine ? 'synced' : 'unreachable');
    void this.#settle();
  }

  /** @param {Direction} direction @param {CouchletError} error */
  #failed(direction, error) {
    // An error with a status is an answer, so there is a network.
    const isAnswer = error.status >= 400;
    if (isAnswer) this.reason = reasonOf(error);
    this.#become(direction, isAnswer ? 'failing' : 'unreachable');
  }

  /** Both sides are the same, if nothing else happens in this moment. */
  async #settle() {
    if (this.state !== 'synced') return;
    const { update_seq: sequence } = await this.db.info();
    await new Promise((resolve) => setTimeout(resolve, kSettledAfter));
    if (this.state === 'synced') await this.#pushedTo(sequence, Date.now());
  }

  /** @param {import('couchlet').Sequence} sequence @param {number} [at] */
  async #pushedTo(sequence, at) {
    await this.waiting.pushedTo(sequence, at);
    await this.countWaiting();
  }

  /** @param {CouchletError} error */
  #denied({ id, docId, reason }) {
    void this.waiting.refuse(id ?? docId ?? '', reason).then(() => this.#tell());
  }

  /** @param {CouchletError} error */
  #stopped(error) {
    this.reason = reasonOf(error);
    this.push = this.pull = { state: 'stopped' };
    this.#tell();
  }

  /** A note in this database has changed. @param {string} id */
  async noteChanged(id) {
    await this.waiting.forgetRefusal(id);
    await this.countWaiting();
  }

  async countWaiting() {
    this.waitingIds = await this.waiting.ids();
    this.#tell();
  }

  /** @param {Direction} direction @param {DirectionState} state */
  #become(direction, state) {
    // A replication that was cancelled may still have something to say.
    if (direction !== this.push && direction !== this.pull) return;
    const isBack = state === 'synced' && kWaiting.includes(direction.state);
    direction.state = state;
    this.#tell();
    // The other direction may be waiting for its next attempt: the server is back, so don't wait.
    if (isBack) this.retry();
  }

  #tell() {
    for (const listener of this.listeners) listener();
  }
}

/** @param {CouchletError} error */
function reasonOf({ status, reason, message }) {
  return [status || '', reason ?? message].join(' ').trim();
}
