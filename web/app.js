// The note book starts here: opens the database, connects its parts with the page, and starts sync.
//
//   database ─▶ notes.js ─▶ note-list.js, note-editor.js, conflict.js     what is drawn
//                  ▲                        │
//                  └────────────────────────┘                             what a person does
//   database ◀▶ server:  sync.js (with waiting.js) ─▶ sync-status.js
//
// Which note is open is in the address (#/note/<id>), so that Back and reload do what one expects.

import Couchlet from 'couchlet';
import { keepUpdated } from './app-update.js';
import { Conflict } from './conflict.js';
import { databaseName, device, onWantsOffline, setWantsOffline, wantsOffline } from './device.js';
import { recoverDrafts } from './drafts.js';
import { contentOf, nameOf, newNoteId, noteFrom } from './note.js';
import { NoteEditor } from './note-editor.js';
import { NoteList } from './note-list.js';
import { Notes } from './notes.js';
import { byId } from './page.js';
import { Sync } from './sync.js';
import { SyncStatus } from './sync-status.js';
import { showToast } from './toast.js';
import { fullTime, shortTime } from './time.js';

/** @typedef {import('./note.js').Note} Note */

const db = new Couchlet(databaseName);
const notes = new Notes(db);
const sync = new Sync(db, new URL('/db/notes', location.href).href);
const status = new SyncStatus(sync);
const editor = new NoteEditor(notes, couldNotSave);
const conflict = new Conflict(notes, couldNotSave);
const list = new NoteList({ open: openNote, tick, remove, create, search: drawSoon });
let isDrawingSoon = false;
/** Notes that were changed elsewhere since the last drawing. @type {Set<string>} */
const changedElsewhere = new Set();
// More than these at once is a first synchronisation, not something to look at.
const kMostFlashes = 3;

await start().catch(couldNotStart);

async function start() {
  byId('device').textContent = device;
  byId('device').hidden = !device;
  if (device) document.title = `Notes · ${device}`;
  await notes.open();
  await recoverDrafts(notes).catch(couldNotSave);
  await sync.open();
  followChanges();
  connectPage();
  showAddress();
  followOfflineSwitch();
  await keepUpdated(() => editor.flush()).catch((error) => {
    console.warn('This page will need a network to open:', error);
  });
}

// ── Drawing ─────────────────────────────────────────────────────────────────────────────────────

/** However many changes come at once, they are drawn together. */
function drawSoon() {
  if (isDrawingSoon) return;
  isDrawingSoon = true;
  requestAnimationFrame(() => {
    isDrawingSoon = false;
    draw();
    if (changedElsewhere.size <= kMostFlashes) changedElsewhere.forEach((id) => list.flash(id));
    changedElsewhere.clear();
  });
}

function draw() {
  const { openId } = editor;
  list.show(notes.all(), { openId, markOf });
  const note = openId === undefined ? undefined : notes.get(openId);
  byId('book').classList.toggle('has-note', openId !== undefined);
  byId('note').hidden = openId === undefined;
  byId('no-note-chosen').hidden = openId !== undefined;
  byId('editor').hidden = Boolean(note?.conflicts.length);
  byId('note-edited').textContent = note?.edited ? `Edited ${shortTime(note.edited)} ·` : '';
  byId('note-edited').title = note ? fullTime(note.edited) : '';
  byId('note-synced').textContent = note ? syncedWords(note) : '';
  void conflict.show(note);
}

/** @param {Note} note */
function markOf({ id, conflicts }) {
  if (conflicts.length) return 'conflict';
  if (id in sync.refused) return 'refused';
  return sync.waitingIds.has(id) ? 'waiting' : 'synced';
}

/** @param {Note} note */
function syncedWords({ id }) {
  const reason = sync.refused[id];
  if (reason !== undefined) return `Refused by the server: ${reason}`;
  return sync.waitingIds.has(id) ? 'Waiting to be synced' : 'Synced';
}

// ── What happens ────────────────────────────────────────────────────────────────────────────────

function followChanges() {
  notes.onChange(({ id, note, isOwn }) => {
    void sync.noteChanged(id);
    if (note) editor.changed(note, isOwn);
    else if (id === editor.openId && !isOwn) deletedElsewhere();
    if (note && !isOwn) changedElsewhere.add(id);
    drawSoon();
  });
  sync.onChange(drawSoon);
  status.show();
}

function deletedElsewhere() {
  // What is being typed will bring the note back.
  if (!editor.base || editor.isUnsaved || !editor.base.rev) return;
  const { base } = editor;
  closeNote();
  offerToRestore(base, 'was deleted elsewhere');
}

