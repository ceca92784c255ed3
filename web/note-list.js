// The list of notes: the open ones, the last edited first, and then those that are done. It is
// drawn from the notes in memory, and each note keeps its element, so that focus and scrolling
// stay.

import { nameOf, previewOf } from './note.js';
import { byId, copyOf, within } from './page.js';
import { fullTime, shortTime } from './time.js';

/** @typedef {import('./note.js').Note} Note */
/** @typedef {'conflict' | 'refused' | 'waiting' | 'synced'} Mark */
/**
 * @typedef {object} ListActions
 * @property {(id: string) => void} open
 * @property {(note: Note, isDone: boolean) => void} tick
 * @property {(id: string) => void} remove
 * @property {() => void} create
 * @property {() => void} search something else is sought
 */

/** @type {Record<Mark, string>} */
const kMarkNames = {
  conflict: 'Has several versions',
  refused: 'Refused by the server',
  waiting: 'Waiting to be synced',
  synced: 'Synced',
};

export class NoteList {
  /** @param {ListActions} actions */
  constructor(actions) {
    this.actions = actions;
    /** @type {Map<string, HTMLElement>} */
    this.items = new Map();
    /** What the items show. @type {Map<string, Note>} */
    this.shown = new Map();
    this.pane = byId('notes');
    /** @type {HTMLInputElement} */
    this.search = byId('search');
    this.sought = '';
    byId('new-note').addEventListener('click', actions.create);
    byId('first-note').addEventListener('click', actions.create);
    this.search.addEventListener('input', () => this.seek(this.search.value));
    byId('clear-search').addEventListener('click', () => {
      this.seek('');
      this.search.focus();
    });
    this.pane.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Shows only the notes with these words. @param {string} words */
  seek(words) {
    this.search.value = words;
    this.sought = words.trim();
    this.actions.search();
  }

  /**
   * @param {Note[]} notes in their order
   * @param {{openId: string | undefined, markOf: (note: Note) => Mark}} state
   */
  show(notes, { openId, markOf }) {
    const found = notes.filter((note) => matches(note, this.sought));
    const done = found.filter((note) => note.done);
    for (const note of found) this.#showNote(note, note.id === openId, markOf(note));
    this.#forgetAllBut(new Set(found.map(({ id }) => id)));
    this.#arrange(byId('open-notes'), found.filter((note) => !note.done));
    this.#arrange(byId('done-notes'), done);
    byId('done-section').hidden = done.length === 0;
    byId('done-count').textContent = String(done.length);
    byId('no-notes').hidden = notes.length > 0;
    byId('nothing-found').hidden = notes.length === 0 || found.length > 0;
    byId('sought').textContent = this.sought;
  }

  /** Draws the eye to a note that was changed elsewhere. @param {string} id */
  flash(id) {
    const item = this.items.get(id);
    item?.classList.remove('flash');
    void item?.offsetWidth; // Starts the animation anew.
    item?.classList.add('flash');
  }

  /** Puts the focus on a note, or else on the first. @param {string} [id] */
  focus(id) {
    const item = (id && this.items.get(id)) || this.pane.querySelector('.item');
    if (item) within(item, '.item-open').focus();
    else byId('new-note').focus();
  }

  /** The note that comes after this one, or before it if it is the last. @param {string} id */
  neighbourOf(id) {
    const ids = this.#openButtons().map((button) => this.#idOf(button));
    const index = ids.indexOf(id);
    return index < 0 ? undefined : (ids[index + 1] ?? ids[index - 1]);
  }

  /** @param {Note} note @param {boolean} isOpen @param {Mark} mark */
  #showNote(note, isOpen, mark) {
    const item = this.items.get(note.id) ?? this.#addItem(note.id);
    this.shown.set(note.id, note);
    const name = nameOf(note);
    const tick = within(item, 'input');
    /** @type {HTMLInputElement} */ (tick).checked = note.done;
    tick.setAttribute('aria-label', `Done: ${name}`);
    item.classList.toggle('is-done', note.done);
    item.classList.toggle('has-versions', note.conflicts.length > 0);
    within(item, '.item-open').toggleAttribute('aria-current', isOpen);
    markWords(within(item, '.item-title'), name, this.sought);
    markWords(within(item, '.item-text'), this.#excerptOf(note), this.sought);
    const time = /** @type {HTMLTimeElement} */ (within(item, 'time'));
    time.textContent = shortTime(note.edited);
    time.title = fullTime(note.edited);
    showMark(within(item, '.mark'), mark);
  }

  /** The text from where the words sought are, if they are further down. @param {Note} note */
  #excerptOf(note) {
    const versions = note.conflicts.length + 1;
    if (versions > 1) return `${versions === 2 ? 'Two' : versions} versions: open to choose`;
    const at = this.sought ? fold(note.text).indexOf(fold(this.sought)) : -1;
    if (at < 40) return previewOf(note);
    return `…${note.text.slice(at - 20, at + 120).replace(/\s+/g, ' ')}`;
  }

