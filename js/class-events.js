// What the class itself emits, whichever of its databases it concerns: 'created' and 'destroyed',
// with the database's name. Classes that are derived from it tell the same.

import { EventEmitter } from './event-emitter.js';

/** @typedef {'created' | 'destroyed'} ClassEvent */
/** @typedef {(name: string) => void} ClassListener */

export const classEvents = new EventEmitter();

/** A class of event emitters that is one itself. */
export class EmittingClass extends EventEmitter {
  /**
   * @param {ClassEvent} event
   * @param {ClassListener} listener
   */
  static on(event, listener) {
    classEvents.on(event, listener);
    return this;
  }

  /**
   * @param {ClassEvent} event
   * @param {ClassListener} listener
   */
  static addListener(event, listener) {
    return this.on(event, listener);
  }

  /**
   * @param {ClassEvent} event
   * @param {ClassListener} listener
   */
  static once(event, listener) {
    classEvents.once(event, listener);
    return this;
  }

  /**
   * @param {ClassEvent} event
   * @param {ClassListener} listener
   */
  static off(event, listener) {
    classEvents.off(event, listener);
    return this;
  }

  /**
   * @param {ClassEvent} event
   * @param {ClassListener} listener
   */
  static removeListener(event, listener) {
    return this.off(event, listener);
  }

  /** @param {ClassEvent} [event] all events without it */
  static removeAllListeners(event) {
    classEvents.removeAllListeners(event);
    return this;
  }

  /** @param {ClassEvent} event */
  static listeners(event) {
    return classEvents.listeners(event);
  }

  /** @param {ClassEvent} event */
  static listenerCount(event) {
    return classEvents.listenerCount(event);
  }

  /** @param {number} count */
  static setMaxListeners(count) {
    classEvents.setMaxListeners(count);
    return this;
  }

  /**
   * @param {ClassEvent} event
   * @param {string} name
   */
  static emit(event, name) {
    return classEvents.emit(event, name);
  }
}
