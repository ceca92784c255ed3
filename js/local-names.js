// The names of the databases of this origin: what IndexedDB has of couchlet's, and what this page
// has in memory. They have their prefix, if they were made with one.

import { notImplemented } from './errors.js';

// src/wasm/indexeddb_medium.library.js
const kIndexedDbPrefix = 'couchlet:';

/** @type {Set<string>} */
const inMemory = new Set();

/**
 * @param {string} adapter
 * @param {string} name of a database that is there now
 */
export function noteOpened(adapter, name) {
  if (adapter === 'memory') inMemory.add(name);
}

/**
 * @param {string} adapter
 * @param {string} name
 */
export function noteDestroyed(adapter, name) {
  if (adapter === 'memory') inMemory.delete(name);
}

/**
 * @param {string} prefix
 * @returns {Promise<string[]>} the rest of those that begin with it, in order
 */
export async function localNames(prefix) {
  const names = new Set([...inMemory, ...(await namesInIndexedDb())]);
  return [...names]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .sort();
}

async function namesInIndexedDb() {
  const { indexedDB } = globalThis;
  if (!indexedDB) return [];
  if (!indexedDB.databases) throw notImplemented('This browser does not list databases');
  const databases = await indexedDB.databases();
  return databases
    .map(({ name = '' }) => name)
    .filter((name) => name.startsWith(kIndexedDbPrefix))
    .map((name) => name.slice(kIndexedDbPrefix.length));
}
