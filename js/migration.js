// Copies a PouchDB database, by its public API alone, so that any version and adapter will do.
//
// Its changes feed names the leaves of each document, deleted ones and conflicts too. Each comes
// with its history and its attachments, and goes in as a replication brings it (new_edits=false):
// with the revision ids that it has. So a copy may be repeated at any time, and adds what is
// missing.
//
// How far it came is kept in the copy, in a local document, after each page: the next call goes on
// from there, if the database is the same one.

import { throwIfAborted } from './aborting.js';
import { badRequest, CouchletError, nothingIfMissing } from './errors.js';
import { localDocumentsOf } from './pouchdb-local-documents.js';

const kProgressId = '_local/from-pouchdb';

// Changes of a page.
const kBatchSize = 100;

// Refused revisions that an error tells of one by one.
const kNamedFailures = 10;

/** @typedef {Record<string, any>} Options */
/** @typedef {{id: string, rev?: string, reason: string}} Failure */
/**
 * What is used of a Couchlet.
 *
 * @typedef {object} Copy
 * @property {(id: string) => Promise<any>} get
 * @property {(docs: any[] | AsyncIterable<any>, options: Options) => PromiseLike<any[]>} bulkDocs
 * @property {(id: string, change: (document: any) => any) => Promise<any>} update
 */

/**
 * @param {any} pouch
 * @param {Options} options
 */
function checkPouchDB(pouch, { name }) {
  const needed = ['changes', 'get', 'info'];
  if (!needed.every((method) => typeof pouch?.[method] === 'function')) {
    throw badRequest('fromPouchDB(pouch) needs a PouchDB database');
  }
  if (pouch.adapter === 'http' && name === undefined) {
    throw badRequest("fromPouchDB of a remote database needs the copy's name");
  }
}

/**
 * Tells a database from another one of its name.
 *
 * @param {any} pouch
 */
async function identityOf(pouch) {
  return `${pouch.name}:${typeof pouch.id === 'function' ? await pouch.id() : ''}`;
}

/**
 * The place to go on from.
 *
 * @param {Copy} copy
 * @param {string} source
 */
async function progressOf(copy, source) {
  const kept = await copy.get(kProgressId).catch(nothingIfMissing);
  return kept?.source === source ? kept.last_seq : 0;
}

/**
 * The leaves of one document, one after another: with attachments they can be large.
 *
 * @param {any} pouch
 * @param {{id: string, changes: {rev: string}[]}} change
 * @param {Failure[]} failures
 */
async function* leavesOf(pouch, { id, changes }, failures) {
  for (const { rev } of changes) {
    let leaf;
    try {
      leaf = await pouch.get(id, { rev, revs: true, attachments: true, binary: true });
    } catch (error) {
      const { status, reason, message } = /** @type {any} */ (error);
      if (status !== 404) throw error;
      failures.push({ id, rev, reason: reason ?? message });
      continue;
    }
    yield leaf;
  }
}

/**
 * @param {any} pouch
 * @param {any[]} page
 * @param {Failure[]} failures
 */
async function* leavesOfPage(pouch, page, failures) {
  for (const change of page) yield* leavesOf(pouch, change, failures);
}

/**
 * @template {Copy & {close(): Promise<void>}} T
 * @param {new (options: any) => T} Class
 * @param {any} pouch
 * @param {Options} options {name, local_ids, batch_size, onProgress, signal}, and the copy's
 * @returns {Promise<T>} the copy
 */
export async function copyPouchDB(Class, pouch, options) {
  checkPouchDB(pouch, options);
  const { local_ids, batch_size, onProgress, signal, ...ours } = options;
  const copy = new Class({ name: pouch.name, ...ours });
  try {
    await copyAll(pouch, copy, { local_ids, batch_size, onProgress, signal });
  } catch (error) {
    await copy.close();
    throw error;
  }
  return copy;
}

/**
 * @param {any} pouch
 * @param {Copy} copy
 * @param {Options} options {batch_size, local_ids, onProgress, signal}
 */
async function copyAll(pouch, copy, options) {
  const { batch_size: limit = kBatchSize, local_ids: localIds, onProgress, signal } = options;
  const source = await identityOf(pouch);
  /** @type {Failure[]} */
  const failures = [];
  const progress = { documents: 0, revisions: 0, pending: Infinity, done: false };
  let since = await progressOf(copy, source);
  for (;;) {
    throwIfAborted(signal);
    const { update_seq: end } = await pouch.info();
    const page = await pouch.changes({ since, limit, style: 'all_docs' });
    const leaves = leavesOfPage(pouch, page.results, failures);
    const entries = await copy.bulkDocs(leaves, { new_edits: false, signal });
    for (const { id, reason } of entries) failures.push({ id, reason });
    since = page.last_seq;
    progress.documents += page.results.length;
    progress.revisions += page.results.flatMap((/** @type {any} */ { changes }) => changes).length;
    if (typeof end === 'number') progress.pending = Math.max(0, end - since);
    else delete (/** @type {any} */ (progress).pending);
    if (failures.length === 0) await keep(copy, source, since);
    if (page.results.length < limit) break;
    onProgress?.({ ...progress });
  }
  await copyLocalDocuments(pouch, copy, localIds);
  if (failures.length > 0) throw incomplete(failures);
  onProgress?.({ ...progress, pending: 0, done: true });
}

/**
 * Not past a revision that is missing: the next try begins there.
 *
 * @param {Copy} copy
 * @param {string} source
 * @param {any} since
 */
async function keep(copy, source, since) {
  await copy.update(kProgressId, () => ({ source, last_seq: since }));
}

/**
 * One that the app has changed in the copy since is left as it is.
 *
 * @param {any} pouch
 * @param {Copy} copy
 * @param {string[] | undefined} localIds
 */
async function copyLocalDocuments(pouch, copy, localIds) {
  for (const { _rev: _, ...document } of await localDocumentsOf(pouch, localIds)) {
    await copy.update(document._id, (present) => (present ? undefined : document));
  }
}

/** @param {Failure[]} failures */
function incomplete(failures) {
  const told = failures.slice(0, kNamedFailures);
  const list = told.map(({ id, rev, reason }) => `${id}${rev ? ` ${rev}` : ''}: ${reason}`);
  const reason = `${failures.length} revisions could not be copied: ${list.join('; ')}`;
  return new CouchletError(500, 'migration_incomplete', reason, { cause: failures });
}
