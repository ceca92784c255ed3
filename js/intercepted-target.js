// A database that a replication writes to, where somebody has replaced its bulkDocs: what comes
// goes through it, as with PouchDB, and so through JavaScript. To the replicator it looks like a
// server: it makes the requests that it makes of one, and they are answered here.
//
//   GET ''  ·  POST /_revs_diff  ·  POST /_bulk_docs  ·  GET and PUT /_local/<id>
//
// It is known by what the database itself is known by: checkpoints hold, whoever writes.

import { badRequest } from './errors.js';
import { stringify } from './json.js';

/** @typedef {import('./document-calls.js').Database} Database */
/** @typedef {(request: {docs: any[]}, options: object) => Promise<any[]>} BulkDocs */

/**
 * @param {Database} database
 * @param {BulkDocs} bulkDocs
 * @returns {Promise<{url: string, fetch: (url: string, init: RequestInit) => Promise<Response>}>}
 */
export async function interceptedTarget(database, bulkDocs) {
  const isRemote = database.adapter === 'http';
  const url = isRemote ? database.name : `couchlet:${await database.id()}`;
  return {
    url,
    async fetch(address, { method = 'GET', headers, body }) {
      try {
        const path = address.slice(url.length);
        const text = await textOf(body, new Headers(headers).get('Content-Encoding'));
        return answerOf(200, await answer(database, bulkDocs, method, path, text));
      } catch (error) {
        const { status, name, reason, message } = /** @type {any} */ (error);
        return answerOf(status || 500, { error: name, reason: reason ?? message });
      }
    },
  };
}

/**
 * @param {BodyInit | null | undefined} body
 * @param {string | null} encoding gzip where the real server is known to take it
 */
async function textOf(body, encoding) {
  const stream = body ? new Response(body).body : null;
  if (encoding !== 'gzip' || !stream) return new Response(stream).text();
  return new Response(stream.pipeThrough(new DecompressionStream('gzip'))).text();
}

/**
 * @param {number} status
 * @param {unknown} answer
 */
function answerOf(status, answer) {
  const headers = { 'Content-Type': 'application/json' };
  return new Response(stringify(answer), { status, headers });
}

/**
 * @param {Database} database
 * @param {BulkDocs} bulkDocs
 * @param {string} method
 * @param {string} path
 * @param {string} text
 * @returns {Promise<any>}
 */
async function answer(database, bulkDocs, method, path, text) {
  if (path === '') return database.info();
  if (path === '/_revs_diff') return database.revsDiff(JSON.parse(text));
  if (path === '/_bulk_docs') {
    const entries = await bulkDocs({ docs: JSON.parse(text).docs }, { new_edits: false });
    return entries.filter(({ error }) => error).map(asRow);
  }
  if (!path.startsWith('/_local/')) throw badRequest(`${method} ${path} is not answered here`);
  const id = decodeURIComponent(path.slice(1));
  return method === 'PUT' ? database.put(id, JSON.parse(text)) : database.get(id, {});
}

/** @param {any} refusal */
function asRow({ id, docId, rev, name, reason, message }) {
  return { id: id ?? docId, rev, error: name, reason: reason ?? message };
}
