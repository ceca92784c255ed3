// A note with several versions: shows what differs between them, and lets a person keep one or
// merge them by hand. Nothing is decided for them, and nothing is lost until they decide.

import { bothTexts, diff, words } from './diff.js';
import { contentOf, nameOf } from './note.js';
import { byId, copyOf, within } from './page.js';
import { fullTime, shortTime } from './time.js';

/** @typedef {import('./note.js').Note} Note */
/** @typedef {import('./note.js').Content} Content */

export class Conflict {
  /**
   * @param {import('./notes.js').Notes} notes
   * @param {(error: unknown) => void} onFailure
   */
  constructor(notes, onFailure) {
    this.notes = notes;
    this.onFailure = onFailure;
    /** @type {Note[]} */
    this.versions = [];
    /** Which revisions are on the page. */
    this.shown = '';
    this.panel = byId('conflict');
    /** @type {HTMLFormElement} */
    this.form = byId('merge-form');
    /** @type {HTMLInputElement} */
    this.title = byId('merge-title');
    /** @type {HTMLTextAreaElement} */
    this.text = byId('merge-text');
    byId('merge').addEventListener('click', () => this.#beginMerge());
    byId('merge-cancel').addEventListener('click', () => this.#endMerge());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#resolve(this.#merged());
    });
  }

  /**
   * Shows the versions of `note`, or hides the panel if there is one only.
   * @param {Note | undefined} note
   */
  async show(note) {
    const revisions = note?.conflicts.length ? [note.rev, ...note.conflicts].join(' ') : '';
    if (revisions === this.shown) return;
    this.shown = revisions;
    this.panel.hidden = !revisions;
    byId('versions').replaceChildren();
    this.#endMerge();
    if (!note || !revisions) return;
    try {
      const versions = await this.notes.versions(note);
      if (this.shown === revisions) this.#showVersions(versions);
    } catch (error) {
      this.onFailure(error);
    }
  }

  /** @param {Note[]} versions */
  #showVersions(versions) {
    this.versions = versions;
    const count = versions.length === 2 ? 'two' : String(versions.length);
    byId('conflict-heading').textContent = `This note has ${count} versions`;
    byId('versions').replaceChildren(...versions.map((version, i) => this.#card(version, i)));
  }

  /** @param {Note} version @param {number} index */
  #card(version, index) {
    const card = copyOf('version');
    const other = this.versions[index === 0 ? 1 : 0];
    const name = `Version ${String.fromCharCode('A'.charCodeAt(0) + index)}`;
    within(card, '.version-name').textContent = name;
    within(card, '.version-done').hidden = !version.done;
    const time = within(card, 'time');
    time.textContent = version.edited ? `edited ${shortTime(version.edited)}` : '';
    time.title = fullTime(version.edited);
    within(card, '.version-title').replaceChildren(...differing(version.title, other.title));
    within(card, '.version-text').replaceChildren(...differing(version.text, other.text));
    const keep = within(card, 'button');
    keep.setAttribute('aria-label', `Keep ${name}: ${nameOf(version)}`);
    keep.addEventListener('click', () => void this.#resolve(contentOf(version)));
    return card;
  }

  #beginMerge() {
    const [first, ...others] = this.versions;
    this.title.value = first.title || (others.find(({ title }) => title)?.title ?? '');
    this.text.value = others.reduce((text, version) => bothTexts(text, version.text), first.text);
    this.form.hidden = false;
    byId('merge-offer').hidden = true;
    this.text.focus();
    this.form.scrollIntoView({ block: 'nearest' });
  }

  #endMerge() {
    this.form.hidden = true;
    byId('merge-offer').hidden = false;
  }

  /** @returns {Content} */
  #merged() {
    const done = this.versions.every((version) => version.done);
    return { title: this.title.value, text: this.text.value, done };
  }

  /** @param {Content} content */
  async #resolve(content) {
    try {
      await this.notes.resolve(this.versions, content);
    } catch (error) {
      this.onFailure(error);
    }
  }
}

/**
 * `text`, with what isn't in `other` marked.
 * @param {string} text @param {string} other
 */
function differing(text, other) {
  const pieces = diff(words(text), words(other)).filter(({ side }) => side !== 'right');
  return pieces.map((piece, i) => {
    // A space that happens to be in both isn't worth a gap between two marked words.
    const isGap = !piece.text.trim() && pieces[i - 1]?.side === 'left' && i + 1 < pieces.length;
    if (piece.side === 'both' && !isGap) return piece.text;
    const mark = document.createElement('mark');
    mark.textContent = piece.text;
    return mark;
  });
}
