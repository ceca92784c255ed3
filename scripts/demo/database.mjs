// The server that the note book replicates with: express-pouchdb in this process, with its data in a
// folder, or a CouchDB somewhere else, through a proxy that adds the password. Either way it answers
// under /db/, and the notes are in /db/notes.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import expressPouchdb from 'express-pouchdb';
import PouchDB from 'pouchdb';
import { Failure } from '../command.mjs';
import { proxyTo } from './proxy.mjs';

/**
 * @typedef {object} Database
 * @property {(request: any, response: any) => void} handler for what comes after /db
 * @property {string} description where the data is
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<Database>} */
export function openDatabase({ couchdbUrl, couchdbDatabase, folder }) {
  return couchdbUrl ? useCouchdb(couchdbUrl, couchdbDatabase) : openFolder(folder);
}

async function openFolder(folder) {
  await mkdir(folder, { recursive: true });
  const FolderPouch = PouchDB.defaults({ prefix: folder + path.sep });
  // First, since it answers only for databases that are opened after it was made.
  const handler = expressPouchdb(FolderPouch, {
    mode: 'minimumForPouchDB',
    inMemoryConfig: true,
    logPath: path.join(folder, 'log.txt'),
  });
  const notes = new FolderPouch('notes');
  await notes.info().catch((error) => {
    throw new Failure(`The demo's data can't be opened; is another demo running?\n${error.message}`);
  });
  const description = `data in ${path.relative('', folder) || folder}`;
  return { handler, description, close: () => notes.close() };
}

async function useCouchdb(url, database) {
  const server = new URL(url.endsWith('/') ? url : `${url}/`);
  const credentials = takeCredentials(server);
  const notes = new URL(encodeURIComponent(database), server);
  await createDatabase(notes, credentials);
  // Only this one database: the proxy lends its password to everything on this machine.
  const forward = proxyTo(notes, credentials);
  const handler = (request, response) => {
    const [, after] = /^\/notes(?=[/?]|$)(.*)$/.exec(request.url) ?? [];
    if (after !== undefined) return forward(request, response, after);
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"error":"not_found","reason":"The demo shares only /db/notes."}\n');
  };
  return { handler, description: `is ${notes}`, close: async () => {} };
}

/** Moves the name and password out of the URL, into the value of an Authorization header. */
function takeCredentials(url) {
  const { username, password } = url;
  url.username = url.password = '';
  if (!username) return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

async function createDatabase(url, authorization) {
  const headers = authorization ? { authorization } : {};
  const answer = await fetch(url, { method: 'PUT', headers }).catch((error) => {
    throw new Failure(`COUCHDB_URL: no answer from ${url.origin} (${error.cause?.code ?? error})`);
  });
  // 412: it is there already.
  if (answer.ok || answer.status === 412) return;
  throw new Failure(`COUCHDB_URL: ${url} answers ${answer.status} ${await answer.text()}`);
}
