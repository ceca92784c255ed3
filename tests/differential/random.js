// A sequence of numbers that a seed decides (Marsaglia's xorshift, 32 bits).

export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    // Seeds that are neighbours must not begin alike; 0 is the one state that xorshift can't leave.
    this.#state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bf03635) >>> 0 || 1;
    for (let i = 0; i < 8; i += 1) this.#next();
  }

  /** @param {number} count */
  below(count) {
    return this.#next() % count;
  }

  /** @param {number} probability */
  chance(probability) {
    return this.#next() < probability * 2 ** 32;
  }

  /**
   * @template T
   * @param {readonly T[]} list
   * @returns {T}
   */
  pick(list) {
    return list[this.below(list.length)];
  }

  #next() {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }
}
