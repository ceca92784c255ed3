// A database on a server that speaks CouchDB's HTTP API, with the same calls as a LocalDatabase.
//
// It is created by the first request that finds it missing (unless skip_setup), so that nothing is
// asked ahead of a first request, which is then repeated.

import {
  documentsOfBulkGet,
  documentsOfGet,
  documentsOfRows,
  putBinariesIn,
  textWithBase64,
} from './attachments.js';
import { badRequest, CouchletError, notImplemented } from './errors.js';
import { HttpConnection, networkError, parseAnswer, textOf } from './http-connection.js';
import { stringify } from './json.js';
import { Watchdog } from './watchdog.js';

// How often an idle longpoll is told that the connection stands (PouchDB's default), and how many
// such beats may be missed before the connection is given up.
const kHeartbeatMs = 10_000;
const kMissedBeats = 3;

// How often a server is asked whether it still compacts (PouchDB's default).
const kCompactPollMs = 200;

/** @typedef {import('./http-connection.js').HttpOptions} HttpOptions */
/** @typedef {import('./local-database.js').WriteOptions} WriteOptions */

/**
 * Design and local documents keep the slash after their prefix.
 *
 * @param {string} id
 */
function pathOfDocument(id) {
  const [, prefix = '', rest = ''] = /^(_design\/|_local\/)?(.*)$/su.exec(id) ?? [];
  try {
    return `/${prefix}${encodeURIComponent(rest)}`;
  } catch {
    throw badRequest('Document id must be valid Unicode: it has half of a surrogate pair');
  }
}

/**
 * Every URL parser takes these for steps in the path, percent-encoded or not, so no URL can name
 * such a document: a request for it would reach the database itself, or the server.
 *
 * @param {string} id
 */
const isPathStep = (id) => id === '.' || id === '..';

/**
 * @param {string} id
 * @param {string} name
 */
function pathOfAttachment(id, name) {
  if (isPathStep(id) || isPathStep(name)) {
    throw badRequest(`The attachment '${name}' of document '${id}' can't be reached by a URL`);
  }
  return `${pathOfDocument(id)}/${encodeURIComponent(name)}`;
}

/** @param {any} document */
async function textOfDocument(document) {
  const array = await textWithBase64([document]);
  return array.slice(1, -1);
}

/**
 * An edit of a revision that needn't be a leaf: a server takes it as if it had been made elsewhere.
 *
 * @param {any} document
 */
function branchOf(document) {
  const [, generation, hash] = /^(\d+)-(.+)$/.exec(document._rev) ?? [];
  if (!hash) throw badRequest('Invalid rev format');
  const start = Number(generation) + 1;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ...document, _rev: `${start}-${id}`, _revisions: { start, ids: [id, hash] } };
}

/** @param {Record<string, any>} options values that travel as JSON text */
function withJsonKeys(options) {
  const query = { ...options };
  for (const name of ['key', 'startkey', 'endkey', 'start_key', 'end_key']) {
    if (query[name] !== undefined) query[name] = stringify(query[name]);
  }
  return query;
}

/**
 * @param {string} method
 * @param {string | undefined} body JSON text
 * @returns {RequestInit}
 */
function withBody(method, body) {
  if (body === undefined) return { method };
  return { method, body, headers: { 'Content-Type': 'application/json' } };
}

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @param {Response} response with status 404 */
async function saysDatabaseIsMissing(response) {
  try {
    const { reason } = await response.json();
    return reason === 'Database does not exist.' || reason === 'no_db_file';
  } catch {
    return false;
  }
}

export class RemoteDatabase {
  adapter = /** @type {const} */ ('http');
  #connection;
  #exists; // as far as we know
  /** @type {Promise<Response> | null} that is under way: one for all calls that wait */
  #creation = null;
  #onOpen;

  /**
   * @param {string} address
   * @param {HttpOptions & {skip_setup?: boolean}} options
   * @param {() => void} onOpen called when the database is found or made
   */
  constructor(address, options, onOpen) {
    this.#connection = new HttpConnection(address, options);
    this.#exists = options.skip_setup === true;
    this.#onOpen = onOpen;
    this.name = this.#connection.url;
  }

  /**
   * Of the server, if it says one, and the database; else the address.
   *
   * @returns {Promise<string>}
   */
  async id() {
    const [, root, name] = /** @type {string[]} */ (/^(.*\/)(.*)$/.exec(this.name));
    try {
      const response = await this.#connection.fetch(root);
      const { uuid } = await response.json();
      if (typeof uuid === 'string') return `${uuid}${name}`;
    } catch {
      // A proxy may show databases only.
    }
    return this.name;
  }

  /**
   * @param {any} document
   * @param {WriteOptions} [options]
   */
  async post(document, options = {}) {
    const isWhole = document._id !== undefined && (options.force || options.new_edits === false);
    if (isWhole) return this.put(document._id, document, options);
    return this.#json('POST', '', { body: await textOfDocument(document) });
  }