function followOfflineSwitch() {
  /** @type {HTMLInputElement} */
  const toggle = byId('work-offline');
  const follow = () => {
    toggle.checked = wantsOffline();
    if (toggle.checked) sync.stop();
    else sync.start();
  };
  toggle.addEventListener('change', () => {
    setWantsOffline(toggle.checked);
    follow();
  });
  onWantsOffline(follow);
  addEventListener('online', () => sync.retry());
  follow();
}

function connectPage() {
  byId('back').addEventListener('click', closeNote);
  byId('delete-note').addEventListener('click', () => editor.openId && remove(editor.openId));
  addEventListener('hashchange', showAddress);
  addEventListener('keydown', pressKey);
  addEventListener('pagehide', () => void editor.flush());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void editor.flush();
    else sync.retry();
  });
}

/** @param {KeyboardEvent} event */
function pressKey(event) {
  if (event.key === 'Escape') return escape(event);
  const target = /** @type {HTMLElement} */ (event.target);
  const isTyping = target.matches('textarea, input:not([type="checkbox"])');
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = { n: create, '/': () => list.search.focus() };
  const run = keys[/** @type {keyof typeof keys} */ (event.key)];
  if (!run) return;
  event.preventDefault();
  run();
}

/** Out of the search, or else out of the note, into the list. @param {KeyboardEvent} event */
function escape(event) {
  const { openId } = editor;
  if (event.target === list.search && list.search.value) return list.seek('');
  if (openId !== undefined) closeNote();
  list.focus(openId);
}

// ── What a person does ──────────────────────────────────────────────────────────────────────────

/** @param {string} id */
function openNote(id) {
  const address = `#/note/${encodeURIComponent(id)}`;
  if (location.hash !== address) location.hash = address;
  showAddress();
  // On a phone, the keyboard would cover the note that one may only want to read.
  if (matchMedia('(pointer: fine)').matches) editor.focus();
}

function closeNote() {
  if (location.hash) history.pushState(null, '', location.pathname + location.search);
  showAddress();
}

/** Shows the note that the address names. */
function showAddress() {
  const [, encoded] = /^#\/note\/(.+)$/.exec(location.hash) ?? [];
  const id = encoded && decodeURIComponent(encoded);
  const note = id ? (notes.get(id) ?? emptyNote(id)) : undefined;
  if (note && note.id !== editor.openId) editor.open(note);
  else if (!note) editor.close();
  draw();
}

/** A note that is being begun. It is stored when something is typed. @param {string} id */
function emptyNote(id) {
  return id.startsWith('note-') ? noteFrom({ _id: id, _rev: '' }) : undefined;
}

function create() {
  list.seek('');
  location.hash = `#/note/${newNoteId()}`;
  showAddress();
  byId('note-title').focus();
}

/** @param {Note} note @param {boolean} isDone */
async function tick(note, isDone) {
  try {
    if (note.id === editor.openId) await editor.flush();
    const current = notes.get(note.id) ?? note;
    await notes.save(current, { ...contentOf(current), done: isDone });
  } catch (error) {
    couldNotSave(error);
  }
}

/** @param {string} id */
async function remove(id) {
  try {
    const wasOpen = id === editor.openId;
    const next = list.neighbourOf(id);
    if (wasOpen) closeNote();
    const removed = await notes.remove(id);
    if (wasOpen) list.focus(next);
    if (removed) offerToRestore(removed, 'deleted');
  } catch (error) {
    couldNotSave(error);
  }
}

/** @param {Note} note @param {string} what happened to it */
function offerToRestore(note, what) {
  const run = () => notes.restore(note).catch(couldNotSave);
  showToast(`“${nameOf(note)}” ${what}.`, { label: 'Undo', run });
}

// ── What goes wrong ─────────────────────────────────────────────────────────────────────────────

/** The text stays in the fields, and in the draft. @param {any} error */
function couldNotSave(error) {
  console.error(error);
  const reason = error?.reason ?? error?.message ?? error;
  const run = () => void editor.flush();
  showToast(`This couldn't be saved: ${reason}`, { label: 'Try again', run }, { stays: true });
}

/** @param {any} error */
function couldNotStart(error) {
  console.error(error);
  byId('status').dataset.state = 'stopped';
  byId('status-state').textContent = "The notes can't be opened";
  byId('status-detail').textContent = error?.reason ?? error?.message ?? String(error);
}
