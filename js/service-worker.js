// For an app's service worker: pushes what pages could not send before they were closed.
//
//   import Couchlet from 'couchlet';
//   import { pushInBackground } from 'couchlet/service-worker';
//   pushInBackground(Couchlet);
//
// The class is handed in, so that a worker has one copy of couchlet whatever it is built with.
// Pages ask for it with the option `background` (background-push.js).

import { jobOf } from './background-push.js';

/**
 * @param {any} Couchlet the class
 * @param {{remote?: (address: string) => object}} [options] remote: options of a remote database
 * @param {any} [worker] the service worker's global scope
 */
export function pushInBackground(Couchlet, { remote = () => ({}) } = {}, worker = globalThis) {
  const open = (/** @type {string} */ address) => new Couchlet(address, remote(address));
  worker.addEventListener('sync', (/** @type {any} */ event) => {
    const job = jobOf(event.tag);
    if (job) event.waitUntil(push(Couchlet, job, open));
  });
}

/**
 * If it rejects, the browser tries again later.
 *
 * @param {any} Couchlet
 * @param {import('./background-push.js').PushJob} job
 * @param {(address: string) => any} open
 */
async function push(Couchlet, { name, push: address, pull, options }, open) {
  const local = new Couchlet({ name, prefix: '', adapter: 'idb' });
  try {
    const target = open(address);
    if (pull === undefined) await local.replicate.to(target, options);
    else await local.sync({ push: target, pull: open(pull) }, options);
  } finally {
    await local.close();
  }
}
