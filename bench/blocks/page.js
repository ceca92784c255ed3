// The page's side: records of one size in IndexedDB, written, read at random and read in ranges.

import { documentSource } from '../page/documents.js';

/**
 * @typedef {object} BlocksTask
 * @property {string} name
 * @property {number} recordBytes
 */
/**
 * @typedef {object} BlocksResult ms
 * @property {number} write a MiB
 * @property {number} random one record
 * @property {number} scan a MiB in order
 */

const kMebibyte = 2 ** 20;
const kDataBytes = 32 * kMebibyte;
const kWriteBytes = kMebibyte; // in one transaction
const kScanBytes = kMebibyte / 2; // in one getAll()
const kReads = 500;
const kScans = 20;

/**
 * @param {BlocksTask} task
 * @returns {Promise<BlocksResult>}
 */
export async function measureBlocks({ name, recordBytes }) {
  const opening = indexedDB.open(name);
  opening.onupgradeneeded = () => opening.result.createObjectStore('blocks');
  const database = await answer(opening);
  const store = () => database.transaction('blocks').objectStore('blocks');
  const data = documentBytes(kDataBytes);
  const count = Math.floor(kDataBytes / recordBytes);
  const at = (/** @type {number} */ limit) => Math.floor(Math.random() * limit);

  const write = await milliseconds(() => writeAll(database, data, recordBytes));
  const random = await milliseconds(async () => {
    for (let i = 0; i < kReads; ++i) check(await answer(store().get(at(count))), recordBytes);
  });
  const perScan = Math.ceil(kScanBytes / recordBytes);
  const scan = await milliseconds(async () => {
    for (let i = 0; i < kScans; ++i) {
      const first = at(count - perScan);
      const records = await answer(
        store().getAll(IDBKeyRange.bound(first, first + perScan - 1)),
      );
      for (const record of records) check(record, recordBytes);
    }
  });
  database.close();
  await answer(indexedDB.deleteDatabase(name));
  return {
    write: write / (kDataBytes / kMebibyte),
    random: random / kReads,
    scan: scan / ((kScans * perScan * recordBytes) / kMebibyte),
  };
}

/**
 * What blocks hold: it can be compressed like text.
 *
 * @param {number} length
 */
function documentBytes(length) {
  const bytes = new Uint8Array(length);
  const encoder = new TextEncoder();
  const next = documentSource();
  for (let at = 0; at < length; ) {
    at += encoder.encodeInto(JSON.stringify(next()), bytes.subarray(at)).written || length;
  }
  return bytes;
}

/**
 * @param {IDBDatabase} database
 * @param {Uint8Array} data
 * @param {number} recordBytes
 */
async function writeAll(database, data, recordBytes) {
  const inOne = Math.floor(kWriteBytes / recordBytes);
  const count = Math.floor(data.length / recordBytes);
  for (let first = 0; first < count; first += inOne) {
    const transaction = database.transaction('blocks', 'readwrite');
    const store = transaction.objectStore('blocks');
    for (let i = first; i < Math.min(first + inOne, count); ++i) {
      store.put(data.slice(i * recordBytes, (i + 1) * recordBytes), i);
    }
    await committed(transaction);
  }
}

/**
 * @param {Uint8Array | undefined} record
 * @param {number} bytes
 */
function check(record, bytes) {
  if (record?.length !== bytes) throw new Error(`a record of ${record?.length} bytes`);
}

/** @param {() => Promise<void>} body */
async function milliseconds(body) {
  const start = performance.now();
  await body();
  return performance.now() - start;
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

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.commit();
  });
}
