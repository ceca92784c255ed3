// SQLite compiled to WebAssembly, in a worker of its own: the only place where a page's files (the
// origin private file system) can be read and written at once. One table of JSON texts by id.
//
// Requests {number, method, args}, answers {number, result} or {number, failure}. The server gives
// this file with SQLite's module bundled into it and minified (harness/server.mjs).
//
// Which of SQLite's ways to store in a page: opfs-sahpool, which its documentation calls the one
// with the highest performance (one connection, and no other tab at the same time). Write-ahead log
// and synchronous=normal promise what a relaxed IndexedDB transaction does: after a power failure
// the database is whole, but the last commits can be missing.

import sqlite3InitModule from '@sqlite.org/sqlite-wasm';

/** @typedef {import('@sqlite.org/sqlite-wasm').Sqlite3Static} Sqlite */
/** @typedef {import('@sqlite.org/sqlite-wasm').SAHPoolUtil} Pool */
/** @typedef {import('@sqlite.org/sqlite-wasm').PreparedStatement} Statement */

// SQLite's other ways to store in OPFS need workers of their own: starting them would take a
// hundred milliseconds for nothing.
const kUnused = { opfs: true, 'opfs-wl': true };
Object.assign(globalThis, { sqlite3ApiConfig: { disable: { vfs: kUnused } } });

// The cache has as many bytes as couchlet's by default.
const kSchema = `
  PRAGMA locking_mode = exclusive;
  PRAGMA page_size = 8192;
  PRAGMA journal_mode = wal;
  PRAGMA synchronous = normal;
  PRAGMA cache_size = -8192;
  PRAGMA temp_store = memory;
  CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;`;

/** @type {Sqlite} */
let sqlite;
/** @type {Pool | undefined} */
let pool;
/** @type {Store | undefined} */
let store;

/** An open database with its statements. */
class Store {
  /** @param {import('@sqlite.org/sqlite-wasm').OpfsSAHPoolDatabase} database */
  constructor(database) {
    this.database = database;
    database.exec(kSchema);
    this.putOne = database.prepare('INSERT OR REPLACE INTO documents (id, text) VALUES (?, ?)');
    this.getOne = database.prepare('SELECT text FROM documents WHERE id = ?');
    this.getAll = database.prepare("SELECT group_concat(text, ',' ORDER BY id) FROM documents");
  }

  close() {
    for (const statement of [this.putOne, this.getOne, this.getAll]) statement.finalize();
    this.database.close();
  }
}

function opened() {
  if (!store) throw new Error('no database is open');
  return store;
}

/**
 * @template T
 * @param {Statement} statement
 * @param {(statement: Statement) => T} use
 */
function using(statement, use) {
  try {
    return use(statement);
  } finally {
    statement.reset();
  }
}

/** @type {Record<string, (...args: any[]) => unknown>} */
const methods = {
  async load() {
    sqlite = await sqlite3InitModule();
  },

  async open(/** @type {string} */ name) {
    pool ??= await sqlite.installOpfsSAHPoolVfs({});
    if (pool.isPaused()) await pool.unpauseVfs();
    store = new Store(new pool.OpfsSAHPoolDb(`/${name}`));
  },

  putAll(/** @type {string[]} */ ids, /** @type {string[]} */ texts) {
    const { database, putOne } = opened();
    database.transaction(() => {
      for (const [i, id] of ids.entries()) using(putOne, (it) => it.bind([id, texts[i]]).step());
    });
  },

  put(/** @type {string} */ id, /** @type {string} */ text) {
    using(opened().putOne, (it) => it.bind([id, text]).step());
  },

  get(/** @type {string} */ id) {
    return using(opened().getOne, (it) => (it.bind(id).step() ? it.get(0) : undefined));
  },

  all() {
    return using(opened().getAll, (it) => (it.step() ? `[${it.get(0) ?? ''}]` : '[]'));
  },

  close() {
    opened().close();
    pool?.pauseVfs();
  },

  destroy(/** @type {string} */ name) {
    opened().close();
    pool?.unlink(`/${name}`);
  },
};

globalThis.onmessage = async ({ data: { number, method, args } }) => {
  try {
    globalThis.postMessage({ number, result: await methods[method](...args) });
  } catch (error) {
    globalThis.postMessage({ number, failure: String(error) });
  }
};
