// What a database is, by its name, its adapter and its prefix.
//
// A prefix goes in front of the name: of what it is stored under, with which an app keeps databases
// of its own apart, or of the address, so that databases on one server have short names.

import { badRequest } from './errors.js';

/** @typedef {Record<string, any>} Options */

// PouchDB has two adapters for IndexedDB; both names mean ours.
const kLocalAdapters = ['idb', 'indexeddb', 'memory'];
const kRemoteAdapters = ['http', 'https'];

/** @param {string} name */
const isAddress = (name) => /^https?:\/\//i.test(name);

/**
 * @param {string} name
 * @param {Options} options
 */
export function storageNameOf(name, { prefix = '' }) {
  return `${prefix}${name}`;
}

/**
 * @param {string} name
 * @param {Options} options
 * @returns {string | undefined} nothing for a database in this browser
 */
export function addressOf(name, { adapter, prefix = '' }) {
  const isWhole = isAddress(name) || !isAddress(prefix);
  const address = isWhole ? name : `${prefix.replace(/\/+$/, '')}/${name.replace(/^\/+/, '')}`;
  if (adapter === undefined) return isAddress(address) ? address : undefined;
  if (kRemoteAdapters.includes(adapter)) return address;
  if (kLocalAdapters.includes(adapter)) return undefined;
  throw badRequest(`Invalid Adapter: ${adapter} (there are 'idb', 'memory' and 'http')`);
}

/**
 * @param {Options} options of a local database
 * @returns {'idb' | 'memory'}
 */
export function localAdapterOf({ adapter }) {
  return adapter === 'memory' ? 'memory' : 'idb';
}
