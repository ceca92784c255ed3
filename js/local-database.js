// A database in this browser: hands each call to the engine as one request. Calls made while the
// database is being opened wait, and are made in their order when it is.

import { notImplemented } from './errors.js';
import { openDatabase } from './engine.js';
import { stringify } from './json.js';
import { checkLocalOptions, engineOptions } from './local-options.js';
import { askForPersistence } from './persistence.js';

/** @typedef {Awaited<ReturnType<typeof openDatabase>>} Handle */

/** @param {string} id */
const isLocalDocument = (id) => id.startsWith('_local/');

export class LocalDatabase {
  /** @type {Handle | null} */
  #handle = null;
  #isOpening = false;
  /** @type {{proceed: (handle: Handle) => void, fail: (error: unknown) => void}[]} */
  #waiting = [];
  #options;
  #onOpen;
  #onLost;
  /** @type {boolean | undefined} what the browser has answered, if it was asked */
  #persisted;

  /**
   * @param {string} name
   * @param {Record<string, any>} options
   * @param {() => void} onOpen
   * @param {(error: import('./errors.js').CouchletError) => void} onLost it is gone, and no call
   *   may follow
   */
  constructor(name, options, onOpen, onLost) {
    checkLocalOptions(options);
    this.name = name;
    this.adapter = options.adapter;
    this.#options = options;
    this.#onOpen = onOpen;
    this.#onLost = onLost;
    this.#open();
  }

  /** @param {string} text */
  post(text) {
    return this.#request('put', undefined, text);
  }

  /**
   * @param {string} id
   * @param {string} text
   */
  put(id, text) {
    return isLocalDocument(id) ? this.#request('put_local', undefined, text) : this.post(text);
  }

  /**
   * @param {string} id
   * @param {string | undefined} rev
   */
  remove(id, rev) {
    return this.put(id, stringify({ _id: id, _rev: rev, _deleted: true }));
  }

  /**
   * @param {object[]} documents
   * @param {boolean} newEdits
   */
  bulkDocs(documents, newEdits) {
    return this.#request('write', { new_edits: newEdits }, stringify(documents));
  }

  /**
   * @param {string} id
   * @param {Record<string, any>} options
   */
  get(id, options) {
    return isLocalDocument(id)
      ? this.#request('get_local', { id })
      : this.#request('get', { ...options, id });
  }

  /** @param {Record<string, any>} options */
  allDocs(options) {
    return this.#request('all_docs', options);
  }

  /**
   * One page.
   *
   * @param {Record<string, any>} options
   * @param {AbortSignal} signal
   */
  async changes(options, signal) {
    for (const name of ['filter', 'selector', 'view']) {
      if (options[name] !== undefined) {
        throw notImplemented(`changes of a local database can't be asked with '${name}'`);
      }
    }
    return this.#request('changes', options, '', signal);
  }

  /** @param {Record<string, string[]>} revisions */
  revsDiff(revisions) {
    return this.#request('revs_diff', {}, stringify(revisions));
  }

  /**
   * @param {object[]} docs
   * @param {Record<string, any>} options
   */
  bulkGet(docs, options) {
    return this.#request('bulk_get', options, stringify({ docs }));
  }

  /** @returns {Promise<{ok: true}>} */
  compact() {
    return this.#request('compact');
  }

  /**
   * @param {string} id
   * @param {string} rev
   */
  purge(id, rev) {
    return this.#request('purge', { id, rev });
  }

  repair() {
    return this.#request('repair');
  }

  async info() {
    const info = {
      ...(await this.#request('info')),
      adapter: this.adapter,
      auto_compaction: this.#options.auto_compaction === true,
    };
    if (this.#persisted !== undefined) info.persisted = this.#persisted;
    return info;
  }

  async close() {
    if (!this.#handle && !this.#isOpening) return; // it could not be opened
    await this.#withHandle((handle) => handle.close());
  }

  async destroy() {
    await this.#withHandle((handle) => handle.destroy());
    return { ok: true };
  }

  /** What startReplication takes. */
  peer() {
    return this.#withHandle(async (handle) => handle);
  }

  /**
   * @param {string} method
   * @param {Record<string, any>} [options]
   * @param {string} [payload]
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  #request(method, options, payload, signal) {
    if (this.#handle) return this.#handle.request(method, options, payload, signal);
    return this.#withHandle((handle) => handle.request(method, options, payload, signal));
  }

  /**
   * @template T
   * @param {(handle: Handle) => Promise<T>} call
   * @returns {Promise<T>}
   */
  #withHandle(call) {
    if (this.#handle) return call(this.#handle);
    this.#open();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ proceed: (handle) => resolve(call(handle)), fail: reject });
    });
  }

  /** If this fails, what waits fails, and the next call tries again. */
  async #open() {
    if (this.#isOpening) return;
    this.#isOpening = true;
    try {
      const handle = await openDatabase(this.name, engineOptions(this.#options));
      this.#handle = handle;
      handle.onLost(this.#onLost);
      if (this.#options.persist && this.adapter === 'idb') this.#persist();
      for (const { proceed } of this.#waiting.splice(0)) proceed(handle);
      this.#onOpen();
    } catch (error) {
      for (const { fail } of this.#waiting.splice(0)) fail(error);
    } finally {
      this.#isOpening = false;
    }
  }

  async #persist() {
    this.#persisted = await askForPersistence();
  }
}
