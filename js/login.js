// How a remote database is logged in to: with a name and a password, with headers of the app's, or
// by asking the app. It is asked before the first request, and again when the server answers 401:
// a token has expired, say, or a session has ended. Requests that fail together ask once.

import { badRequest } from './errors.js';

/** @typedef {{username: string, password: string}} Password */
/** @typedef {{headers: Record<string, string>}} OwnHeaders */
/** @typedef {Password | OwnHeaders | null | undefined | void} Answer nothing: there is no way in */
/** @typedef {(refused: {again: boolean}) => Answer | Promise<Answer>} Ask */
/** @typedef {Password | OwnHeaders | Ask} Auth */
/** @typedef {Record<string, string>} Headers */

/**
 * Basic authentication, in UTF-8 (RFC 7617).
 *
 * @param {Password} password
 */
function basicAuthorization({ username, password }) {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/**
 * @param {Answer} answer
 * @returns {Headers}
 */
function headersOf(answer) {
  if (!answer) return {};
  if ('headers' in answer && answer.headers) return { ...answer.headers };
  if ('username' in answer) return { Authorization: basicAuthorization(answer) };
  throw badRequest("'auth' is {username, password}, {headers}, or a function that answers so");
}

export class Login {
  #ask;
  /** @type {Promise<Headers> | undefined} what is known, or being asked for */
  #headers;

  /** @param {Auth | undefined} auth */
  constructor(auth) {
    if (typeof auth === 'function') this.#ask = auth;
    else this.#headers = Promise.resolve(headersOf(auth));
  }

  /** @returns {Promise<Headers>} */
  headers() {
    return (this.#headers ??= this.#question(false));
  }

  /**
   * The server didn't want these.
   *
   * @param {Headers} refused
   * @returns {Promise<Headers | undefined>} others; nothing if there are none
   */
  async refused(refused) {
    if (!this.#ask) return undefined;
    const present = await this.headers();
    // Somebody else has asked meanwhile.
    if (present !== refused) return present;
    this.#headers = this.#question(true);
    const next = await this.#headers;
    return Object.keys(next).length > 0 ? next : undefined;
  }

  /** @param {boolean} again @returns {Promise<Headers>} */
  async #question(again) {
    try {
      return headersOf(await this.#ask?.({ again }));
    } catch (error) {
      this.#headers = undefined; // the next request asks anew
      throw error;
    }
  }
}
