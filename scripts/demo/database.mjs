// The server that the demo's pages replicate with: express-pouchdb in this process, with its data
// in a folder, or a CouchDB somewhere else, through a proxy that adds the password. Either way it
// answers under /db/, and has one database for each page.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import expressPouchdb from 'express-pouchdb';
import PouchDB from 'pouchdb';
import { Failure } from '../command.mjs';
import { proxyTo } from './proxy.mjs';

export const kDatabases = ['notes', 'shopping', 'expenses'];

/** @typedef {import('node:http').RequestListener} RequestListener */
/**
 * @typedef {object} DemoDatabase
 * @property {RequestListener} handler for what comes after /db
 * @property {string} description where the data is
 * @property {() => Promise<void>} close
 */

/**
 * @param {{couchdbUrl: string | undefined, couchdbPrefix: string, folder: string}} where
 * @returns {Promise<DemoDatabase>}
 */
export function openDatabase({ couchdbUrl, couchdbPrefix, folder }) {
  return couchdbUrl ? useCouchdb(couchdbUrl, couchdbPrefix) : openFolder(folder);
}

/** @param {string} folder */
async function openFolder(folder) {
  await mkdir(folder, { recursive: true });
  const FolderPouch = PouchDB.defaults({ prefix: folder + path.sep });
  // First, since it knows only of databases that are opened after it was made.
  const handler = expressPouchdb(FolderPouch, {
    mode: 'minimumForPouchDB',
    inMemoryConfig: true,
    logPath: path.join(folder, 'log.txt'),
  });
  const opened = kDatabases.map((name) => new FolderPouch(name));
  await Promise.all(opened.map((database) => database.info())).catch((error) => {
    throw new Failure(`Can't open the demo's data; is another demo running?\n${error.message}`);
  });
  const close = async () => void (await Promise.all(opened.map((database) => database.close())));
  const inside = path.relative('', folder);
  return { handler, close, description: `data in ${inside.startsWith('..') ? folder : inside}` };
}

/** @param {string} url @param {string} prefix of the databases' names there */
async function useCouchdb(url, prefix) {
  const server = new URL(url.endsWith('/') ? url : `${url}/`);
  const credentials = takeCredentials(server);
  for (const name of kDatabases) await createDatabase(new URL(prefix + name, server), credentials);
  const forward = proxyTo(new URL(prefix, server), credentials);
  // Only these: the proxy lends its password to everybody on this machine.
  const shared = new RegExp(`^/((?:${kDatabases.join('|')})(?![^/?]).*)$`);
  /** @type {RequestListener} */
  const handler = (request, response) => {
    const [, target] = shared.exec(request.url ?? '') ?? [];
    if (target !== undefined) return forward(request, response, target);
    const reason = `The demo shares only ${kDatabases.join(' and ')}.`;
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify({ error: 'not_found', reason })}\n`);
  };
  return { handler, close: async () => {}, description: `is ${server}${prefix}notes` };
}

/** Moves name and password out of the URL, into the value of a header. @param {URL} url */
function takeCredentials(url) {
  const { username, password } = url;
  url.username = url.password = '';
  if (!username) return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** @param {URL} url @param {string | undefined} authorization */
async function createDatabase(url, authorization) {
  const headers = new Headers(authorization ? { authorization } : {});
  const answer = await fetch(url, { method: 'PUT', headers }).catch((error) => {
    throw new Failure(`COUCHDB_URL: no answer from ${url.origin} (${error.cause?.code ?? error})`);
  });
  // 412: it is there already.
  if (answer.ok || answer.status === 412) return;
  throw new Failure(`COUCHDB_URL: ${url} answers ${answer.status} ${await answer.text()}`);
}
