// What was typed but isn't in the database yet: a copy in the window's sessionStorage, which is
// written at once and survives a reload and a crash. So not even the last key stroke before a
// reload is lost. A draft goes when its note is saved.
//
// `sent` is what was last handed to the database. If the window died before it heard that this was
// saved, the note has that content already, and the draft goes on from there.

import { isSameContent } from './note.js';

/** @typedef {import('./note.js').Note} Note */
/** @typedef {import('./note.js').Content} Content */
/** @typedef {{base: Note, content: Content, sent?: Content}} Draft */

const kPrefix = 'draft of ';

/** @param {Draft} draft */
export function keepDraft(draft) {
  try {
    sessionStorage.setItem(kPrefix + draft.base.id, JSON.stringify(draft));
  } catch {
    // The storage is full or forbidden: the draft still goes to the database in a moment.
  }
}

/** @param {string} id of the note */
export function dropDraft(id) {
  sessionStorage.removeItem(kPrefix + id);
}

/**
 * Saves the drafts that a previous life of this window left behind.
 * @param {import('./notes.js').Notes} notes
 */
export async function recoverDrafts(notes) {
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(kPrefix))) {
    await recover(notes, JSON.parse(/** @type {string} */ (sessionStorage.getItem(key))));
    sessionStorage.removeItem(key);
  }
}

/** @param {import('./notes.js').Notes} notes @param {Draft} draft */
async function recover(notes, { base, content, sent }) {
  const current = notes.get(base.id);
  const wasSaved = current && sent && isSameContent(current, sent);
  await notes.save(wasSaved ? current : base, content);
}