  /**
   * @param {string} id
   * @param {any} document
   * @param {WriteOptions} [options]
   */
  async put(id, document, { force, new_edits } = {}) {
    const isLocal = id.startsWith('_local/');
    if (force && document._rev !== undefined && !isLocal) return this.#merge(branchOf(document));
    if (new_edits === false && !isLocal) return this.#merge(document);
    const text = await textOfDocument(document);
    if (isPathStep(id)) return this.#putByBulk(text);
    return this.#json('PUT', pathOfDocument(id), { body: text });
  }

  /**
   * @param {string} id
   * @param {string | undefined} rev
   */
  async remove(id, rev) {
    if (isPathStep(id)) return this.put(id, { _id: id, _rev: rev, _deleted: true });
    return this.#json('DELETE', pathOfDocument(id), { query: { rev } });
  }

  /**
   * @param {object[]} documents
   * @param {{new_edits: boolean, all_or_nothing?: boolean}} options
   */
  async bulkDocs(documents, { new_edits: newEdits, all_or_nothing: isAtomic }) {
    if (isAtomic) throw notImplemented('all_or_nothing is for local databases');
    const docs = await textWithBase64(documents);
    return this.#bulk(newEdits ? `{"docs":${docs}}` : `{"docs":${docs},"new_edits":false}`);
  }

  /**
   * @param {string} id
   * @param {Record<string, any>} options
   */
  async get(id, options) {
    if (isPathStep(id)) return this.#getByBulk(id, options);
    const { open_revs: leaves, binary, ...query } = options;
    if (leaves) query.open_revs = leaves === 'all' ? leaves : stringify(leaves);
    const answer = await this.#json('GET', pathOfDocument(id), { query });
    if (binary) await putBinariesIn(documentsOfGet(answer));
    return answer;
  }

  /** @param {Record<string, any>} options */
  async allDocs({ keys, binary, ...options }) {
    const query = withJsonKeys(options);
    const answer =
      keys === undefined
        ? await this.#json('GET', '/_all_docs', { query })
        : await this.#json('POST', '/_all_docs', { query, body: stringify({ keys }) });
    if (binary) await putBinariesIn(documentsOfRows(answer));
    return answer;
  }

  /**
   * One page. A longpoll that is aborted, or whose connection has fallen silent, is an empty page.
   *
   * @param {Record<string, any>} options
   * @param {AbortSignal} signal
   */
  async changes(options, signal) {
    const query = { ...options };
    // A longpoll that breaks off must not forget which 'now' was meant.
    if (options.since === 'now') delete query.feed;
    const watchdog = new Watchdog(signal);
    if (query.timeout === false) delete query.timeout; // PouchDB's way to say "no limit"
    if (query.feed === 'longpoll') {
      query.heartbeat ??= kHeartbeatMs;
      if (query.heartbeat) watchdog.allowSilence(query.heartbeat * kMissedBeats);
    }
    if (query.heartbeat === false) delete query.heartbeat;
    try {
      return await this.#changesPage(query, watchdog);
    } catch (error) {
      if (!watchdog.signal.aborted) throw error;
      return { results: [], last_seq: options.since };
    } finally {
      watchdog.end();
    }
  }

  /** @param {Record<string, string[]>} revisions */
  revsDiff(revisions) {
    return this.#json('POST', '/_revs_diff', { body: stringify(revisions) });
  }

