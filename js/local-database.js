// A database in this browser: hands each call to the engine as one request. Calls made while the
// database is being opened wait, and are made in their order when it is.

import { throwIfAborted } from './aborting.js';
import {
  documentsOfBulkGet,
  documentsOfGet,
  documentsOfRows,
  putDataIn,
  replaceBinaries,
} from './attachments.js';
import { CouchletError } from './errors.js';
import { newStagedNumber, openDatabase } from './engine.js';
import { putKeysBack, textKeys, withTextKeys } from './id-range.js';
import { stringify } from './json.js';
import { noteDestroyed, noteOpened } from './local-names.js';
import { checkLocalOptions, engineOptions } from './local-options.js';
import { localAdapterOf, storageNameOf } from './names.js';
import { askForPersistence } from './persistence.js';

/** @typedef {Awaited<ReturnType<typeof openDatabase>>} Handle */
/** @typedef {{force?: boolean, new_edits?: boolean, must_exist?: boolean}} WriteOptions */
/** @typedef {{new_edits: boolean, all_or_nothing?: boolean}} BulkOptions */

// How often an attachment may be removed while it is being read.
const kTries = 5;

/**
 * A document with numbers in the place of binary data, which go into `blobs`.
 *
 * @param {any} document
 * @param {Map<number, Blob>} blobs
 */
function takeBlobs(document, blobs) {
  return replaceBinaries(document, (blob) => {
    const staged = newStagedNumber();
    blobs.set(staged, blob);
    return { staged };
  });
}

/**
 * Between a document and its attachments others may have written.
 *
 * @template T
 * @param {() => Promise<T | undefined>} read none where an attachment has gone meanwhile
 * @returns {Promise<T>}
 */
async function untilThere(read) {
  for (let i = 0; i < kTries; i += 1) {
    const found = await read();
    if (found !== undefined) return found;
  }
  throw new CouchletError(500, 'corrupt_data', 'The bytes of an attachment are not there');
}

/** @param {object} object */
function isEmpty(object) {
  for (const _ in object) return false;
  return true;
}

/**
 * @param {WriteOptions} options as an app gives them
 * @returns {WriteOptions | undefined}
 */
