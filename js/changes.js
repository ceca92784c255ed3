// The changes feed of one database, local or remote: asks it for page after page. A live feed asks
// with feed=longpoll, so that it waits where the changes are made and never polls.

import { Feed } from './feed.js';

// Rows that a live feed asks for at a time while it catches up; bounds the memory that a page
// takes.
const kLiveBatchSize = 500;

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
  'style',
  'timeout',
  'view',
]);

/**
 * @typedef {object} PagedChanges
 * @property {(options: Record<string, any>, signal: AbortSignal) => Promise<any>} changes one page
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
    const { live, since = 0, limit = Infinity, return_docs: keepsResults = !live } = this.#options;
    const { signal } = this.#abort;
    const query = this.#query();
    const batchSize = this.#options.batch_size ?? (live ? kLiveBatchSize : Infinity);
    const results = [];
    let position = since;
    let remaining = Math.max(limit, 1); // CouchDB: "using 0 here has the same effect as 1"
    let pending;

    while (remaining > 0 && !signal.aborted) {
      const size = Math.min(batchSize, remaining);
      if (size !== Infinity) query.limit = size;
      const page = await this.#database.changes({ ...query, since: position }, signal);
      for (const change of page.results) {
        if (signal.aborted) break;
        position = change.seq;
        if (keepsResults) results.push(change);
        this.deliver(change);
      }
      if (signal.aborted) break;
      ({ last_seq: position, pending } = page);
      remaining -= page.results.length;
      if (!live && page.results.length < size) break;
      await this.caughtUp();
    }

    /** @type {Record<string, any>} */
    const result = { results, last_seq: position };
    if (pending !== undefined) result.pending = pending;
    if (signal.aborted) result.status = 'cancelled';
    return result;
  }

  #query() {
    /** @type {Record<string, any>} */
    const query = {};
    for (const name of kPageOptions) {
      if (this.#options[name] !== undefined) query[name] = this.#options[name];
    }
    if (this.#options.live) query.feed = 'longpoll';
    return query;
  }
}
