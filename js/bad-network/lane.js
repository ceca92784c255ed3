// One direction of a link: bytes go over it one after another, at its rate, and each piece arrives
// some time after it has left. All requests share it: two downloads take turns, in pieces so small
// that a short answer doesn't wait for a long one.

import { setTimeout as sleep } from 'node:timers/promises';

const kPiecesPerSecond = 20; // of a full lane

export class Lane {
  #rate;
  #freeAt = 0;

  /** @param {() => number} rate bytes a second at present; 0: no limit */
  constructor(rate) {
    this.#rate = rate;
  }

  /**
   * Waits for its turn, and for the time that so many bytes take.
   *
   * @param {number} count
   * @param {AbortSignal} signal
   */
  async pass(count, signal) {
    const rate = this.#rate();
    if (rate === 0) return;
    this.#freeAt = Math.max(this.#freeAt, performance.now()) + (count / rate) * 1000;
    await until(this.#freeAt, signal);
  }

  /**
   * Carries a stream of bytes.
   *
   * @param {AsyncIterable<Uint8Array>} bytes
   * @param {number} latency milliseconds that each of them is on its way
   * @param {(piece: Uint8Array) => unknown} deliver called in order, one after another
   * @param {AbortSignal} signal ends it; what is on its way is gone
   */
  async carry(bytes, latency, deliver, signal) {
    /** @type {Promise<unknown>} */
    let arrived = Promise.resolve();
    for await (const chunk of bytes) {
      for (const piece of this.#pieces(chunk)) {
        await this.pass(piece.length, signal);
        const at = performance.now() + latency;
        arrived = arrived.then(() => until(at, signal)).then(() => deliver(piece));
        arrived.catch(() => {}); // it is thrown below
      }
    }
    await arrived;
  }

  /** @param {Uint8Array} chunk */
  *#pieces(chunk) {
    const rate = this.#rate();
    const size = rate === 0 ? chunk.length : Math.max(1, Math.ceil(rate / kPiecesPerSecond));
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
  }
}

/**
 * @param {number} at of performance.now()
 * @param {AbortSignal} signal
 */
export async function until(at, signal) {
  const rest = at - performance.now();
  if (rest > 0) await sleep(rest, undefined, { signal });
  else signal.throwIfAborted();
}
