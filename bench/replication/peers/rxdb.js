// RxDB 17 with its CouchDB plugin and Dexie, the storage in IndexedDB that is free. It keeps no
// revisions. 1,000 documents a batch: its default of 100 makes ten times the requests.

/** @typedef {import('../../compare/peers/peer.js').Peer} Peer */
/** @typedef {import('../../compare/peers/peer.js').Database} Database */

const kBatch = 1000;

const text = { type: 'string' };
const kSchema = {
  version: 0,
  primaryKey: '_id',
  type: 'object',
  properties: {
    _id: { type: 'string', maxLength: 40 },
    title: text,
    text,
    tags: { type: 'array', items: text },
    done: { type: 'boolean' },
    edits: { type: 'number' },
    weight: { type: 'number' },
    created: text,
    author: { type: 'object', properties: { name: text, email: text } },
  },
};

/** @returns {Peer} */
export function rxdb() {
  /** @type {any} */
  let library;
  return {
    async load() {
      const url = '/rxdb/library.js';
      library = await import(url);
    },
    async open(name) {
      const database = await library.createRxDatabase({
        name,
        storage: library.getRxStorageDexie(),
        multiInstance: false,
      });
      const { documents } = await database.addCollections({ documents: { schema: kSchema } });
      return new RxDatabase(library, database, documents);
    },
  };
}

/** @implements {Database} */
class RxDatabase {
  #library;
  #database;
  #collection;

  /**
   * @param {any} library
   * @param {any} database
   * @param {any} collection
   */
  constructor(library, database, collection) {
    this.#library = library;
    this.#database = database;
    this.#collection = collection;
  }

  /** @type {Database['putAll']} */
  async putAll(documents) {
    const { error } = await this.#collection.bulkInsert(documents);
    if (error.length > 0) throw error[0];
  }

  /** @type {Database['put']} */
  async put(document) {
    await this.#collection.insert(document);
  }

  /** @type {Database['get']} */
  async get(id) {
    const found = await this.#collection.findOne(id).exec();
    if (!found) throw new Error(`${id} is missing`);
    return found.toMutableJSON();
  }

  /** @type {Database['update']} */
  async update(id, change) {
    const found = await this.#collection.findOne(id).exec();
    await found.incrementalModify((/** @type {any} */ document) => {
      change(document);
      return document;
    });
  }

  /** @type {Database['all']} */
  async all() {
    const found = await this.#collection.find().exec();
    return found.map((/** @type {any} */ document) => document.toJSON());
  }

  /** @param {string} url */
  pull(url) {
    return this.#once(url, { pull: { batchSize: kBatch } });
  }

  /** @param {string} url */
  push(url) {
    return this.#once(url, { push: { batchSize: kBatch } });
  }

  /** @param {string} url */
  sync(url) {
    return this.#once(url, { pull: { batchSize: kBatch }, push: { batchSize: kBatch } });
  }

  /**
   * @param {string} url
   * @param {(id: string) => void} onChange
   */
  async follow(url, onChange) {
    const both = { pull: { batchSize: kBatch }, push: { batchSize: kBatch } };
    this.#collection.$.subscribe((/** @type {any} */ event) => onChange(event.documentId));
    await this.#replicate(url, { ...both, live: true }).awaitInitialReplication();
  }

  async close() {
    await this.#database.close();
  }

  async destroy() {
    await this.#database.remove();
  }

  /**
   * @param {string} url
   * @param {object} options
   */
  async #once(url, options) {
    const state = this.#replicate(url, { ...options, live: false });
    await state.awaitInitialReplication();
    await state.cancel();
  }

  /**
   * @param {string} url
   * @param {object} options
   */
  #replicate(url, options) {
    return this.#library.replicateCouchDB({
      replicationIdentifier: url,
      collection: this.#collection,
      url: `${url}/`,
      waitForLeadership: false,
      ...options,
    });
  }
}
