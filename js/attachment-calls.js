// The calls about one attachment, one function each: arguments in, the database's answer out.

import { checkAttachmentName, checkId, checkIdToRead } from './arguments.js';
import { blobOfBase64, forApp, isBinary, toBlob } from './binary.js';
import { about } from './document-calls.js';
import { badRequest, throwAbout } from './errors.js';

/** @typedef {import('./document-calls.js').Database} Database */
/** @typedef {import('./document-calls.js').Writes} Writes */

// Of an attachment that tells no type; CouchDB's.
const kDefaultType = 'application/octet-stream';

/**
 * @param {string} docId
 * @param {any} attachment bytes, or base64
 */
function blobOf(docId, attachment) {
  try {
    if (isBinary(attachment)) return toBlob(attachment);
    if (typeof attachment === 'string') return blobOfBase64(attachment);
    throw badRequest('An attachment is a Blob, an array buffer, a Buffer or base64 text');
  } catch (error) {
    throwAbout(error, { docId });
  }
}

/**
 * @param {Writes} writes
 * @param {string} docId
 * @param {string} name
 * @param {any[]} args [rev], attachment, type; the type can be left to a Blob
 */
export function putAttachment(writes, docId, name, args) {
  checkId(docId);
  checkAttachmentName(name);
  const hasRev = args.length > 2 || isBinary(args[1]);
  const [rev, attachment, type] = hasRev ? args : [undefined, ...args];
  const blob = blobOf(docId, attachment);
  const contentType = type || blob.type || kDefaultType;
  return about(docId, writes.putAttachment(docId, name, rev ?? undefined, blob, contentType));
}

/**
 * @param {Database} database
 * @param {string} docId
 * @param {string} name
 * @param {any} [options]
 */
export function getAttachment(database, docId, name, options) {
  checkIdToRead(docId);
  checkAttachmentName(name);
  return about(docId, database.getAttachment(docId, name, options ?? {}).then(forApp));
}

/**
 * @param {Writes} writes
 * @param {string} docId
 * @param {string} name
 * @param {any} rev
 */
export function removeAttachment(writes, docId, name, rev) {
  checkId(docId);
  checkAttachmentName(name);
  return about(docId, writes.removeAttachment(docId, name, rev ?? undefined));
}
