// The local documents of a PouchDB database. Its API lists them nowhere; in a browser their ids are
// found in its IndexedDB database, whose stores have them as keys (seen with the adapters 'idb' and
// 'indexeddb' of PouchDB 9). Only keys are read there: the documents are asked of PouchDB.

import { nothingIfMissing } from './errors.js';

const kLocalIds = /** @type {const} */ (['_local/', '_local0']);

// What PouchDB keeps for itself, beside checkpoints.
const kOwnIds = ['_local/mrviews', '_local/_pouch_dependentDbs', '_local/purges'];

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function outcome(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {string} name of an IndexedDB database
 * @returns {Promise<string[]>} none if it isn't there
 */
async function localIdsIn(name) {
  const databases = (await globalThis.indexedDB?.databases?.()) ?? [];
  if (!databases.some((database) => database.name === name)) return [];
  const database = await outcome(indexedDB.open(name));
  try {
    const stores = Array.from(database.objectStoreNames);
    if (stores.length === 0) return [];
    const transaction = database.transaction(stores);
    const range = IDBKeyRange.bound(...kLocalIds);
    const keys = stores.map((store) => outcome(transaction.objectStore(store).getAllKeys(range)));
    return /** @type {string[]} */ ((await Promise.all(keys)).flat());
  } finally {
    database.close();
  }
}

/**
 * How far a replication has come: of no use where another library replicates.
 *
 * @param {any} document
 */
function isCheckpoint({ session_id: session, history, last_seq: last, source_last_seq: source }) {
  return session !== undefined && (Array.isArray(history) || (last ?? source) !== undefined);
}

/**
 * @param {any} pouch
 * @param {string[]} [known] ids of such documents, with or without "_local/"
 * @returns {Promise<any[]>}
 */
export async function localDocumentsOf(pouch, known = []) {
  const named = known.map((id) => (id.startsWith('_local/') ? id : `_local/${id}`));
  const found = await localIdsIn(`${pouch.prefix ?? '_pouch_'}${pouch.name}`);
  const documents = [];
  for (const id of new Set([...named, ...found])) {
    if (kOwnIds.includes(id)) continue;
    const document = await pouch.get(id).catch(nothingIfMissing);
    if (document && !isCheckpoint(document)) documents.push(document);
  }
  return documents;
}
