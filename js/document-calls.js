// The calls about documents, one function each: their arguments are read and checked here, and what
// is left is asked of the database, local or remote.

import { checkDocument, checkId } from './arguments.js';
import { badRequest, CouchletError, idNotAString, throwAbout } from './errors.js';

/** @typedef {import('./local-database.js').LocalDatabase} LocalDatabase */
/** @typedef {import('./remote-database.js').RemoteDatabase} RemoteDatabase */
/** @typedef {LocalDatabase | RemoteDatabase} Database */

/**
 * @template T
 * @param {string} docId
 * @param {Promise<T>} answer
 * @returns {Promise<T>} an error names the document
 */
export function about(docId, answer) {
  return answer.catch((error) => throwAbout(error, docId));
}

/**
 * @param {Database} database
 * @param {any} document
 */
export function put(database, document) {
  checkDocument(document);
  checkId(document._id);
  return about(document._id, database.put(document._id, document));
}

/**
 * @param {Database} database
 * @param {any} document
 */
export function post(database, document) {
  checkDocument(document);
  if (document._id !== undefined) checkId(document._id);
  return database.post(document);
}

/**
 * @param {Database} database
 * @param {any} id
 * @param {any} [options]
 */
export function get(database, id, options) {
  if (typeof id !== 'string') throw idNotAString();
  checkId(id);
  return about(id, database.get(id, options ?? {}));
}

/**
 * @param {Database} database
 * @param {any[]} args document, [options]; or id, rev, [options]
 */
export function remove(database, [document, revOrOptions]) {
  const isById = typeof document === 'string';
  const id = isById ? document : document?._id;
  checkId(id);
  return about(id, database.remove(id, isById ? revOrOptions : document._rev));
}

/**
 * @param {Database} database
 * @param {any} request documents, or {docs, new_edits}
 * @param {any} [options]
 */
export async function bulkDocs(database, request, options) {
  const { docs, new_edits: newEdits } = Array.isArray(request) ? { docs: request } : (request ?? {});
  if (!Array.isArray(docs)) throw badRequest("Missing JSON list of 'docs'");
  docs.forEach(checkDocument);
  const entries = await database.bulkDocs(docs, options?.new_edits ?? newEdits ?? true);
  return entries.map((/** @type {any} */ entry) =>
    entry.error ? CouchletError.fromJSON(entry) : entry,
  );
}

/**
 * @param {Database} database
 * @param {any} [options]
 */
export function allDocs(database, options = {}) {
  if (options.keys !== undefined && !Array.isArray(options.keys)) {
    throw badRequest('options.keys must be an array');
  }
  return database.allDocs(options);
}

/**
 * @param {Database} database
 * @param {any} request {docs, revs, …}
 */
export function bulkGet(database, request) {
  const { docs, ...options } = request ?? {};
  if (!Array.isArray(docs)) throw badRequest("Missing JSON list of 'docs'");
  return database.bulkGet(docs, options);
}

/**
 * @param {Database} database
 * @param {any} id
 * @param {any} rev
 */
export function purge(database, id, rev) {
  checkId(id);
  return about(id, database.purge(id, rev));
}
