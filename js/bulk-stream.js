// bulkDocs of what comes one after another: documents are taken from their source while there is
// room, and written in batches. The next batch is gathered while one is being written; more is not
// taken from the source, so a fast one waits for the database.

import { untilAborted } from './aborting.js';
import { checkDocument } from './arguments.js';
import { replaceBinaries } from './attachments.js';
import { stringify } from './json.js';

// A batch: enough that a commit, or a round trip to a server, doesn't weigh.
const kBatchDocuments = 500;
const kBatchBytes = 1 << 20;

const noop = () => {};

/** @typedef {AsyncIterable<any> | Iterable<any>} Source */

/**
 * @param {any} value
 * @returns {value is Source} one that has to be asked for its documents, unlike an array
 */
export const isSource = (value) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  (Symbol.asyncIterator in value || Symbol.iterator in value);

/**
 * About what a document takes of memory on its way.
 *
 * @param {any} document
 */
function sizeOf(document) {
  let size = 0;
  const withoutBinaries = replaceBinaries(document, (blob) => {
    size += blob.size;
    return {};
  });
  return size + stringify(withoutBinaries).length;
}

/**
 * What came before the source failed is a batch too.
 *
 * @param {Source} source
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<any[]>}
 */
async function* batchesOf(source, signal) {
  const given = /** @type {any} */ (source);
  const iterator = given[Symbol.asyncIterator]?.() ?? given[Symbol.iterator]();
  /** @type {any[]} */
  let batch = [];
  let bytes = 0;
  let isAtEnd = false;
  try {
    for (;;) {
      const { done, value } = await untilAborted(signal, async () => iterator.next());
      isAtEnd = done;
      if (done) break;
      const document = await value;
      checkDocument(document);
      batch.push(document);
      bytes += sizeOf(document);
      if (batch.length < kBatchDocuments && bytes < kBatchBytes) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) yield batch;
  } catch (error) {
    if (!signal?.aborted && batch.length > 0) yield batch;
    throw error;
  } finally {
    if (!isAtEnd) Promise.resolve(iterator.return?.()).catch(noop); // it may never answer
  }
}

/**
 * @param {Source} source
 * @param {(documents: any[]) => Promise<any[]>} write
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<any>} an entry for each document, in order
 */
export async function* writeAll(source, write, signal) {
  /** @type {Promise<any[]>} */
  let writing = Promise.resolve([]);
  try {
    for await (const batch of batchesOf(source, signal)) {
      const entries = await writing;
      writing = write(batch);
      writing.catch(noop); // it is looked at later
      yield* entries;
    }
  } catch (error) {
    yield* await writing;
    throw error;
  }
  yield* await writing;
}
