// IndexedDB as a page would use it without a library: one record per document, by id. No revisions,
// no conflicts, no feed of changes. Its `pull` and `push` are no replication but the least that
// moves the same documents: one request, no checkpoint; they show what a replication costs beyond
// that.

/** @typedef {import('./peer.js').Peer} Peer */
/** @typedef {import('./peer.js').Database} Database */

/** @returns {Peer} */
export function plainIndexeddb() {
  return {
    async load() {},
    async open(name) {
      const request = indexedDB.open(name);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('documents', { keyPath: '_id' });
      };
      return new PlainDatabase(await answer(request));
    },
  };
}

/** @implements {Database} */
class PlainDatabase {
  #database;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.#database = database;
  }

  /** @type {Database['putAll']} */
  putAll(documents) {
    return this.#write((store) => {
      for (const document of documents) store.put(document);
    });
  }

  /** @type {Database['put']} */
  put(document) {
    return this.#write((store) => store.put(document));
  }

  /** @type {Database['get']} */
  get(id) {
    return answer(this.#read().get(id));
  }

  /** @type {Database['update']} */
  update(id, change) {
    return this.#write((store) => {
      const request = store.get(id);
      request.onsuccess = () => {
        change(request.result);
        store.put(request.result);
      };
    });
  }

  /** @type {Database['all']} */
  all() {
    return answer(this.#read().getAll());
  }

  /** @param {string} url */
  async pull(url) {
    const response = await fetch(`${url}/_all_docs?include_docs=true`);
    const { rows } = await response.json();
    await this.putAll(rows.map((/** @type {any} */ row) => row.doc));
  }

  /** @param {string} url */
  async push(url) {
    const response = await fetch(`${url}/_bulk_docs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ docs: await this.all() }),
    });
    if (!response.ok) throw new Error(`_bulk_docs answers ${response.status}`);
    await response.json();
  }

  async close() {
    this.#database.close();
  }

  async destroy() {
    this.#database.close();
    await answer(indexedDB.deleteDatabase(this.#database.name));
  }

  #read() {
    return this.#database.transaction('documents').objectStore('documents');
  }

  /**
   * @param {(store: IDBObjectStore) => void} fill
   * @returns {Promise<void>}
   */
  #write(fill) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction('documents', 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      fill(transaction.objectStore('documents'));
    });
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
