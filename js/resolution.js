// Ending the conflict of a document. A resolution is the merged document on top of the winner and a
// tombstone on top of each losing leaf. CouchDB makes a revision's id of its content and its parent,
// so two clients that resolve a conflict the same way make the same revisions, and their
// resolutions don't conflict.
//
// A local database takes a resolution in one commit, all of it or nothing. A server gives no such
// promise for _bulk_docs, so it gets the merge first, and only then the tombstones: whatever
// happens in between, nothing is lost, and the conflict is still there to be resolved.

import { checkDocument, checkId } from './arguments.js';
import { untilUndisturbed } from './document-update.js';
import { badRequest, CouchletError, idNotAString } from './errors.js';
import { inWinnerOrder } from './winner-order.js';

/** @typedef {Record<string, any>} Options */
/**
 * @typedef {object} Database
 * @property {string} adapter
 * @property {(id: string, options: Options) => Promise<any>} get
 * @property {(id: string, name: string, options: Options) => Promise<any>} getAttachment
 * @property {(docs: any[], options: Options) => PromiseLike<any>} bulkDocs
 */

/** @typedef {(winner: any, losers: any[]) => any} Merge */
/** @typedef {{database: Database, id: string, signal?: AbortSignal}} Subject what is resolved */

/**
 * @param {Database} database
 * @param {any} id
 * @param {Merge} merge
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>} {ok, id, rev, removed}, or null where merge answers with nothing
 */
export async function resolve(database, id, merge, { signal } = {}) {
  if (typeof id !== 'string') throw idNotAString();
  checkId(id);
  if (typeof merge !== 'function') throw badRequest('resolve(id, fn) needs a function');
  const subject = { database, id, signal };
  return untilUndisturbed(database.adapter, signal, () => attempt(subject, merge));
}

/**
 * @param {Subject} subject
 * @param {Merge} merge
 */
async function attempt(subject, merge) {
  const { id } = subject;
  const { winner, losers } = await leavesOf(subject);
  const { _rev: rev } = winner;
  const removed = losers.map((loser) => loser._rev);
  if (losers.length === 0) return { ok: true, id, rev, removed };
  const attachments = new Map([winner, ...losers].map((leaf) => [leaf._rev, leaf._attachments]));
  const merged = await merge(winner, losers);
  if (merged === undefined || merged === null) return null;
  const edits = merged === 'winner' ? [] : [await editOf(subject, merged, rev, attachments)];
  const tombstones = removed.map((loser) => ({ _id: id, _rev: loser, _deleted: true }));
  const [edited] = await write(subject, edits, tombstones);
  return { ok: true, id, rev: edits.length > 0 ? edited.rev : rev, removed };
}

/**
 * The losing leaves are those that can be read, the one that would win first; one that can't is not
 * for anybody to throw away unseen.
 *
 * @param {Subject} subject
 * @returns {Promise<{winner: any, losers: any[]}>}
 */
async function leavesOf({ database, id, signal }) {
  const options = { conflicts: true, signal };
  const { _conflicts: revs = [], ...winner } = await database.get(id, options);
  if (revs.length === 0) return { winner, losers: [] };
  const answers = await database.get(id, { open_revs: revs, signal });
  const found = answers.flatMap((/** @type {any} */ { ok }) => (ok ? [ok] : []));
  const inOrder = (/** @type {any} */ a, /** @type {any} */ b) => inWinnerOrder(a._rev, b._rev);
  return { winner, losers: found.sort(inOrder) };
}

/**
 * The merged document as an edit of the winner. An attachment that it has as a stub from a losing
 * leaf comes with its data, as the winner has none of that name.
 *
 * @param {Subject} subject
 * @param {any} merged
 * @param {string} rev of the winner
 * @param {Map<string, any>} known the attachments of all leaves, by revision
 */
async function editOf({ database, id, signal }, merged, rev, known) {
  checkDocument(merged);
  const document = { ...merged, _id: id, _rev: rev };
  if (!merged._attachments) return document;
  const attachments = Object.entries(merged._attachments).map(async ([name, attachment]) => {
    const digest = attachment?.digest;
    if (!attachment?.stub || known.get(rev)?.[name]?.digest === digest) return [name, attachment];
    const source = findAttachment(known, digest);
    if (!source) return [name, attachment]; // 412 missing_stub
    const data = await database.getAttachment(id, source.name, { rev: source.rev, signal });
    return [name, { content_type: attachment.content_type, data }];
  });
  return { ...document, _attachments: Object.fromEntries(await Promise.all(attachments)) };
}

/**
 * @param {Map<string, any>} known
 * @param {string} digest
 */
function findAttachment(known, digest) {
  for (const [rev, attachments = {}] of known) {
    const name = Object.keys(attachments).find((each) => attachments[each].digest === digest);
    if (name !== undefined) return { rev, name };
  }
  return undefined;
}

/**
 * @param {Subject} subject
 * @param {any[]} edits
 * @param {any[]} tombstones
 * @returns {Promise<any[]>} what became of the first ones
 */
async function write({ database, signal }, edits, tombstones) {
  if (database.adapter !== 'http') {
    return database.bulkDocs([...edits, ...tombstones], { all_or_nothing: true, signal });
  }
  const edited = edits.length > 0 ? await writeAll(database, edits, signal) : [];
  await writeAll(database, tombstones, signal);
  return edited;
}

/**
 * @param {Database} database
 * @param {any[]} docs
 * @param {AbortSignal} [signal]
 */
async function writeAll(database, docs, signal) {
  const entries = await database.bulkDocs(docs, { signal });
  const refused = entries.find((/** @type {any} */ entry) => entry instanceof CouchletError);
  if (refused) throw refused;
  return entries;
}
