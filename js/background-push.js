// Background Sync, as far as a page has a part in it: what is unsent when nobody can be reached, or
// when the page is left, is handed to the browser, which wakes the service worker when there is a
// network, the page open or not. The service worker's part is in service-worker.js.
//
// The tag says what is to be pushed, so that nothing else has to be stored. Credentials are not in
// it. Where the browser has no Background Sync, the next start of the app sends what is unsent.

const kPrefix = 'couchlet push ';

/**
 * @typedef {object} PushJob
 * @property {string} name of the local database, with its prefix
 * @property {string} push address of the remote one
 * @property {string} [pull] address of the one that is read, with split remotes
 * @property {Record<string, any>} options which documents, for instance
 */

/** @param {PushJob} job */
export const tagOf = (job) => kPrefix + JSON.stringify(job);

/**
 * @param {string} tag
 * @returns {PushJob | undefined} nothing if somebody else made it
 */
export function jobOf(tag) {
  return tag.startsWith(kPrefix) ? JSON.parse(tag.slice(kPrefix.length)) : undefined;
}

/**
 * @param {PushJob} job
 * @returns {Promise<boolean>} whether the browser will do it
 */
export async function askForPush(job) {
  try {
    /** @type {any} */
    const registration = await globalThis.navigator?.serviceWorker?.getRegistration();
    if (!registration?.active || !registration.sync) return false;
    await registration.sync.register(tagOf(job));
    return true;
  } catch {
    return false; // it isn't allowed here
  }
}

/**
 * Asks for a push when something is unsent: while nobody can be reached, and when the page is left.
 *
 * @param {import('./replication.js').Replication} push
 * @param {PushJob} job
 * @returns {() => void} ends it
 */
export function handOverUnsent(push, job) {
  /** @param {number | null} pending null: to be counted */
  const ask = async (pending) => {
    const count = pending ?? (await push.pendingChanges()).count;
    if (count) await askForPush(job);
  };
  /** @param {number | null} pending */
  const askIfOpen = (pending) => void ask(pending).catch(() => {}); // it is being closed
  const whenStatus = (/** @type {{state: string, pending: number | null}} */ { state, pending }) => {
    if (state === 'offline' || state === 'failing') askIfOpen(pending);
  };
  const whenHidden = () => {
    if (globalThis.document.visibilityState === 'hidden') askIfOpen(null);
  };
  push.on('status', whenStatus);
  globalThis.document?.addEventListener('visibilitychange', whenHidden);
  return () => {
    push.off('status', whenStatus);
    globalThis.document?.removeEventListener('visibilitychange', whenHidden);
  };
}
