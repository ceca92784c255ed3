// PouchDB 9 with one of its two IndexedDB adapters, as its documentation says how to use it.

import { loadScript } from './peer.js';
import { PouchApiDatabase } from './pouch-api.js';

/** @typedef {import('./peer.js').Peer} Peer */
/** @typedef {'idb' | 'indexeddb'} Adapter */

const kLibrary = '/node_modules/pouchdb/dist/';
/** @type {Record<Adapter, string[]>} */
const kScripts = {
  idb: ['pouchdb.min.js'],
  indexeddb: ['pouchdb.min.js', 'pouchdb.indexeddb.min.js'],
};

/**
 * @param {Adapter} adapter
 * @param {object} [replicating] options of its replications
 * @returns {Peer}
 */
export function pouchdb(adapter, replicating) {
  return {
    async load() {
      for (const script of kScripts[adapter]) await loadScript(kLibrary + script);
    },
    async open(name) {
      const database = new /** @type {any} */ (globalThis).PouchDB(name, { adapter });
      await database.info();
      return new PouchApiDatabase(database, replicating);
    },
  };
}
