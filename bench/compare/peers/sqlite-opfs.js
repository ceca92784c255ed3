// SQLite on OPFS as a page would use it: sqlite-worker.js has the database, the page asks it by
// messages and parses what comes back. No revisions, no conflicts, no feed, no replication, and no
// second tab while one has it open.

/** @typedef {import('./peer.js').Peer} Peer */
/** @typedef {import('./peer.js').Database} Database */

/** @returns {Peer} */
export function sqliteOpfs() {
  /** @type {SqliteWorker} */
  let worker;
  return {
    async load() {
      worker = new SqliteWorker();
      await worker.call('load');
    },
    async open(name) {
      await worker.call('open', name);
      return new SqliteDatabase(worker, name);
    },
  };
}

class SqliteWorker {
  #worker = new Worker('/sqlite/worker.js', { type: 'module' });
  /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #lastNumber = 0;

  constructor() {
    this.#worker.onmessage = ({ data: { number, result, failure } }) => {
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (failure === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(failure));
    };
    this.#worker.onerror = ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`worker: ${message}`));
    };
  }

  /**
   * @param {string} method
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  call(method, ...args) {
    return new Promise((resolve, reject) => {
      const number = ++this.#lastNumber;
      this.#waiting.set(number, { resolve, reject });
      this.#worker.postMessage({ number, method, args });
    });
  }
}

/** @implements {Database} */
class SqliteDatabase {
  #worker;
  #name;

  /**
   * @param {SqliteWorker} worker
   * @param {string} name
   */
  constructor(worker, name) {
    this.#worker = worker;
    this.#name = name;
  }

  /** @type {Database['putAll']} */
  putAll(documents) {
    const ids = documents.map(({ _id }) => _id);
    const texts = documents.map((document) => JSON.stringify(document));
    return this.#worker.call('putAll', ids, texts);
  }

  /** @type {Database['put']} */
  put(document) {
    return this.#worker.call('put', document._id, JSON.stringify(document));
  }

  /** @type {Database['get']} */
  async get(id) {
    return JSON.parse(await this.#worker.call('get', id));
  }

  /** @type {Database['update']} */
  async update(id, change) {
    const document = await this.get(id);
    change(document);
    await this.put(document);
  }

  /** @type {Database['all']} */
  async all() {
    return JSON.parse(await this.#worker.call('all'));
  }

  close() {
    return this.#worker.call('close');
  }

  destroy() {
    return this.#worker.call('destroy', this.#name);
  }
}