  /**
   * @param {object[]} docs
   * @param {Record<string, any>} options
   */
  async bulkGet(docs, { binary, ...query }) {
    const answer = await this.#json('POST', '/_bulk_get', { query, body: stringify({ docs }) });
    if (binary) await putBinariesIn(documentsOfBulkGet(answer));
    return answer;
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string | undefined} rev
   * @param {Blob} blob
   * @param {string} type
   */
  async putAttachment(id, name, rev, blob, type) {
    const url = this.#connection.resource(pathOfAttachment(id, name), { rev });
    const headers = { 'Content-Type': type };
    const response = await this.#send(url, { method: 'PUT', body: blob, headers });
    return parseAnswer(response, await textOf(response));
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string | undefined} rev
   */
  async removeAttachment(id, name, rev) {
    return this.#json('DELETE', pathOfAttachment(id, name), { query: { rev } });
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {{rev?: string}} options
   * @returns {Promise<Blob>}
   */
  async getAttachment(id, name, { rev }) {
    const url = this.#connection.resource(pathOfAttachment(id, name), { rev });
    const response = await this.#send(url, { headers: { Accept: '*/*' } });
    if (!response.ok) return parseAnswer(response, await textOf(response));
    try {
      return await response.blob();
    } catch (cause) {
      throw networkError(url, cause);
    }
  }

  /**
   * Asks the server, and waits until it has done it.
   *
   * @param {{interval?: number}} options
   */
  async compact({ interval = kCompactPollMs }) {
    await this.#json('POST', '/_compact', { body: '{}' });
    while ((await this.#json('GET', '')).compact_running) await sleep(interval);
    return { ok: true };
  }

  /** @returns {Promise<never>} */
  async purge() {
    throw notImplemented('purge is for local databases; a server has its own, _purge');
  }

  /** @returns {Promise<never>} */
  async repair() {
    throw notImplemented('repair is for local databases');
  }

  async info() {
    const info = await this.#json('GET', '');
    return { ...info, adapter: this.adapter, host: `${this.name}/` };
  }

  async close() {}

  async destroy() {
    const response = await this.#send(this.name, { method: 'DELETE' }, this.#connection);
    if (response.status === 404) return { ok: true };
    return parseAnswer(response, await textOf(response));
  }

  /** @returns {Promise<never>} */
  async conflicts() {
    throw notImplemented('A server is asked by its changes feed');
  }

  /** @returns {never} */
  get validators() {
    throw notImplemented('validate is for local databases; a server has its design documents');
  }

  /**
   * Makes a call whose requests are given up when the signal is aborted.
   *
   * @template T
   * @param {AbortSignal} signal
   * @param {(database: RemoteDatabase) => Promise<T>} call
   * @returns {Promise<T>}
   */
  obeying(signal, call) {
    const options = { skip_setup: this.#exists };
    const same = new RemoteDatabase(this.name, options, () => this.#isKnownToExist());
    same.#connection = this.#connection.obeying(signal);
    return call(same);
  }

  /** What startReplication takes. */
  async peer() {
    return { url: this.name, fetch: this.#creating.fetch };
  }

  /** @param {string} body */
  #bulk(body) {
    return this.#json('POST', '/_bulk_docs', { body });
  }

  /** @param {any} document that brings its revision */
  async #merge(document) {
    const [refusal] = await this.bulkDocs([document], { new_edits: false });
    if (refusal?.error) throw CouchletError.fromJSON(refusal);
    return { ok: true, id: document._id, rev: document._rev };
  }

  /** @param {string} text */
  async #putByBulk(text) {
    const [entry] = await this.#bulk(`{"docs":[${text}]}`);
    if (entry.error) throw CouchletError.fromJSON(entry);
    return entry;
  }

  /**
   * @param {string} id
   * @param {Record<string, any>} options
   */
  async #getByBulk(id, { rev, revs, ...others }) {
    const unanswerable = Object.keys(others).find((name) => others[name]);
    if (unanswerable) throw badRequest(`The document '${id}' can't be asked for '${unanswerable}'`);
    const { results } = await this.bulkGet([{ id, rev }], { revs });
    const { ok, error } = results[0].docs[0];
    if (ok) return ok;
    throw CouchletError.fromJSON(error ?? { error: 'not_found', reason: 'missing' });
  }

  /**
   * @param {Record<string, any>} options
   * @param {Watchdog} watchdog
   */
  async #changesPage({ since, doc_ids, selector, query_params, binary, ...options }, watchdog) {
    const query = { ...query_params, ...options, since };
    if (typeof since !== 'string') query.since = stringify(since ?? undefined);
    /** @type {RequestInit} */
    const init = { signal: watchdog.signal };
    if (doc_ids !== undefined) {
      query.filter = '_doc_ids';
      Object.assign(init, withBody('POST', stringify({ doc_ids })));
    } else if (selector !== undefined) {
      query.filter = '_selector';
      Object.assign(init, withBody('POST', stringify({ selector })));
    } else if (options.view !== undefined) {
      query.filter = '_view';
    }
    const response = await this.#send(this.#connection.resource('/_changes', query), init);
    const page = parseAnswer(response, await textOf(response, watchdog));
    if (binary) await putBinariesIn(documentsOfRows(page));
    return page;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {{query?: Record<string, any>, body?: string}} [request]
   */
  async #json(method, path, { query = {}, body } = {}) {
    const url = this.#connection.resource(path, query);
    const response = await this.#send(url, withBody(method, body));
    return parseAnswer(response, await textOf(response));
  }

  /**
   * @param {string} url
   * @param {RequestInit} init
   * @param {{fetch: HttpConnection['fetch']}} [through]
   */
  async #send(url, init, through = this.#creating) {
    try {
      return await through.fetch(url, init);
    } catch (cause) {
      throw networkError(url, cause);
    }
  }

  /** Sends a request; where the answer is that there is no such database, makes it and repeats. */
  #creating = {
    /**
     * @param {string} url
     * @param {RequestInit} [init]
     */
    fetch: async (url, init) => {
      const existed = this.#exists; // another request may make it while this one is under way
      const response = await this.#connection.fetch(url, init);
      if (existed) return response;
      if (response.status === 404 && (await saysDatabaseIsMissing(response.clone()))) {
        const creation = await this.#create();
        const isThere = creation.ok || creation.status === 412; // 412: somebody else was faster
        if (!isThere) return creation;
        this.#isKnownToExist();
        return this.#connection.fetch(url, init);
      }
      if (response.ok) this.#isKnownToExist();
      return response;
    },
  };

  async #create() {
    this.#creation ??= this.#connection.fetch(this.name, { method: 'PUT' });
    try {
      return (await this.#creation).clone();
    } finally {
      this.#creation = null; // what was refused may be allowed the next time
    }
  }

  #isKnownToExist() {
    if (!this.#exists) this.#onOpen();
    this.#exists = true;
  }
}
