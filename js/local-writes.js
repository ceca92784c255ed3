// Tells a replication of writes to the local database that it reads: here, in another tab, or by
// another replication. A burst of them is told once, a moment after its beginning.

import { EngineDatabase } from './engine.js';

const kMomentMs = 100;

/**
 * @param {unknown} side of a replication
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function onLocalWrites(side, listener) {
  if (!(side instanceof EngineDatabase)) return () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const stop = side.onChange(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      listener();
    }, kMomentMs);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
