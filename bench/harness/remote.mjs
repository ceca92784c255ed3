// The measuring process's side of server.mjs: starts it, counts what a measurement made it do, and
// makes the CouchDB databases that are replicated with.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../scripts/command.mjs';
import { makeDocuments } from '../page/documents.js';

/** @typedef {import('./server.mjs').Counts} Counts */

const kServer = fileURLToPath(new URL('server.mjs', import.meta.url));
const kDatabasePrefix = 'couchlet-bench-';
const kBatch = 1000;

/**
 * @param {object} options
 * @param {string} options.dist
 * @param {string} [options.against]
 * @param {string} [options.couchdbUrl]
 */
export async function startServer({ dist, against, couchdbUrl }) {
  const { url, authorization } = splitCredentials(couchdbUrl);
  const child = fork(kServer, [dist, against ?? '', url, authorization]);
  const [{ port }] = await once(child, 'message');
  return new Server(child, port);
}

/** A server of one run. */
class Server {
  #child;
  #port;
  /** @type {Set<string>} */
  #databases = new Set();

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {number} port
   */
  constructor(child, port) {
    this.#child = child;
    this.#port = port;
  }

  /** Where links lead to. */
  get port() {
    return this.#port;
  }

  /**
   * An origin of this server. A browser keeps what different origins store apart.
   *
   * @param {string} name
   */
  origin(name) {
    return `http://${name}.localhost:${this.#port}`;
  }

  /** @returns {Promise<Counts>} since it was started */
  async counts() {
    const answer = once(this.#child, 'message');
    this.#child.send('counts');
    return (await answer)[0];
  }

  /**
   * Makes a fresh CouchDB database that holds the first `count` documents.
   *
   * @param {string} name
   * @param {number} count
   * @returns {Promise<string>} its path, at every origin
   */
  async makeDatabase(name, count) {
    const databasePath = `/db/${kDatabasePrefix}${name}`;
    await this.removeDatabase(databasePath);
    await send(this.#url(databasePath), 'PUT');
    this.#databases.add(databasePath);
    await this.write(databasePath, makeDocuments(count));
    return databasePath;
  }

  /**
   * @param {string} databasePath
   * @param {import('../page/documents.js').BenchDocument[]} documents
   */
  async write(databasePath, documents) {
    for (let start = 0; start < documents.length; start += kBatch) {
      const docs = documents.slice(start, start + kBatch);
      await send(`${this.#url(databasePath)}/_bulk_docs`, 'POST', { docs });
    }
  }

  /**
   * @param {string} databasePath
   * @returns {Promise<import('../page/documents.js').BenchDocument[]>} all
   */
  async read(databasePath) {
    const url = `${this.#url(databasePath)}/_all_docs?include_docs=true`;
    const { rows } = JSON.parse(await send(url, 'GET'));
    return rows.map((/** @type {any} */ row) => row.doc);
  }

  /** @param {string} databasePath */
  async removeDatabase(databasePath) {
    this.#databases.delete(databasePath);
    await send(this.#url(databasePath), 'DELETE', undefined, [404]);
  }

  async close() {
    for (const it of [...this.#databases]) await this.removeDatabase(it);
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  /** @param {string} databasePath */
  #url(databasePath) {
    return `http://127.0.0.1:${this.#port}${databasePath}`;
  }
}

/**
 * @param {string} url
 * @param {string} method
 * @param {unknown} [body]
 * @param {number[]} [alsoGood] statuses
 */
async function send(url, method, body, alsoGood = []) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (response.ok || alsoGood.includes(response.status)) return text;
  throw new Failure(`${method} ${url} answers ${response.status} ${text}`);
}

/** @param {string} [couchdbUrl] */
function splitCredentials(couchdbUrl) {
  if (!couchdbUrl) return { url: '', authorization: '' };
  const url = new URL(couchdbUrl.endsWith('/') ? couchdbUrl : `${couchdbUrl}/`);
  const { username, password } = url;
  url.username = url.password = '';
  if (!username) return { url: url.href, authorization: '' };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url: url.href, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
