// couchlet and PouchDB have one API, so both are driven by the very same calls.

/** @typedef {import('./peer.js').Database} Database */

/** @implements {Database} */
export class PouchApiDatabase {
  #database;
  #replicating;

  /**
   * @param {any} database a Couchlet or a PouchDB
   * @param {object} [replicating] options of its replications
   */
  constructor(database, replicating = {}) {
    this.#database = database;
    this.#replicating = replicating;
  }

  /** @type {Database['putAll']} */
  async putAll(documents) {
    const rows = await this.#database.bulkDocs(documents);
    const refused = rows.find((/** @type {any} */ row) => row.error);
    if (refused) throw refused;
  }

  /** @type {Database['put']} */
  async put(document) {
    await this.#database.put(document);
  }

  /** @type {Database['get']} */
  get(id) {
    return this.#database.get(id);
  }

  /** @type {Database['update']} */
  async update(id, change) {
    const document = await this.#database.get(id);
    change(document);
    await this.#database.put(document);
  }

  async all() {
    const { rows } = await this.#database.allDocs({ include_docs: true });
    return rows.map((/** @type {any} */ row) => row.doc);
  }

  async changes() {
    const { results } = await this.#database.changes({ since: 0, include_docs: true });
    return results.map((/** @type {any} */ row) => row.doc);
  }

  /** @param {string} url */
  async pull(url) {
    await this.#database.replicate.from(url, this.#replicating);
  }

  /** @param {string} url */
  async push(url) {
    await this.#database.replicate.to(url, this.#replicating);
  }

  /** @param {string} url */
  async sync(url) {
    await this.#database.sync(url, this.#replicating);
  }

  /**
   * @param {string} url
   * @param {(id: string) => void} onChange
   */
  async follow(url, onChange) {
    this.#database
      .changes({ live: true, since: 'now' })
      .on('change', (/** @type {any} */ change) => onChange(change.id));
    this.#database.sync(url, { ...this.#replicating, live: true, retry: true });
  }

  async close() {
    await this.#database.close();
  }

  async destroy() {
    await this.#database.destroy();
  }
}