function engineWriteOptions({ force, new_edits, must_exist }) {
  const isPlain = (force ?? new_edits ?? must_exist) === undefined;
  return isPlain ? undefined : { force, new_edits, must_exist };
}

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
    this.adapter = localAdapterOf(options);
    /** With the prefix. */
    this.storageName = storageNameOf(name, options);
    this.#options = options;
    this.#onOpen = onOpen;
    this.#onLost = onLost;
    this.#open();
  }

  /** @returns {Promise<string>} of its own: another database of this name has another */
  async id() {
    return (await this.#request('info')).uuid;
  }

  /**
   * @param {any} document
   * @param {WriteOptions} options
   */
  post(document, options = {}) {
    /** @type {Map<number, Blob>} */
    const blobs = new Map();
    const text = stringify(takeBlobs(document, blobs));
    return this.#write('put', engineWriteOptions(options), text, blobs);
  }

  /**
   * @param {string} id
   * @param {any} document
   * @param {WriteOptions} [options]
   */
  put(id, document, options) {
    if (!isLocalDocument(id)) return this.post(document, options);
    return this.#request('put_local', undefined, stringify(document));
  }

  /**
   * @param {string} id
   * @param {string | undefined} rev
   */
  remove(id, rev) {
    return this.put(id, { _id: id, _rev: rev, _deleted: true }, { must_exist: true });
  }

  /**
   * @param {any[]} documents
   * @param {BulkOptions} options
   */
  bulkDocs(documents, options) {
    /** @type {Map<number, Blob>} */
    const blobs = new Map();
    const text = stringify(documents.map((document) => takeBlobs(document, blobs)));
    // As PouchDB: an edit that no database could take is a mistake in the call. Of what is
    // replicated each is answered for.
    const asked = { ...options, all_well_formed: options.new_edits };
    return this.#write('write', asked, text, blobs);
  }

  /**
   * @param {string} id
   * @param {Record<string, any>} options
   */
  get(id, options) {
    if (isLocalDocument(id)) return this.#request('get_local', { id });
    const found = isEmpty(options) && this.#handle?.getAtOnce(id);
    if (found) return Promise.resolve(found);
    return this.#requestDocuments('get', { ...options, id }, documentsOfGet);
  }

  /** @param {Record<string, any>} options */
  async allDocs(options) {
    const { keys } = options;
    if (!keys) return this.#requestDocuments('all_docs', withTextKeys(options), documentsOfRows);
    const asked = { ...options, keys: textKeys(keys) };
    const answer = await this.#requestDocuments('all_docs', asked, documentsOfRows);
    putKeysBack(options, answer.rows);
    return answer;
  }

  /**
   * One page.
   *
   * @param {Record<string, any>} options
   * @param {AbortSignal} signal
   */
  async changes(options, signal) {
    const since = /^\d+$/.test(options.since) ? Number(options.since) : options.since;
    return this.#requestDocuments('changes', { ...options, since }, documentsOfRows, '', signal);
  }

  /**
   * One page of the documents in conflict.
   *
   * @param {{since: number, limit: number}} page
   */
  conflicts(page) {
    return this.#request('conflicts', page);
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
    return this.#requestDocuments('bulk_get', options, documentsOfBulkGet, stringify({ docs }));
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string | undefined} rev
   * @param {Blob} blob
   * @param {string} type
   */
  putAttachment(id, name, rev, blob, type) {
    const options = { id, name, rev, content_type: type };
    return this.#write('edit_attachment', options, '', new Map([[newStagedNumber(), blob]]));
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string | undefined} rev
   */
  removeAttachment(id, name, rev) {
    return this.#request('edit_attachment', { id, name, rev });
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {{rev?: string}} options
   * @returns {Promise<Blob>}
   */
  getAttachment(id, name, { rev }) {
    return this.#withHandle((handle) =>
      untilThere(async () => {
        const found = await handle.request('attachment', { id, name, rev });
        return handle.blob(found.digest, found.content_type);
      }),
    );
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
      db_name: this.name,
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
    noteDestroyed(this.adapter, this.storageName);
    return { ok: true };
  }

  /**
   * Makes a call, unless the signal is aborted before the database is open. What the engine has
   * begun it ends.
   *
   * @template T
   * @param {AbortSignal} signal
   * @param {(database: this) => Promise<T>} call
   * @returns {Promise<T>}
   */
  obeying(signal, call) {
    return this.#withHandle(async () => {
      throwIfAborted(signal);
      return call(this);
    });
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
   * @param {string} method
   * @param {Record<string, any> | undefined} options
   * @param {string} payload
   * @param {Map<number, Blob>} blobs that it names
   * @returns {Promise<any>}
   */
  #write(method, options, payload, blobs) {
    if (blobs.size === 0) return this.#request(method, options, payload);
    return this.#withHandle((handle) =>
      handle.requestWithBlobs(method, options ?? {}, payload, blobs),
    );
  }

  /**
   * The attachments' data is put in here: it doesn't go through the engine's memory.
   *
   * @param {string} method
   * @param {Record<string, any>} options
   * @param {(answer: any) => any[]} documentsOf
   * @param {string} [payload]
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  #requestDocuments(method, options, documentsOf, payload, signal) {
    const { attachments, binary, ...others } = options;
    if (!attachments) return this.#request(method, options, payload, signal);
    return this.#withHandle((handle) =>
      untilThere(async () => {
        const answer = await handle.request(method, others, payload, signal);
        const read = handle.blob.bind(handle);
        return (await putDataIn(documentsOf(answer), binary === true, read)) ? answer : undefined;
      }),
    );
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
      const handle = await openDatabase(
        this.storageName,
        engineOptions({ ...this.#options, adapter: this.adapter }),
      );
      this.#handle = handle;
      noteOpened(this.adapter, this.storageName);
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
