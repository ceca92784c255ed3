// Waits for something that others bring about in their own time.

import { setTimeout as sleep } from 'node:timers/promises';

// Long enough for a loaded machine: only a test that fails waits for it.
const kPatienceMs = 20_000;
const kPauseMs = 20;

/**
 * Repeats `check` until it doesn't throw; in the end it may.
 *
 * @template T
 * @param {() => T | Promise<T>} check
 * @returns {Promise<T>}
 */
export async function eventually(check) {
  for (const end = Date.now() + kPatienceMs; Date.now() < end; await sleep(kPauseMs)) {
    try {
      return await check();
    } catch {
      // Not yet.
    }
  }
  return check();
}
