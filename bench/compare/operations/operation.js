// What an operation is: one row of the results. A file for each; index.js gives their order.

/** @typedef {import('../../page/documents.js').BenchDocument} BenchDocument */
/** @typedef {import('../peers/peer.js').Database} Database */
/** @typedef {import('../peers/peer.js').Peer} Peer */

/**
 * A measurement is one run of one operation on one peer, in a page that has just been loaded.
 *
 * @typedef {object} Context
 * @property {Peer} peer
 * @property {string} name of the database, which is as `starts` says
 * @property {BenchDocument[]} documents all of them
 * @property {number} singles how many times to do what is done one document at a time
 * @property {string} remote the CouchDB database to replicate with, where `remote` asks for one
 * @property {<T>(body: () => Promise<T>) => Promise<T>} time what is measured, to be called once
 */

/**
 * @typedef {object} Operation
 * @property {string} name on the command line and in results
 * @property {(documents: string, singles: string) => string} title
 * @property {'empty' | 'filled'} starts a fresh database, or one with all documents, which was
 *   filled by another page and must not be changed
 * @property {boolean} [isCold] the page has not loaded the peer yet; else it has, and has worked
 *   with it on a few documents
 * @property {'full' | 'empty'} [remote] the remote database: with all documents, or a fresh one
 * @property {'bytes'} [unit] what `run` returns is measured, not time
 * @property {number} [rounds] at most that many, as it is slow and varies little
 * @property {number} [mostDocuments] with more it takes too long
 * @property {Partial<Record<import('../peers/index.js').PeerKind, number>>} [goals] how many times
 *   couchlet's figure a peer's should be
 * @property {number} [limit] what couchlet's figure should be below
 * @property {(context: Context) => Promise<number | void>} run rejects unless the peer did its work
 */

/**
 * How many times what is done one document at a time is done: a thousand, fewer in a short run.
 *
 * @param {number} documents
 */
export const singlesOf = (documents) => Math.max(1, Math.min(1000, Math.floor(documents / 10)));

// An app that has more to write does it in parts.
const kBatch = 10_000;

/**
 * @param {Database} database
 * @param {BenchDocument[]} documents
 * @param {number} [batch]
 */
export async function putInBatches(database, documents, batch = kBatch) {
  for (let start = 0; start < documents.length; start += batch) {
    await database.putAll(documents.slice(start, start + batch));
  }
}

/**
 * Throws unless the peer gave all these documents back, in any order.
 *
 * @param {BenchDocument[]} given
 * @param {BenchDocument[]} expected
 */
export function checkDocuments(given, expected) {
  if (given.length !== expected.length) {
    throw new Error(`${given.length} documents instead of ${expected.length}`);
  }
  const byId = new Map(given.map((document) => [document._id, document]));
  for (const document of expected) checkDocument(byId.get(document._id), document);
}

/**
 * @param {BenchDocument | undefined} given
 * @param {BenchDocument} expected
 */
export function checkDocument(given, expected) {
  if (given?.text === expected.text && given.weight === expected.weight) return;
  throw new Error(`${expected._id} came back as ${JSON.stringify(given)}`);
}
