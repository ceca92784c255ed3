// The note that is open, and its two fields. There is no Save button: what is typed is a draft at
// once (drafts.js) and in the database a moment later.
//
// `base` is the note as it was when the fields last agreed with the database. Changes from
// elsewhere go into the fields at once while nothing typed is unsaved; else saving brings both
// together (notes.js), and the fields that aren't being typed in show the result.

import { dropDraft, keepDraft } from './drafts.js';
import { kContentFields, contentOf, generationOf, isSameContent } from './note.js';
import { byId } from './page.js';

/** @typedef {import('./note.js').Note} Note */
/** @typedef {import('./note.js').Content} Content */

// Others see an edit this long after the last key stroke; each save is a revision.
const kSaveAfter = 300;

export class NoteEditor {
  /**
   * @param {import('./notes.js').Notes} notes
   * @param {(error: unknown) => void} onFailure called when a note can't be saved
   */
  constructor(notes, onFailure) {
    this.notes = notes;
    this.onFailure = onFailure;
    /** @type {Note | undefined} */
    this.base = undefined;
    this.isSaving = false;
    /** @type {HTMLInputElement} */
    this.title = byId('note-title');
    /** @type {HTMLTextAreaElement} */
    this.text = byId('note-text');
    /** @type {HTMLInputElement} */
    this.done = byId('note-done');
    byId('editor').addEventListener('input', () => this.#edited());
    byId('editor').addEventListener('submit', (event) => event.preventDefault());
    this.title.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      this.text.focus();
    });
    this.done.addEventListener('change', () => {
      this.#edited();
      void this.flush();
    });
    byId('editor').addEventListener('focusout', () => void this.flush());
  }

  get openId() {
    return this.base?.id;
  }

  /** What the fields say. @returns {Content} */
  get content() {
    return { title: this.title.value, text: this.text.value, done: this.done.checked };
  }

  get isUnsaved() {
    return this.base !== undefined && !isSameContent(this.content, this.base);
  }

  /** Shows a note; what was typed in the one before is saved first. @param {Note} note */
  open(note) {
    void this.flush();
    this.base = note;
    this.title.value = note.title;
    this.text.value = note.text;
    this.done.checked = note.done;
    this.text.scrollTop = 0;
  }

  close() {
    void this.flush();
    this.base = undefined;
  }

  focus() {
    (this.title.value && this.text.value ? this.text : this.title).focus({ preventScroll: true });
  }

  /**
   * A note has changed, in this window (`isOwn`) or elsewhere.
   * @param {Note} note @param {boolean} isOwn
   */
  changed(note, isOwn) {
    if (!this.base || note.id !== this.base.id || this.isSaving || this.isUnsaved) return;
    // The feed tells of each save, and may be behind what has been typed and saved since.
    if (isOwn && generationOf(note.rev) < generationOf(this.base.rev)) return;
    this.#adopt(note, this.content);
  }

  /** Saves now what is typed, if anything is. */
  async flush() {
    clearTimeout(this.timer);
    if (!this.base || !this.isUnsaved || this.isSaving) return;
    const { base, content } = this;
    this.isSaving = true;
    keepDraft({ base, content, sent: content });
    try {
      const saved = await this.notes.save(base, content);
      this.isSaving = false;
      this.#saved(saved, content);
    } catch (error) {
      this.isSaving = false;
      this.onFailure(error);
    }
  }

  #edited() {
    if (!this.base) return;
    keepDraft({ base: this.base, content: this.content });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), kSaveAfter);
  }

  /** @param {Note} saved @param {Content} sent */
  #saved(saved, sent) {
    if (saved.id !== this.base?.id) return dropDraft(saved.id);
    this.#adopt(saved, sent);
    if (this.isUnsaved) return this.#edited();
    dropDraft(saved.id);
    // Someone else's change that came while this one was being saved.
    const now = this.notes.get(saved.id);
    if (now && generationOf(now.rev) > generationOf(saved.rev)) this.changed(now, false);
  }

  /**
   * Takes `note` as the base, and into the fields, but for those that were typed in since they were
   * as in `seen`.
   * @param {Note} note @param {Content} seen
   */
  #adopt(note, seen) {
    const typed = this.content;
    this.base = note;
    const kept = kContentFields.filter((field) => typed[field] !== seen[field]);
    const content = contentOf(note);
    if (!kept.includes('title')) replaceText(this.title, content.title);
    if (!kept.includes('text')) replaceText(this.text, content.text);
    if (!kept.includes('done')) this.done.checked = content.done;
  }
}

/**
 * Changes a field's text, and leaves the caret where it was in what stayed the same.
 * @param {HTMLInputElement | HTMLTextAreaElement} field @param {string} text
 */
function replaceText(field, text) {
  const { value, selectionStart, selectionEnd, scrollTop } = field;
  if (value === text) return;
  let same = 0;
  while (same < value.length && value[same] === text[same]) same++;
  const place = (/** @type {number | null} */ at) =>
    (at ?? 0) <= same ? (at ?? 0) : Math.max(same, (at ?? 0) + text.length - value.length);
  field.value = text;
  if (document.activeElement !== field) return;
  field.setSelectionRange(place(selectionStart), place(selectionEnd));
  field.scrollTop = scrollTop;
}
