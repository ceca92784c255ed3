// The part of Node's EventEmitter that PouchDB documents. Listeners are called in the order in
// which they came, those there when emit begins. A listener that throws doesn't keep the others
// from being called, nor disturb whoever emits: its exception becomes an uncaught error. An 'error'
// event that nobody listens to is no exception here: what fails is also a promise that rejects.

import { throwUncaught } from './callback.js';

/** @typedef {(...values: any[]) => void} Listener */
/** @typedef {{listener: Listener, once: boolean}} Registration */

// Node's, where a warning begins.
const kDefaultMaxListeners = 10;

export class EventEmitter {
  /** @type {Map<string | symbol, Registration[]>} */
  #registrations = new Map();
  #maxListeners = kDefaultMaxListeners;

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  on(event, listener) {
    return this.#add(event, listener, false);
  }

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  addListener(event, listener) {
    return this.#add(event, listener, false);
  }

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  once(event, listener) {
    return this.#add(event, listener, true);
  }

  /**
   * Takes away the newest registration of `listener`.
   *
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  off(event, listener) {
    const registrations = this.#registered(event).filter((one) => one.listener === listener);
    if (registrations.length > 0) this.#remove(event, registrations[registrations.length - 1]);
    return this;
  }

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   */
  removeListener(event, listener) {
    return this.off(event, listener);
  }

  /** @param {string | symbol} [event] all events without it */
  removeAllListeners(event) {
    if (event === undefined) this.#registrations.clear();
    else this.#registrations.delete(event);
    return this;
  }

  // Any number of listeners is all right here, but apps that were written for Node's say how many.

  /** @param {number} count */
  setMaxListeners(count) {
    this.#maxListeners = count;
    return this;
  }

  getMaxListeners() {
    return this.#maxListeners;
  }

  /** @returns {(string | symbol)[]} that have listeners */
  eventNames() {
    return [...this.#registrations.keys()].filter((event) => this.listenerCount(event) > 0);
  }

  /** @param {string | symbol} event */
  listenerCount(event) {
    return this.#registered(event).length;
  }

  /**
   * @param {string | symbol} event
   * @returns {Listener[]}
   */
  listeners(event) {
    return this.#registered(event).map(({ listener }) => listener);
  }

  /**
   * @param {string | symbol} event
   * @param {...any} values
   * @returns {boolean} whether there was a listener
   */
  emit(event, ...values) {
    const called = this.#registered(event);
    for (const registration of called) {
      if (registration.once) this.#remove(event, registration);
      try {
        registration.listener.apply(this, values);
      } catch (exception) {
        throwUncaught(exception);
      }
    }
    return called.length > 0;
  }

  // Lists are replaced, never changed, so that emit goes on over the one it began with.

  /** @param {string | symbol} event */
  #registered(event) {
    return this.#registrations.get(event) ?? [];
  }

  /**
   * @param {string | symbol} event
   * @param {Listener} listener
   * @param {boolean} once
   */
  #add(event, listener, once) {
    if (typeof listener !== 'function') throw new TypeError('The listener must be a function');
    this.#registrations.set(event, [...this.#registered(event), { listener, once }]);
    return this;
  }

  /**
   * @param {string | symbol} event
   * @param {Registration} removed
   */
  #remove(event, removed) {
    this.#registrations.set(
      event,
      this.#registered(event).filter((registration) => registration !== removed),
    );
  }
}
