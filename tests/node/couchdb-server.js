// A server that speaks CouchDB's HTTP API, for tests: express-pouchdb with its data in memory, in a
// process of its own (it prints every conflict); or, with COUCHDB_URL
// (http://admin:password@127.0.0.1:5984), the CouchDB that is there, in databases with names of
// their own, which are deleted at the end.

import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const kThisFile = fileURLToPath(import.meta.url);

/** Whether the tests run against a CouchDB, rather than something like it. */
export const isCouchDB = Boolean(process.env.COUCHDB_URL);

/**
 * @typedef {object} Server
 * @property {string} url with credentials if it needs them, no slash at the end
 * @property {(name?: string) => string} newDatabase address of a database that is not there yet
 * @property {() => Promise<void>} clear deletes the databases again
 */

/** @type {Promise<string> | undefined} */
let address;

/** @returns {Promise<Server>} one server for all who ask in this process */
export async function couchDB() {
  address ??= isCouchDB ? Promise.resolve(process.env.COUCHDB_URL) : startChild();
  const url = (await address).replace(/\/+$/, '');
  /** @type {string[]} */
  const names = [];
  return {
    url,
    newDatabase(name = 'test') {
      names.push(`couchlet-${name}-${randomUUID()}`);
      return `${url}/${names.at(-1)}`;
    },
    async clear() {
      await Promise.all(names.splice(0).map((name) => request('DELETE', `${url}/${name}`)));
    },
  };
}

/**
 * What somebody else does with the server, past couchlet: as curl does.
 *
 * @param {string} method
 * @param {string} address with credentials
 * @param {unknown} [body]
 */
export async function request(method, address, body) {
  const url = new URL(address);
  const { username, password } = url;
  url.username = url.password = '';
  const headers = { 'Content-Type': 'application/json' };
  if (username) {
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    headers.Authorization = `Basic ${btoa(login)}`;
  }
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  return response.json();
}

async function startChild() {
  const child = fork(kThisFile, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const [port] = await once(child, 'message');
  // It ends with this process, and doesn't keep it from ending.
  process.on('exit', () => child.kill());
  child.channel?.unref();
  child.unref();
  return `http://127.0.0.1:${port}`;
}

async function serve() {
  const { default: PouchDB } = await import('pouchdb');
  const { default: memory } = await import('pouchdb-adapter-memory');
  const { default: expressPouchdb } = await import('express-pouchdb');
  PouchDB.plugin(memory);
  const server = http.createServer(
    expressPouchdb(PouchDB.defaults({ adapter: 'memory' }), {
      mode: 'minimumForPouchDB',
      inMemoryConfig: true,
      logPath: path.join(os.tmpdir(), `couchlet-tests-${process.pid}.log`),
    }),
  );
  server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
  process.on('disconnect', () => process.exit());
}

if (process.argv[1] === kThisFile) await serve();
