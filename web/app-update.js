// The service worker that opens the page without a network, and what happens when the page itself
// has a new version: the new one is fetched in the background, the page says so, and the person
// decides when to change to it. Then all windows reload, since they must not mix the versions.

import { showToast } from './toast.js';

/** @param {() => Promise<void>} beforeReload saves what is unsaved */
export async function keepUpdated(beforeReload) {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  // The first service worker takes the page over as it is; only a later one brings new files.
  let hasVersion = Boolean(serviceWorker.controller);
  serviceWorker.addEventListener('controllerchange', async () => {
    if (hasVersion) {
      await beforeReload();
      location.reload();
    }
    hasVersion = true;
  });
  const registration = await serviceWorker.register('/service-worker.js');
  if (registration.waiting) offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const { installing } = registration;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed' && serviceWorker.controller) offer(installing);
    });
  });
  // An installed app may stay open for days; it looks when somebody comes back to it.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') registration.update().catch(() => {});
  });
}

/** @param {ServiceWorker} waiting */
function offer(waiting) {
  const useIt = { label: 'Use it', run: () => waiting.postMessage('take over') };
  showToast('A new version of this page is ready.', useIt, { stays: true });
}
