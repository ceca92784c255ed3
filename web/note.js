// What a note is: a document with the fields below. Others may write documents too (curl, another
// app), so whatever is missing or of another type reads as empty, and fields that the note book
// doesn't know stay in the document when it is saved.

/**
 * @typedef {object} Note
 * @property {string} id
 * @property {string} rev the revision that this is
 * @property {string} title
 * @property {string} text
 * @property {boolean} done
 * @property {number} edited milliseconds since 1970, 0 if unknown
 * @property {string[]} conflicts revisions that were written apart from this one
 * @property {Record<string, any>} document all fields that were stored, without CouchDB's own
 */

/** @typedef {{title: string, text: string, done: boolean}} Content what a person can change */

export const kContentFields = /** @type {const} */ (['title', 'text', 'done']);

/**
 * @param {Record<string, any>} stored a document as the database returns it
 * @returns {Note}
 */
export function noteFrom(stored) {
  const { _id, _rev, _conflicts, ...rest } = stored;
  const document = Object.fromEntries(
    Object.entries(rest).filter(([name]) => name === '_attachments' || !name.startsWith('_')),
  );
  return {
    id: _id,
    rev: _rev,
    title: text(rest.title),
    text: text(rest.text),
    done: rest.done === true,
    edited: Date.parse(rest.edited) || 0,
    conflicts: _conflicts ?? [],
    document,
  };
}

/** @param {unknown} value */
function text(value) {
  return typeof value === 'string' ? value : '';
}

/** @param {Note} note @returns {Content} */
export function contentOf({ title, text, done }) {
  return { title, text, done };
}

/** @param {Content} a @param {Content} b */
export function isSameContent(a, b) {
  return kContentFields.every((field) => a[field] === b[field]);
}

/** How many edits made this revision; 0 before the first. @param {string} rev */
export function generationOf(rev) {
  return Number.parseInt(rev, 10) || 0;
}

/**
 * What to call a note: its title, or else the first line of its text.
 * @param {{title: string, text: string}} note
 */
export function nameOf({ title, text }) {
  return title.trim() || firstLine(text) || 'Untitled';
}

/**
 * The first line of the text that says more than the note's name does.
 * @param {{title: string, text: string}} note
 */
export function previewOf({ title, text }) {
  const lines = text.split('\n').map((line) => line.trim()).filter(Boolean);
  return (title.trim() ? lines : lines.slice(1)).join(' ').slice(0, 200);
}

/** @param {string} text */
function firstLine(text) {
  return text.trim().split('\n', 1)[0].slice(0, 120);
}

/** An id for a new note. Ids sort by the time at which the notes were made. */
export function newNoteId() {
  const random = crypto.getRandomValues(new Uint8Array(8));
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `note-${new Date().toISOString()}-${hex}`;
}
