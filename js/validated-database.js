// A local database whose edits are shown to the app's validation functions before they are written.
//
// As in CouchDB: a function sees the revision that is edited, or null for a new document; design
// documents and local documents are not shown, nor is what a replication brings (new_edits=false).
// Revisions don't change, so what was seen is what the engine then finds; an edit of one that isn't
// a leaf any more is left to it, which answers 409.

import { replaceBinaries } from './attachments.js';
import { isObject } from './arguments.js';
import { CouchletError } from './errors.js';
import { stringify } from './json.js';
import { LocalDatabase } from './local-database.js';
import { Validators } from './validation.js';

/** @typedef {Record<string, any>} Options */

/** @param {any} document */
const isValidated = (document) => !/^_(design|local)\//.test(document._id ?? '');

/** RFC 9562, version 4; crypto.randomUUID() is for secure contexts only. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * What functions are shown of it: JSON, with the attachments as stubs, and with the history of the
 * revision that it edits.
 *
 * @param {any} document
 * @param {any} oldDoc
 */
function shown(document, oldDoc) {
  const numbered = replaceBinaries(document, (blob) => ({ length: blob.size, stub: true }));
  const copy = JSON.parse(stringify(numbered));
  for (const attachment of Object.values(isObject(copy._attachments) ? copy._attachments : {})) {
    if (!isObject(attachment)) continue;
    delete attachment.data;
    attachment.stub = true;
  }
  if (oldDoc) copy._revisions = oldDoc._revisions;
  return copy;
}

export class ValidatedDatabase extends LocalDatabase {
  /** @type {Validators | undefined} */
  #validators;

  get validators() {
    this.#validators ??= new Validators(this.name);
    return this.#validators;
  }

  get #isUnwatched() {
    return this.#validators === undefined || this.#validators.isEmpty;
  }

  /**
   * @param {any} document
   * @param {any} options {new_edits}
   */
  async post(document, options) {
    if (this.#isUnwatched || options?.new_edits === false) return super.post(document, options);
    const named = document._id === undefined ? { ...document, _id: uuid() } : document;
    await this.#check(named, options?.force);
    return super.post(named, options);
  }

  /**
   * @param {any[]} documents
   * @param {any} options
   */
  async bulkDocs(documents, options) {
    if (this.#isUnwatched || options.new_edits === false) return super.bulkDocs(documents, options);
    const named = documents.map((document) =>
      document._id === undefined ? { ...document, _id: uuid() } : document,
    );
    const refusals = await this.#refusals(named);
    if (options.all_or_nothing) throwFirst(refusals);
    const passed = named.filter((_, i) => !refusals[i]);
    const entries = await super.bulkDocs(passed, options);
    return named.map(({ _id: id }, i) =>
      refusals[i] ? entryOf(refusals[i], id) : entries.shift(),
    );
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string | undefined} rev
   * @param {Blob} blob
   * @param {string} type
   */
  async putAttachment(id, name, rev, blob, type) {
    if (!this.#isUnwatched) {
      const attachment = { content_type: type, length: blob.size, stub: true };
      await this.#checkAttachments(id, rev, (all) => ({ ...all, [name]: attachment }));
    }
    return super.putAttachment(id, name, rev, blob, type);
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string | undefined} rev
   */
  async removeAttachment(id, name, rev) {
    if (!this.#isUnwatched) {
      await this.#checkAttachments(id, rev, ({ [name]: _, ...others }) => others);
    }
    return super.removeAttachment(id, name, rev);
  }

  /**
   * @param {string} id
   * @param {string | undefined} rev
   * @param {(attachments: Options) => Options} edit
   */
  async #checkAttachments(id, rev, edit) {
    const [old] = rev === undefined ? [undefined] : await this.#leaves([{ _id: id, _rev: rev }]);
    if (rev !== undefined && !old) return; // which the engine refuses
    const { _revisions: _, ...content } = old ?? { _id: id };
    await this.#check({ ...content, _attachments: edit(content._attachments ?? {}) });
  }

  /**
   * @param {any} document
   * @param {boolean} [isForced] it may edit what isn't a leaf, or isn't here
   */
  async #check(document, isForced) {
    throwFirst(await this.#refusals([document], isForced));
  }

  /**
   * @param {any[]} documents
   * @param {boolean} [areForced]
   * @returns {Promise<(CouchletError | undefined)[]>}
   */
  async #refusals(documents, areForced = false) {
    const leaves = await this.#leaves(documents, !areForced);
    const refusals = [];
    for (const [i, document] of documents.entries()) {
      const oldDoc = leaves[i] ?? null;
      const isStale = document._rev !== undefined && !oldDoc && !areForced;
      const isShown = isValidated(document) && !isStale;
      refusals.push(
        isShown ? await this.validators.refusal(shown(document, oldDoc), oldDoc) : undefined,
      );
    }
    return refusals;
  }

  /**
   * The revisions that documents edit, with their histories.
   *
   * @param {any[]} documents
   * @param {boolean} [latest] only those that are leaves
   * @returns {Promise<any[]>} in their order
   */
  async #leaves(documents, latest = true) {
    const edits = documents.filter(({ _rev: rev }) => typeof rev === 'string');
    if (edits.length === 0) return [];
    const docs = edits.map(({ _id: id, _rev: rev }) => ({ id, rev }));
    const { results } = await this.bulkGet(docs, { revs: true, latest });
    /** @type {Map<any, any>} */
    const found = new Map(
      edits.map((edit, i) => {
        const { ok } = results[i].docs[0];
        return [edit, ok?._rev === edit._rev ? ok : undefined];
      }),
    );
    return documents.map((document) => found.get(document));
  }
}

/** @param {(CouchletError | undefined)[]} refusals */
function throwFirst(refusals) {
  const refusal = refusals.find(Boolean);
  if (refusal) throw refusal;
}

/**
 * @param {CouchletError | undefined} refusal
 * @param {string} id
 */
function entryOf(refusal, id) {
  return { ...refusal, id };
}
