// Attachments of documents as apps write them: what is binary is taken out on the way in (JSON
// can't hold it) and put in on the way out.

import { base64Of, blobOfBase64, forApp, isBinary, toBlob } from './binary.js';
import { stringify } from './json.js';

/** @param {any} document */
function hasBinaries(document) {
  const attachments = document._attachments;
  if (typeof attachments !== 'object' || attachments === null) return false;
  return Object.values(attachments).some((attachment) => isBinary(attachment?.data));
}

/**
 * A document whose binary attachments have, instead of `data`, what `put` makes of it. It is the
 * same document if it has none.
 *
 * @param {any} document
 * @param {(blob: Blob) => object} put
 */
export function replaceBinaries(document, put) {
  if (!hasBinaries(document)) return document;
  const attachments = Object.entries(document._attachments).map(([name, attachment]) => {
    if (!isBinary(attachment?.data)) return [name, attachment];
    const { data, stub: _, ...others } = attachment;
    const blob = toBlob(data);
    const typed = blob.type ? { content_type: blob.type, ...others } : others;
    return [name, { ...typed, ...put(blob) }];
  });
  return { ...document, _attachments: Object.fromEntries(attachments) };
}

/**
 * The attachments of documents that an answer has.
 *
 * @param {any[]} documents what isn't one is passed over
 * @returns {[any, string, any][]} the _attachments, the name, the attachment
 */
function attachmentsOf(documents) {
  return documents.flatMap((document) => {
    const attachments = document?._attachments ?? {};
    return Object.entries(attachments).map(
      ([name, attachment]) => /** @type {[any, string, any]} */ ([attachments, name, attachment]),
    );
  });
}

/**
 * The JSON text of documents with base64 in the place of binary data; of the documents as they are
 * at the call.
 *
 * @param {any[]} documents
 * @returns {Promise<string>} an array
 */
export async function textWithBase64(documents) {
  /** @type {Blob[]} */
  const blobs = [];
  const numbered = documents.map((document) =>
    replaceBinaries(document, (blob) => ({ data: { blob: blobs.push(blob) - 1 } })),
  );
  const text = stringify(numbered);
  if (blobs.length === 0) return text;
  const copies = JSON.parse(text);
  for (const [, , attachment] of attachmentsOf(copies)) {
    const blob = blobs[attachment?.data?.blob];
    if (blob) attachment.data = await base64Of(blob);
  }
  return stringify(copies);
}

/**
 * Puts data in the place of stubs.
 *
 * @param {any[]} documents
 * @param {boolean} isBinaryWanted else base64
 * @param {(digest: string, type: string) => Promise<Blob | undefined>} read
 * @returns {Promise<boolean>} false if one isn't there (any more)
 */
export async function putDataIn(documents, isBinaryWanted, read) {
  for (const [attachments, name, { stub: _, length: __, ...kept }] of attachmentsOf(documents)) {
    const blob = await read(kept.digest, kept.content_type);
    if (!blob) return false;
    const data = isBinaryWanted ? await forApp(blob) : await base64Of(blob);
    attachments[name] = { ...kept, data };
  }
  return true;
}

/**
 * Puts binary data in the place of base64.
 *
 * @param {any[]} documents
 */
export async function putBinariesIn(documents) {
  for (const [, , attachment] of attachmentsOf(documents)) {
    if (typeof attachment.data !== 'string') continue;
    attachment.data = await forApp(blobOfBase64(attachment.data, attachment.content_type));
  }
}

// Where the documents are in each kind of answer.

/** @param {any} answer a document, or [{ok: document}] for open_revs */
export const documentsOfGet = (answer) =>
  Array.isArray(answer) ? answer.map(({ ok }) => ok) : [answer];

/** @param {any} answer */
export const documentsOfRows = (answer) =>
  (answer.rows ?? answer.results).map((/** @type {any} */ row) => row.doc);

/** @param {any} answer */
export const documentsOfBulkGet = (answer) =>
  answer.results.flatMap((/** @type {any} */ { docs }) =>
    docs.map((/** @type {any} */ { ok }) => ok),
  );
