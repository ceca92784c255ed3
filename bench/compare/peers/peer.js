// What a peer is: a local store that a page could use instead of couchlet, behind one small
// interface, so that each operation is written once. A peer lives in the page; index.js lists them.

/** @typedef {import('../../page/documents.js').BenchDocument} BenchDocument */

/**
 * One measurement in one page uses one Peer.
 *
 * @typedef {object} Peer
 * @property {() => Promise<void>} load everything that a page downloads and starts before it can
 *   open a database
 * @property {(name: string, remote?: string) => Promise<Database>} open made if there is none;
 *   `remote` is where the documents of a peer are that stores none. REQUIRES: loaded
 */

/**
 * Each call resolves when the store says that the work is done: for writes, committed.
 *
 * @typedef {object} Database
 * @property {(documents: BenchDocument[]) => Promise<void>} putAll new documents, in one call
 * @property {(document: BenchDocument) => Promise<void>} put a new document
 * @property {(id: string) => Promise<BenchDocument>} get
 * @property {(id: string, change: (document: BenchDocument) => void) => Promise<void>} update
 *   reads a document, lets `change` change it, writes it
 * @property {() => Promise<BenchDocument[]>} all every document, by id
 * @property {() => Promise<BenchDocument[]>} [changes] every document, in the order of changes
 * @property {(url: string) => Promise<void>} [pull] replicates from a CouchDB database, once
 * @property {(url: string) => Promise<void>} [push] replicates to a CouchDB database, once
 * @property {(url: string) => Promise<void>} [sync] both, once
 * @property {(url: string, onChange: (id: string) => void) => Promise<void>} [follow] both, live
 *   until the page is closed; tells of each document that has changed in the local database
 * @property {() => Promise<void>} close
 * @property {() => Promise<void>} destroy closes it and deletes what it holds
 */

/**
 * Loads a script that sets a global, as a <script> tag does.
 *
 * @param {string} url
 */
export function loadScript(url) {
  return /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = url;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(`${url} could not be loaded`));
      document.head.append(script);
    })
  );
}
