// A listing: values that are read page by page, as they are asked for.
//
//   iteration   one value after another; what has been read is a page at most; leaving the loop
//               ends it
//   promise     an array of all of them
//
// It is read the one way or the other, and not before; one that does something beside reading (it
// writes) starts by itself, in the turn after the one that made it.

import { withCallback } from './callback.js';

const noop = () => {};

/** @template T */
export class Listing {
  #read;
  /** @type {Promise<T[]> | undefined} */
  #all;
  #isIterated = false;

  /**
   * @param {() => AsyncGenerator<T>} read
   * @param {{callback?: import('./callback.js').Callback, startsByItself?: boolean}} [options] a
   *   callback gets the array
   */
  constructor(read, { callback, startsByItself = false } = {}) {
    this.#read = read;
    if (callback) withCallback(this.#collect(), callback).catch(noop);
    else if (startsByItself) queueMicrotask(() => this.#isIterated || this.#collect().catch(noop));
  }

  async *[Symbol.asyncIterator]() {
    if (this.#all) return yield* await this.#all;
    if (this.#isIterated) throw new TypeError('This listing is being iterated already');
    this.#isIterated = true;
    yield* this.#read();
  }

  /**
   * @param {((all: T[]) => any) | null} [onAll]
   * @param {((error: any) => any) | null} [onError]
   */
  then(onAll, onError) {
    return this.#collect().then(onAll, onError);
  }

  /** @param {((error: any) => any) | null} [onError] */
  catch(onError) {
    return this.#collect().catch(onError);
  }

  /** @param {(() => void) | null} [onEnd] */
  finally(onEnd) {
    return this.#collect().finally(onEnd);
  }

  #collect() {
    if (this.#isIterated) throw new TypeError('This listing is being iterated already');
    this.#all ??= toArray(this.#read());
    return this.#all;
  }
}

/**
 * @template T
 * @param {AsyncIterable<T>} values
 */
async function toArray(values) {
  /** @type {T[]} */
  const all = [];
  for await (const value of values) all.push(value);
  return all;
}
