// A feed: an event emitter that runs for a while. It can be cancelled, awaited for its result, and
// iterated with `for await`, whichever suits; changes, replications and syncs are feeds.
//
//   events      'change' for each value, then one of 'complete' with the result, or 'error'
//   promise     the same result or error; nobody has to look at it, as 'error' tells as well
//   iteration   the values of 'change'; leaving the loop cancels the feed; the error is thrown
//
// The one that runs the feed calls deliver(), then once complete() or fail().

import { withCallback } from './callback.js';
import { EventEmitter } from './event-emitter.js';

const noop = () => {};

export class Feed extends EventEmitter {
  /** @type {Promise<any>} */
  #outcome;
  /** @type {(result: any) => void} */
  #resolve = noop;
  /** @type {(error: unknown) => void} */
  #reject = noop;
  #isOver = false;

  /** @type {any[] | null} what the iteration hasn't fetched yet; null without an iteration */
  #unread = null;
  #wakeIteration = noop;
  #wakeProducer = noop;

  /**
   * @param {AbortSignal} [signal] cancels the feed
   * @param {import('./callback.js').Callback} [callback] called with the outcome
   */
  constructor(signal, callback) {
    super();
    this.#outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#outcome.catch(noop);
    withCallback(this.#outcome, callback);
    if (signal) this.#obey(signal);
  }

  /** Asks the one that runs the feed to end it. */
  cancel() {
    this.#wakeProducer();
  }

  get isOver() {
    return this.#isOver;
  }

  /** @param {any} value */
  deliver(value) {
    if (this.#unread) {
      this.#unread.push(value);
      this.#wakeIteration();
    }
    this.emit('change', value);
  }

  /** @param {any} result */
  complete(result) {
    if (this.#isOver) return;
    this.#end();
    this.#resolve(result);
    this.emit('complete', result);
  }

  /** @param {unknown} error */
  fail(error) {
    if (this.#isOver) return;
    this.#end();
    this.#reject(error);
    this.emit('error', error);
  }

  /**
   * Ends it with an error that does not come from the one that runs it.
   *
   * @param {unknown} error
   */
  abandon(error) {
    this.fail(error);
    this.cancel();
  }

  /** Whether anybody sees the values of 'change'. */
  get isWatched() {
    return this.#unread !== null || this.listenerCount('change') > 0;
  }

  /** Resolves when an iteration, if there is one, has read what was delivered; or on cancel(). */
  async caughtUp() {
    if (!this.#unread?.length) return;
    await new Promise((resolve) => (this.#wakeProducer = () => resolve(undefined)));
  }

  /**
   * @param {((result: any) => any) | null} [onResult]
   * @param {((error: any) => any) | null} [onError]
   */
  then(onResult, onError) {
    return this.#outcome.then(onResult, onError);
  }

  /** @param {((error: any) => any) | null} [onError] */
  catch(onError) {
    return this.#outcome.catch(onError);
  }

  /** @param {(() => void) | null} [onEnd] */
  finally(onEnd) {
    return this.#outcome.finally(onEnd);
  }

  [Symbol.asyncIterator]() {
    if (this.#unread) throw new TypeError('This feed is being iterated already');
    this.#unread = [];
    return this.#iterate();
  }

  async *#iterate() {
    try {
      do {
        while (this.#unread?.length) {
          for (const value of this.#unread.splice(0)) yield value;
        }
        this.#wakeProducer();
        if (!this.#isOver) {
          await new Promise((resolve) => (this.#wakeIteration = () => resolve(undefined)));
        }
      } while (this.#unread?.length || !this.#isOver);
      await this.#outcome;
    } finally {
      this.#unread = null;
      this.#wakeProducer();
      this.cancel();
    }
  }

  #end() {
    this.#isOver = true;
    this.#wakeIteration();
  }

  /** @param {AbortSignal} signal */
  #obey(signal) {
    const cancel = () => this.cancel();
    // After the constructor of the class that knows how to cancel.
    if (signal.aborted) queueMicrotask(cancel);
    else signal.addEventListener('abort', cancel);
    this.#outcome.then(noop, noop).then(() => signal.removeEventListener('abort', cancel));
  }
}
