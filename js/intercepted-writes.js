// Writes to a database whose bulkDocs somebody has replaced (a plugin that checks documents, say):
// each becomes a bulkDocs of one document, so that nothing gets past it. Local documents do, as
// with PouchDB. What a replication brings is intercepted-target.js's.

import { CouchletError } from './errors.js';

/** @typedef {import('./document-calls.js').Database} Database */
/** @typedef {Record<string, any>} Options */

export class InterceptedWrites {
  #database;
  #bulkDocs;

  /**
   * @param {Database} database
   * @param {(request: {docs: any[]}, options: Options, callback: Function) => any} bulkDocs
   */
  constructor(database, bulkDocs) {
    this.#database = database;
    this.#bulkDocs = bulkDocs;
  }

  /**
   * @param {string} id
   * @param {any} document
   * @param {Options} options
   */
  put(id, document, options) {
    if (id.startsWith('_local/')) return this.#database.put(id, document, options);
    return this.post(document, options);
  }

  /**
   * @param {any} document
   * @param {Options} options
   */
  async post(document, options) {
    const [entry] = await this.#write(document, options);
    if (!entry) return { ok: true, id: document._id, rev: document._rev }; // new_edits: false
    if (entry.error) throw CouchletError.fromJSON(entry);
    return entry;
  }

  /**
   * @param {string} id
   * @param {string | undefined} rev
   */
  remove(id, rev) {
    return this.put(id, { _id: id, _rev: rev, _deleted: true }, { was_delete: true });
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string | undefined} rev
   * @param {Blob} data
   * @param {string} type
   */
  async putAttachment(id, name, rev, data, type) {
    const document = rev === undefined ? { _id: id } : await this.#database.get(id, { rev });
    const attachment = { content_type: type, data };
    const _attachments = { ...document._attachments, [name]: attachment };
    return this.post({ ...document, _attachments }, {});
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string | undefined} rev
   */
  async removeAttachment(id, name, rev) {
    const document = await this.#database.get(id, { rev });
    const { [name]: _, ..._attachments } = document._attachments ?? {};
    return this.post({ ...document, _attachments }, {});
  }

  /**
   * The answer may come by the callback, by a promise, or both ways.
   *
   * @param {any} document
   * @param {Options} options
   * @returns {Promise<any[]>}
   */
  #write(document, options) {
    return new Promise((resolve, reject) => {
      const callback = (/** @type {unknown} */ error, /** @type {any} */ answer) =>
        error ? reject(error) : resolve(answer);
      this.#bulkDocs({ docs: [document] }, options, callback)?.then?.(resolve, reject);
    });
  }
}
