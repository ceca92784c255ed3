// Tells a replication of writes to the local database that it reads: here, in another tab, or by
// another replication. A burst of them is told once, a moment after its beginning; and a listener that
// takes long at its work is told less often, so that who writes much is not held up by it.

import { EngineDatabase } from './engine.js';

const kMomentMs = 100;

// Of the time, the share that a listener's work may take: counting 100,000 changes takes 180 ms.
const kMostShare = 1 / 20;

/**
 * @param {unknown} side of a replication
 * @param {() => unknown} listener may answer with a promise, until when it is at work
 * @returns {() => void} ends it
 */
export function onLocalWrites(side, listener) {
  if (!(side instanceof EngineDatabase)) return () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} set until the listener has done its work */
  let timer;
  let moment = kMomentMs;
  let isToBeTold = false;
  const tell = async () => {
    const began = performance.now();
    isToBeTold = false;
    await listener();
    moment = Math.max(kMomentMs, (performance.now() - began) / kMostShare);
    timer = undefined;
    if (isToBeTold) noteWrite();
  };
  const noteWrite = () => {
    isToBeTold = true;
    timer ??= setTimeout(tell, moment);
  };
  const stop = side.onChange(noteWrite);
  return () => {
    clearTimeout(timer);
    stop();
    isToBeTold = false;
  };
}
