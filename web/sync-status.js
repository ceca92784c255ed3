// The status line: one state, and what it means for the notes in this browser.

import { byId } from './page.js';
import { fullTime, timeAgo } from './time.js';

/** @typedef {import('./sync.js').Sync} Sync */
/** @typedef {import('./sync.js').SyncState} SyncState */

/** @type {Record<SyncState, string>} */
const kNames = {
  off: 'Working offline',
  syncing: 'Syncing…',
  synced: 'Online',
  unreachable: 'Offline',
  failing: 'Sync fails',
  stopped: 'Sync stopped',
};

// A pause that short between two exchanges would only make the line flicker.
const kFlicker = 250;

export class SyncStatus {
  /** @param {Sync} sync */
  constructor(sync) {
    this.sync = sync;
    this.line = byId('status');
    this.state = byId('status-state');
    this.detail = byId('status-detail');
    this.retry = byId('status-retry');
    this.retry.addEventListener('click', () => sync.retry());
    sync.onChange(() => this.#soon());
    setInterval(() => this.show(), 30_000);
  }

  /** Shows that it is syncing only if it takes a moment; everything else at once. */
  #soon() {
    clearTimeout(this.timer);
    if (this.sync.state !== 'syncing') return this.show();
    this.timer = setTimeout(() => this.show(), kFlicker);
  }

  show() {
    const { state, lastSynced } = this.sync;
    this.line.dataset.state = state;
    write(this.state, kNames[state]);
    write(this.detail, this.#details().join(' · '));
    this.line.title = lastSynced ? `Last synced: ${fullTime(lastSynced)}` : 'Never synced yet';
    this.retry.hidden = !this.sync.isWaitingToRetry;
  }

  #details() {
    const { state, reason, refused, waitingIds, lastSynced } = this.sync;
    const count = waitingIds.size;
    const refusals = Object.keys(refused).length;
    const isAllSynced = state === 'synced' && count === 0 && refusals === 0;
    return [
      count > 0 && `${count} ${count === 1 ? 'change' : 'changes'} waiting`,
      refusals > 0 && `${refusals} refused by the server`,
      isAllSynced && `all changes synced ${timeAgo(lastSynced)}`,
      lastSynced > 0 && !isAllSynced && `last synced ${timeAgo(lastSynced)}`,
      (state === 'failing' || state === 'stopped') && reason,
    ].filter(Boolean);
  }
}

/**
 * Writes only what is new: a screen reader reads out each write.
 * @param {HTMLElement} element @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
