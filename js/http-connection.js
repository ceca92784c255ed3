// HTTP to one database of a server that speaks CouchDB's API.
//
// Credentials in the address ("http://user:password@host/db", percent-encoded) are taken out of it
// at once and go into an Authorization header: no URL, error or log has them afterwards.

import { log } from './debug.js';
import { badRequest, CouchletError } from './errors.js';
import { Login } from './login.js';

// How much of an answer that isn't JSON an error message shows.
const kExcerptLength = 80;

/**
 * @typedef {object} HttpOptions
 * @property {import('./login.js').Auth} [auth]
 * @property {(url: string, init: RequestInit) => Promise<Response>} [fetch]
 */

/** @param {string} address */
function parseAddress(address) {
  try {
    const url = new URL(address, globalThis.location?.href);
    if (/^https?:$/.test(url.protocol)) return url;
  } catch {
    // The exception repeats the address, which may have a password in it.
  }
  throw badRequest('The address of a remote database looks like https://host/name');
}

/** @param {URL} url */
function credentialsOf(url) {
  if (!url.username) return undefined;
  return {
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/** @param {Record<string, any>} query */
function queryText(query) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  if (pairs.length === 0) return '';
  return `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

/**
 * Node's fetch takes bytes away when it sends them, and then can't follow a redirect.
 *
 * @param {BodyInit | null | undefined} body
 */
function repeatable(body) {
  const isNode = /** @type {any} */ (globalThis).process?.versions?.node !== undefined;
  return isNode && ArrayBuffer.isView(body) ? new Blob([body]) : body;
}

export class HttpConnection {
  #login;
  #fetch;

  /**
   * @param {string} address
   * @param {HttpOptions} options
   */
  constructor(address, { auth, fetch }) {
    const url = parseAddress(address);
    this.#login = new Login(auth ?? credentialsOf(url));
    this.#fetch = fetch ?? ((...request) => globalThis.fetch(...request));
    /** Of the database, without credentials and without a slash at the end. */
    this.url = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  }

  /**
   * As the global fetch, with credentials. `init.headers` is a Headers object for a custom fetch,
   * as with PouchDB. Cookies are sent where no other login is known, so that a session of the
   * server's works. After a 401 whoever has to know is asked how to log in now.
   *
   * @param {string} url
   * @param {RequestInit} [init]
   * @returns {Promise<Response>}
   */
  async fetch(url, init = {}) {
    const login = await this.#login.headers();
    const response = await this.#send(url, init, login);
    const isRepeatable = !(init.body instanceof ReadableStream);
    if (response.status !== 401 || !isRepeatable) return response;
    const next = await this.#login.refused(login);
    if (!next) return response;
    await response.body?.cancel();
    return this.#send(url, init, next);
  }

  /**
   * @param {string} url
   * @param {RequestInit} init
   * @param {Record<string, string>} login headers
   */
  #send(url, init, login) {
    const headers = new Headers(init.headers);
    if (!headers.has('Accept')) headers.set('Accept', 'application/json');
    for (const [name, value] of Object.entries(login)) {
      if (!headers.has(name)) headers.set(name, value);
    }
    log('couchlet:http', init.method ?? 'GET', url);
    const credentials = Object.keys(login).length > 0 ? 'same-origin' : 'include';
    return this.#fetch(url, { credentials, ...init, headers, body: repeatable(init.body) });
  }

  /**
   * The same connection, whose requests are given up with the signal.
   *
   * @param {AbortSignal} signal
   */
  obeying(signal) {
    /** @type {HttpOptions['fetch']} */
    const fetch = (url, init) => this.#fetch(url, { signal, ...init });
    const same = new HttpConnection(this.url, { fetch });
    same.#login = this.#login;
    return same;
  }

  /**
   * The URL of something in the database.
   *
   * @param {string} path '' or one that begins with '/'
   * @param {Record<string, any>} query members that are undefined or null are left out
   */
  resource(path, query) {
    return `${this.url}${path}${queryText(query)}`;
  }
}

/**
 * The body, or a network error where the connection breaks in the middle of it.
 *
 * @param {Response} response
 * @param {{read: (response: Response) => Promise<string>}} [reader]
 */
export async function textOf(response, reader) {
  try {
    return reader ? await reader.read(response) : await response.text();
  } catch (cause) {
    throw networkError(response.url, cause);
  }
}

/**
 * The answer's JSON. Anything else is an error: CouchDB's, or one that says what came instead.
 *
 * @param {Response} response
 * @param {string} text its body
 */
export function parseAnswer(response, text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw notJson(response, text);
  }
  if (response.ok) return answer;
  throw CouchletError.fromJSON(answer ?? {}, response.status);
}

/**
 * @param {Response} response
 * @param {string} text
 */
function notJson(response, text) {
  const where = new URL(response.url || 'http://unknown/');
  const address = `${where.origin}${where.pathname}`;
  const type = response.headers.get('content-type') ?? 'no content type';
  const what = text === '' ? 'an empty body' : `${type}: ${text.slice(0, kExcerptLength)}`;
  const reason =
    `${address} answered ${response.status} with ${what}\n` +
    'That is not JSON: is this the address of a CouchDB database?';
  if (response.ok) return new CouchletError(502, 'bad_response', reason);
  return CouchletError.fromJSON({ reason }, response.status);
}

/**
 * What a request that brought no answer becomes: status 0, 'network'.
 *
 * @param {string} url
 * @param {unknown} cause
 */
export function networkError(url, cause) {
  if (cause instanceof CouchletError) return cause;
  const { message, cause: deeper } = /** @type {Error} */ (cause);
  const detail = /** @type {any} */ (deeper)?.code ?? message;
  const reason = `No answer from ${url.split('?', 1)[0]}: ${detail}`;
  return new CouchletError(0, 'network', reason, { cause });
}
