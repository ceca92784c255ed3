// Keeps this browser's database and the server the same, and says how that goes. No page here:
// sync-status.js shows what `state` says.
//
//   off          the person works offline by choice
//   syncing      something is being sent or fetched
//   synced       both sides are the same, and changes will follow at once
//   unreachable  no network, or the server doesn't answer; replication tries again by itself
//   stopped      the server said something that trying again won't change, such as 401
//
// Not being connected is a normal state, so it is never an error here. Both directions of the
// `db.sync()` are listened to, because each tells something of its own: what was pushed doesn't
// wait any more, and a live pull is the one that notices first that the server has gone.

import { Waiting } from './waiting.js';

/** @typedef {'syncing' | 'synced' | 'unreachable' | 'stopped'} DirectionState */
/** @typedef {DirectionState | 'off'} SyncState */
/** @typedef {{state: DirectionState}} Direction */
/** @typedef {import('couchlet').Replication<Record<string, any>>} Replication */
/** @typedef {import('couchlet').ReplicationProgress<Record<string, any>>} Progress */
/** @typedef {import('couchlet').CouchletError} CouchletError */

// How long a pause must last until it counts: a write that came just before it makes replication
// active again within a few milliseconds.
const kSettledAfter = 50;

export class Sync {
  /**
   * @param {import('couchlet').default} db
   * @param {string} remote the server's database
   */
  constructor(db, remote) {
    this.db = db;
    this.remote = remote;
    /** What the server said when it stopped us. */
    this.reason = '';
    this.waiting = new Waiting(db);
    /** Ids of the notes that wait to be sent. @type {Set<string>} */
    this.waitingIds = new Set();
    /** Notes that the server refused, with its reason. @type {Map<string, string>} */
    this.refused = new Map();
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
    const worstFirst = ['stopped', 'unreachable', 'syncing'];
    return worstFirst.find((state) => states.includes(state)) ?? 'synced';
  }

  get lastSynced() {
    return this.waiting.lastSynced;
  }

  start() {
    this.running?.cancel();
    this.refused.clear();
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
    if (this.state === 'unreachable' || this.state === 'stopped') this.start();
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
    const isReachable = !error && navigator.onLine;
    this.#become(direction, isReachable ? 'synced' : 'unreachable');
    if (isReachable) void this.#settle();
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
    this.refused.set(id ?? docId ?? '', reason);
    this.#tell();
  }

  /** @param {CouchletError} error */
  #stopped(error) {
    this.reason = error.reason ?? error.message;
    this.push = this.pull = { state: 'stopped' };
    this.#tell();
  }

  /** Counts again; to be called after each change of a note. */
  async countWaiting() {
    this.waitingIds = await this.waiting.ids();
    this.#tell();
  }

  /** @param {Direction} direction @param {DirectionState} state */
  #become(direction, state) {
    // A replication that was cancelled may still have something to say.
    if (direction !== this.push && direction !== this.pull) return;
    const isBack = direction.state === 'unreachable' && state === 'synced';
    direction.state = state;
    this.#tell();
    // The other direction may be waiting for its next attempt: the server is back, so don't wait.
    if (isBack && this.state === 'unreachable') this.start();
  }

  #tell() {
    for (const listener of this.listeners) listener();
  }
}
