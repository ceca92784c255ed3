// The calls about documents, one function each: their arguments are read and checked here, and what
// is left is asked of the database, local or remote.

import { asActiveTask } from './active-tasks.js';
import { checkDocument, checkId, checkIdToRead, isObject, withIdOrNone } from './arguments.js';
import { badRequest, CouchletError, idNotAString, queryParseError, throwAbout } from './errors.js';

/** @typedef {import('./local-database.js').LocalDatabase} LocalDatabase */
/** @typedef {import('./remote-database.js').RemoteDatabase} RemoteDatabase */
/** @typedef {LocalDatabase | RemoteDatabase} Database */
/** @typedef {Database | import('./intercepted-writes.js').InterceptedWrites} Writes */

/**
 * @template T
 * @param {string} docId
 * @param {Promise<T>} answer
 * @returns {Promise<T>} an error names the document
 */
export function about(docId, answer) {
  return answer.catch((error) => throwAbout(error, { docId }));
}

/**
 * @template T
 * @param {string} id
 * @param {Promise<T>} answer
 * @returns {Promise<T>} an error names the document as an entry of bulkDocs does, too
 */
function aboutWritten(id, answer) {
  return answer.catch((error) => throwAbout(error, { docId: id, id }));
}

/**
 * @param {Writes} writes
 * @param {any} document
 * @param {any} [options] {force, new_edits}
 */
export function put(writes, document, options) {
  checkDocument(document);
  checkId(document._id);
  return aboutWritten(document._id, writes.put(document._id, document, options ?? {}));
}

/**
 * @param {Writes} writes
 * @param {any} document
 * @param {any} [options] as of put
 */
export function post(writes, document, options) {
  const written = withIdOrNone(document);
  if (written._id === undefined) return writes.post(written, options ?? {});
  checkId(written._id);
  return aboutWritten(written._id, writes.post(written, options ?? {}));
}

/**
 * @param {Database} database
 * @param {any} id
 * @param {any} [options]
 */
export function get(database, id, options) {
  checkIdToRead(id);
  return about(id, database.get(id, options ?? {}));
}

/**
 * @param {Writes} writes
 * @param {any[]} args document, [{rev}]; or id, rev, [options]; or id, {rev}
 */
export function remove(writes, [document, revOrOptions]) {
  const isById = typeof document === 'string';
  const id = isById ? document : document?._id;
  checkId(id);
  const named = isById ? undefined : document._rev;
  const rev = typeof revOrOptions === 'string' ? revOrOptions : (named ?? revOrOptions?.rev);
  return aboutWritten(id, writes.remove(id, rev));
}

/**
 * @param {Database} database
 * @param {any} request documents, or {docs, new_edits}
 * @param {any} [options]
 */
export async function bulkDocs(database, request, options) {
  const whole = Array.isArray(request) ? { docs: request } : (request ?? {});
  const { docs, new_edits: newEdits } = whole;
  if (!Array.isArray(docs)) throw badRequest("Missing JSON list of 'docs'");
  const written = docs.map(withIdOrNone);
  const entries = await database.bulkDocs(written, {
    new_edits: options?.new_edits ?? newEdits ?? true,
    all_or_nothing: options?.all_or_nothing === true,
  });
  return entries.map((/** @type {any} */ entry) =>
    entry.error ? CouchletError.fromJSON(entry) : entry,
  );
}

// What CouchDB doesn't answer together with keys, by both of its names.
const kNotWithKeys = {
  startkey: 'startkey',
  start_key: 'startkey',
  endkey: 'endkey',
  end_key: 'endkey',
  key: 'key',
};

/** @param {any} options */
function checkKeys(options) {
  if (!Array.isArray(options.keys)) throw badRequest('options.keys must be an array');
  for (const [given, name] of Object.entries(kNotWithKeys)) {
    if (options[given] === undefined) continue;
    throw queryParseError(`Query parameter \`${name}\` is not compatible with multi-get`);
  }
}

/**
 * @param {Database} database
 * @param {any} [options]
 */
export function allDocs(database, options = {}) {
  if (options.keys !== undefined) checkKeys(options);
  return database.allDocs(options);
}

/** @param {any} wanted of a bulkGet */
function refusalOf(wanted) {
  if (typeof wanted?.id === 'string') return undefined;
  const { name: error, reason } = idNotAString();
  return { id: wanted?.id, docs: [{ error: { id: wanted?.id, rev: wanted?.rev, error, reason } }] };
}

/**
 * What isn't an id is refused in its place, and the rest asked for.
 *
 * @param {Database} database
 * @param {any} request {docs, revs, …}
 */
export async function bulkGet(database, request) {
  const { docs, ...options } = request ?? {};
  if (!Array.isArray(docs)) throw badRequest("Missing JSON list of 'docs'");
  const refusals = docs.map(refusalOf);
  const sound = docs.filter((_, place) => refusals[place] === undefined);
  const answer = sound.length > 0 ? await database.bulkGet(sound, options) : { results: [] };
  if (sound.length === docs.length) return answer;
  const found = answer.results.values();
  return { results: refusals.map((refusal) => refusal ?? found.next().value) };
}

/**
 * @param {Database} database
 * @param {any} revisions by document id
 */
export function revsDiff(database, revisions) {
  if (!isObject(revisions)) throw badRequest('revsDiff needs an object: {id: [rev, …], …}');
  return database.revsDiff(revisions);
}

/**
 * @param {Database} database
 * @param {any} [options]
 */
export function compact(database, options) {
  return asActiveTask('database_compaction', () => database.compact(options ?? {}));
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
