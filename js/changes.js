// The changes feed of one database, local or remote: asks it for page after page. A live feed asks
// with feed=longpoll, so that it waits where the changes are made and never polls.

import { badRequest } from './errors.js';
import { changeFilter } from './change-filter.js';
import { Feed } from './feed.js';

// Rows that a live feed asks for at a time while it catches up; bounds the memory that a page
// takes. So does one whose changes are looked at here: only some of them may be kept.
const kBatchSize = 500;

// What is the database's to answer; the rest is for this file.
const kPageOptions = /** @type {const} */ ([
  'attachments',
  'binary',
  'conflicts',
  'descending',
  'doc_ids',
  'filter',
  'heartbeat',
  'include_docs',
  'query_params',
  'selector',
  'seq_interval',
  'style',
  'timeout',
  'view',
]);

/**
 * @typedef {object} PagedChanges
 * @property {(options: Record<string, any>, signal: AbortSignal) => Promise<any>} changes one page
 * @property {() => string} adapter
 * @property {(id: string) => Promise<any>} get
 */

export class Changes extends Feed {
  #database;
  #options;
  #abort = new AbortController();

  /**
   * @param {PagedChanges} database
   * @param {Record<string, any>} options
   * @param {import('./callback.js').Callback} [callback]
   */
  constructor(database, options, callback) {
    super(options.signal, callback);
    this.#database = database;
    this.#options = options;
    this.#run().then(
      (result) => this.complete(result),
      (error) => this.fail(error),
    );
  }

  cancel() {
    this.#abort.abort();
    super.cancel();
  }

  async #run() {
    const { isLive, isLongpoll } = feedOf(this.#options);
    const { limit = Infinity, return_docs: keepsResults = !isLive, timeout } = this.#options;
    const { since = 0, batch_size: givenBatchSize } = this.#isBackwards ? {} : this.#options;
    const { signal } = this.#abort;
    const filter = changeFilter(this.#database, this.#options);
    const asked = pageOptions(filter.query, isLive || isLongpoll);
    const isPaged = !this.#isBackwards && (isLive || filter.passes !== null);
    const batchSize = givenBatchSize ?? (isPaged ? kBatchSize : Infinity);
    const results = [];
    let position = since;
    let passes = filter.passes;
    if (passes instanceof Promise) {
      // Meanwhile 'now' stays the now of the call.
      const start = since === 'now' ? this.#now(signal) : since;
      [position, passes] = await Promise.all([start, passes]);
    }
    let remaining = Math.max(limit, 1); // CouchDB: "using 0 here has the same effect as 1"
    let pending;
    let hasChanged = false;

    while (remaining > 0 && !signal.aborted) {
      const size = passes ? batchSize : Math.min(batchSize, remaining);
      if (size !== Infinity) asked.limit = size;
      const page = await this.#database.changes({ ...asked, since: position }, signal);
      for (const change of page.results) {
        if (signal.aborted || remaining === 0) break;
        position = change.seq;
        const isDamaged = change.doc === null; // which is to be told, whatever it was
        if (passes && !isDamaged && !passes(change)) continue;
        if (!this.#options.include_docs) delete change.doc;
        hasChanged = true;
        remaining -= 1;
        if (keepsResults) results.push(change);
        this.deliver(change);
      }
      if (signal.aborted || (passes && remaining === 0)) break;
      ({ last_seq: position, pending } = page);
      if (isLongpoll ? hasChanged || timeout !== undefined : !isLive && page.results.length < size) {
        break;
      }
      await this.caughtUp();
    }

    /** @type {Record<string, any>} */
    const result = { results, last_seq: position };
    if (pending !== undefined && !passes) result.pending = pending;
    if (signal.aborted) result.status = 'cancelled';
    return result;
  }

  /** From the newest change to the first, in one page: `since` says where to go on forwards. */
  get #isBackwards() {
    return this.#options.descending === true && !feedOf(this.#options).isLive;
  }

  /** @param {AbortSignal} signal */
  async #now(signal) {
    return (await this.#database.changes({ since: 'now', limit: 1 }, signal)).last_seq;
  }
}

/**
 * PouchDB says `live`, CouchDB names the feed.
 *
 * @param {Record<string, any>} options
 */
function feedOf({ live, continuous, feed = 'normal' }) {
  if (!['normal', 'longpoll', 'continuous'].includes(feed)) {
    throw badRequest("feed must be 'normal', 'longpoll' or 'continuous'");
  }
  const isLive = Boolean(live ?? continuous ?? feed === 'continuous');
  return { isLive, isLongpoll: !isLive && feed === 'longpoll' };
}

/**
 * @param {Record<string, any>} options
 * @param {boolean} waits
 */
function pageOptions(options, waits) {
  /** @type {Record<string, any>} */
  const asked = {};
  for (const name of kPageOptions) {
    if (options[name] !== undefined) asked[name] = options[name];
  }
  if (waits) asked.feed = 'longpoll';
  return asked;
}
