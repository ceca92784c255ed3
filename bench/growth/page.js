// The page's side: makes couchlet's database larger, or asks one that is there already, in a page
// that has just been loaded.

import { documentSource } from '../page/documents.js';
import { calmBytes } from '../page/storage.js';
import { wasmMemoryBytes } from '../page/wasm-memory.js';

/**
 * @typedef {object} GrowthTask
 * @property {'grow' | 'grown'} what
 * @property {string} name
 * @property {number} from how many documents it has, or had
 * @property {number} to
 * @property {string[]} [ids] of some of its documents
 */
/** @typedef {{bulk: number, bytes: number, ids: string[]}} Grown bulk: ms for a document */
/**
 * @typedef {object} GrownFigures ms for one call, but for memory
 * @property {number} open the page's loading of couchlet, up to the first document
 * @property {number} get cold ones
 * @property {number} put
 * @property {number} allDocs of a hundred
 * @property {number} changes of a hundred
 * @property {number} memory bytes of WebAssembly memory in the end
 * @property {number} scan of all documents, for each of them
 * @property {number} scanMemory bytes by which the scan made WebAssembly memory grow
 */

const kBatch = 1000;
const kSampledIds = 500;
const kPuts = 200;
const kPages = 50;
const kPageDocuments = 100;

/** @param {string} name */
async function opened(name) {
  const url = '/dist/couchlet.js';
  const { default: Couchlet } = await import(url);
  return new Couchlet(name);
}

/**
 * @param {GrowthTask} task
 * @returns {Promise<Grown>}
 */
export async function growTo({ name, from, to }) {
  const database = await opened(name);
  const next = documentSource();
  const every = Math.ceil(to / kSampledIds);
  const ids = [];
  let milliseconds = 0;
  for (let at = 0; at < to; at += kBatch) {
    const batch = Array.from({ length: Math.min(kBatch, to - at) }, next);
    ids.push(...batch.filter((_, i) => (at + i) % every === 0).map(({ _id }) => _id));
    if (at >= from) milliseconds += await timeOf(() => database.bulkDocs(batch));
  }
  await calmBytes();
  await database.close();
  return { bulk: milliseconds / (to - from), bytes: await calmBytes(), ids };
}

/**
 * @param {GrowthTask} task
 * @returns {Promise<GrownFigures>}
 */
export async function measureGrown({ name, to, ids = [] }) {
  /** @type {any} */
  let database;
  const open = await timeOf(async () => {
    database = await opened(name);
    await database.get(ids[0]);
  });
  const get = await timeOf(async () => {
    for (const id of ids) await database.get(id);
  });
  const allDocs = await timeOf(async () => {
    for (let i = 0; i < kPages; ++i) {
      const startkey = ids[Math.floor(Math.random() * ids.length)];
      await database.allDocs({ startkey, limit: kPageDocuments, include_docs: true });
    }
  });
  const changes = await timeOf(async () => {
    for (let i = 0; i < kPages; ++i) {
      const since = Math.floor(Math.random() * (to - kPageDocuments));
      await database.changes({ since, limit: kPageDocuments, include_docs: true });
    }
  });
  const put = await timeOf(async () => {
    for (let i = 0; i < kPuts; ++i) await database.put({ _id: `put-${to}-${i}`, text: ids[0] });
  });
  const memory = wasmMemoryBytes();
  let scanned = 0;
  const scan = await timeOf(async () => {
    for await (const { doc } of database.scan({ include_docs: true })) scanned += doc ? 1 : 0;
  });
  if (scanned < to) throw new Error(`A scan of ${to} documents has found ${scanned}`);
  const scanMemory = wasmMemoryBytes() - memory;
  await database.close();
  return {
    open,
    get: get / ids.length,
    put: put / kPuts,
    allDocs: allDocs / kPages,
    changes: changes / kPages,
    memory,
    scan: scan / scanned,
    scanMemory,
  };
}

/** @param {() => Promise<unknown>} body */
async function timeOf(body) {
  const start = performance.now();
  await body();
  return performance.now() - start;
}
