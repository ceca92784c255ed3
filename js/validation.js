// validate_doc_update functions that an app registers: (newDoc, oldDoc, userCtx, secObj), as in
// CouchDB's design documents. One refuses a write by throwing {forbidden: reason} or {unauthorized:
// reason}; whatever else it throws is a failure of its own, and refuses the write as well.

import { badRequest, CouchletError } from './errors.js';

/** @typedef {(newDoc: any, oldDoc: any, userCtx: any, secObj: any) => unknown} Validate */
/** @typedef {object | (() => object)} Given the value, or what answers with the one of now */
/** @typedef {{userCtx?: Given, secObj?: Given}} Options */

/** @param {any} given */
const valueOf = (given) => (typeof given === 'function' ? given() : given);

/** @param {any} document */
const copyOf = (document) => JSON.parse(JSON.stringify(document));

/**
 * As CouchDB answers.
 *
 * @param {any} thrown
 */
function refusalOf(thrown) {
  const { forbidden, unauthorized } = Object(thrown);
  if (forbidden !== undefined) return new CouchletError(403, 'forbidden', textOf(forbidden));
  if (unauthorized !== undefined) {
    return new CouchletError(401, 'unauthorized', textOf(unauthorized));
  }
  const reason = `A validation function failed: ${thrown?.message ?? textOf(thrown)}`;
  return new CouchletError(500, 'validation_failed', reason, { cause: thrown });
}

/** @param {any} reason */
const textOf = (reason) => (typeof reason === 'string' ? reason : JSON.stringify(reason));

export class Validators {
  /** @type {Set<{validate: Validate, options: Options}>} */
  #all = new Set();
  #defaultUser;

  /** @param {string} name of the database */
  constructor(name) {
    this.#defaultUser = { db: name, name: null, roles: [] };
  }

  get isEmpty() {
    return this.#all.size === 0;
  }

  /**
   * @param {any} validate
   * @param {Options} [options]
   * @returns {() => void} takes it away again
   */
  add(validate, options = {}) {
    if (typeof validate !== 'function') throw badRequest('validate(fn) needs a function');
    const entry = { validate, options };
    this.#all.add(entry);
    return () => this.#all.delete(entry);
  }

  /**
   * Asks all of them, in their order; each gets a copy.
   *
   * @param {any} newDoc
   * @param {any} oldDoc null for a new one
   * @returns {Promise<CouchletError | undefined>} the first refusal
   */
  async refusal(newDoc, oldDoc) {
    for (const { validate, options } of this.#all) {
      const userCtx = { ...this.#defaultUser, ...valueOf(options.userCtx) };
      const secObj = valueOf(options.secObj) ?? {};
      try {
        await validate(copyOf(newDoc), copyOf(oldDoc), userCtx, secObj);
      } catch (thrown) {
        return refusalOf(thrown);
      }
    }
    return undefined;
  }
}
