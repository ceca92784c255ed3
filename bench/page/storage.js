// What the browser has stored for this page's origin.

const kCalmMs = 2000;
const kMostMs = 120_000;

/** @param {number} milliseconds */
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** In bytes, logs of IndexedDB's own included. */
async function usedBytes() {
  const { usage = 0 } = await navigator.storage.estimate();
  return usage;
}

/** The same, as soon as it doesn't change any more: after what a store does in the background. */
export async function calmBytes() {
  let bytes = await usedBytes();
  const start = performance.now();
  for (let since = start; performance.now() - since < kCalmMs; ) {
    if (performance.now() - start > kMostMs) throw new Error('its size on disk changes for ever');
    await sleep(100);
    const now = await usedBytes();
    if (now !== bytes) since = performance.now();
    bytes = now;
  }
  return bytes;
}
