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
// Not being connected is a normal state, so it is never an error here.

import { Waiting } from './waiting.js';

/** @typedef {'off' | 'syncing' | 'synced' | 'unreachable' | 'failing' | 'stopped'} SyncState */
/** @typedef {import('couchlet').CouchletError} CouchletError */

/** @type {Record<import('couchlet').ReplicationState, SyncState>} */
const kStates = {
  connecting: 'syncing',
  active: 'syncing',
  idle: 'synced',
  complete: 'synced',
  offline: 'unreachable',
  failing: 'failing',
  stopped: 'stopped',
};

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
    this.waiting = new Waiting(db);
    /** Ids of the notes that wait to be sent. @type {Set<string>} */
    this.waitingIds = new Set();
    /** @type {import('couchlet').Sync<Record<string, any>> | undefined} */
    this.running = undefined;
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

  /** @returns {SyncState} */
  get state() {
    return this.running ? kStates[this.running.status.state] : 'off';
  }

  /** What the server said, in the last two states. */
  get reason() {
    const error = this.running?.status.lastError;
    return error ? reasonOf(error) : '';
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
    running.on('status', () => running === this.running && this.#changed());
    running.on('denied', ({ doc }) => this.#denied(doc));
    running.push.on('change', ({ last_seq: sequence }) => void this.#pushedTo(sequence));
    running.pull.on('change', ({ docs }) => this.waiting.pulledFrom(docs ?? []));
    // 'status' tells of it; it isn't an unhandled rejection as well.
    running.catch(() => {});
    this.#tell();
  }

  stop() {
    this.running?.cancel();
    this.running = undefined;
    this.#tell();
  }

  /** Tries at once, if it is waiting to try again. */
  retry() {
    if (this.state === 'stopped') this.start();
    else this.running?.wake();
  }

  get isWaitingToRetry() {
    return kWaiting.includes(this.state);
  }

  #changed() {
    this.#tell();
    if (this.state === 'synced') void this.#settle();
  }

  /** Both sides are the same, if nothing else happens in this moment. */
  async #settle() {
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

  /** A note in this database has changed. @param {string} id */
  async noteChanged(id) {
    await this.waiting.forgetRefusal(id);
    await this.countWaiting();
  }

  async countWaiting() {
    this.waitingIds = await this.waiting.ids();
    this.#tell();
  }

  #tell() {
    for (const listener of this.listeners) listener();
  }
}

/** @param {CouchletError} error */
function reasonOf({ status, reason, message }) {
  return [status || '', reason ?? message].join(' ').trim();
}