  /** @param {string} id */
  #addItem(id) {
    const item = copyOf('note-item');
    item.dataset.id = id;
    const tick = /** @type {HTMLInputElement} */ (within(item, 'input'));
    tick.addEventListener('change', () => {
      const note = this.shown.get(id);
      if (note) this.actions.tick(note, tick.checked);
    });
    within(item, '.item-open').addEventListener('click', () => this.actions.open(id));
    this.items.set(id, item);
    return item;
  }

  /** @param {Set<string>} ids */
  #forgetAllBut(ids) {
    for (const [id, item] of this.items) {
      if (ids.has(id)) continue;
      item.remove();
      this.items.delete(id);
      this.shown.delete(id);
    }
  }

  /**
   * Puts the notes' elements in this order, moving no more than needed.
   * @param {HTMLElement} list @param {Note[]} notes
   */
  #arrange(list, notes) {
    let place = list.firstElementChild;
    for (const { id } of notes) {
      const item = /** @type {HTMLElement} */ (this.items.get(id));
      if (item === place) place = place.nextElementSibling;
      else keepingFocus(() => list.insertBefore(item, place));
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    const buttons = this.#openButtons();
    const item = /** @type {HTMLElement} */ (event.target).closest('.item');
    const current = item ? buttons.indexOf(within(item, '.item-open')) : -1;
    if (step && (item || (step > 0 && event.target === this.search))) {
      event.preventDefault();
      if (current + step < 0) this.search.focus();
      else buttons[current + step]?.focus();
    } else if (event.key === 'Delete' && item) {
      const id = this.#idOf(buttons[current]);
      buttons[current + 1]?.focus();
      this.actions.remove(id);
    }
  }

  /** @returns {HTMLElement[]} */
  #openButtons() {
    return [...this.pane.querySelectorAll('.item-open')].map((e) => /** @type {HTMLElement} */ (e));
  }

  /** @param {HTMLElement} button */
  #idOf(button) {
    return /** @type {HTMLElement} */ (button.closest('.item')).dataset.id ?? '';
  }
}

/** @param {HTMLElement} place @param {Mark} mark */
export function showMark(place, mark) {
  if (place.dataset.mark === mark) return;
  place.dataset.mark = mark;
  place.title = kMarkNames[mark];
  within(place, 'use').setAttribute('href', `#icon-${mark}`);
  within(place, '.visually-hidden').textContent = kMarkNames[mark];
}

/** Moving an element takes the focus off it. @param {() => void} move */
function keepingFocus(move) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  move();
  if (document.activeElement !== focused) focused?.focus({ preventScroll: true });
}

/** @param {Note} note @param {string} sought */
function matches(note, sought) {
  return sought === '' || fold(`${note.title}\n${note.text}`).includes(fold(sought));
}

/**
 * Writes `text` with the words that are sought in <mark>.
 * @param {HTMLElement} place @param {string} text @param {string} sought
 */
function markWords(place, text, sought) {
  const at = sought ? fold(text).indexOf(fold(sought)) : -1;
  if (at < 0) {
    if (place.textContent !== text || place.childElementCount) place.textContent = text;
    return;
  }
  const mark = document.createElement('mark');
  mark.textContent = text.slice(at, at + sought.length);
  place.replaceChildren(text.slice(0, at), mark, text.slice(at + sought.length));
}

/** For comparing: case doesn't count, nor do accents. The length stays. @param {string} text */
function fold(text) {
  return Array.from(text, foldCharacter).join('');
}

/** @param {string} character */
function foldCharacter(character) {
  const plain = character.normalize('NFD').slice(0, character.length).toLowerCase();
  return plain.length === character.length ? plain : character;
}
