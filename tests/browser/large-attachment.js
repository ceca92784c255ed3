// An attachment of 50 MB, on its way: as much of a CouchDB as a replication of its document needs on
// either side, without checkpoints.

import { createHash } from 'node:crypto';
import { answerJson } from '../node/misbehaving-server.js';
import { documentOf } from '../node/multipart-document.js';

export const kPiece = 1024 * 1024;
export const kPieces = 50;
export const kRoom = 16 * 1024 * 1024; // of WebAssembly memory, for all but the attachment

/** @param {number} i */
export const pieceOf = (i) => Buffer.alloc(kPiece, i);

function digestOfAll() {
  const hash = createHash('md5');
  for (let i = 0; i < kPieces; ++i) hash.update(pieceOf(i));
  return `md5-${hash.digest('base64')}`;
}

export const stub = {
  content_type: 'video/mp4',
  revpos: 1,
  digest: digestOfAll(),
  length: kPieces * kPiece,
  stub: true,
};
export const note = {
  _id: 'note',
  _rev: '1-d5ffe51e2ab85e2fc23f3b7d63df2a34',
  _revisions: { start: 1, ids: ['d5ffe51e2ab85e2fc23f3b7d63df2a34'] },
  _attachments: { large: stub },
};
const change = { seq: '1-x', id: note._id, changes: [{ rev: note._rev }] };

/**
 * Has the one document, in the database "db".
 *
 * @type {import('node:http').RequestListener}
 */
export async function givingCouch({ method, url = '' }, response) {
  const route = `${method} ${url.split('?')[0]}`;
  if (route === 'GET /db' || route === 'GET /db/') {
    answerJson(response, 200, { db_name: 'db', update_seq: '1-x' });
  } else if (route === 'GET /db/_changes') {
    answerJson(response, 200, { results: [change], last_seq: '1-x', pending: 0 });
  } else if (route === 'POST /db/_bulk_get') {
    answerJson(response, 200, { results: [{ id: note._id, docs: [{ ok: note }] }] });
  } else if (route === 'GET /db/note/large') {
    response.writeHead(200, { 'Content-Type': stub.content_type });
    for (let i = 0; i < kPieces; ++i) {
      await new Promise((resolve) => response.write(pieceOf(i), resolve));
    }
    response.end();
  } else {
    answerJson(response, 404, { error: 'not_found', reason: 'missing' });
  }
}

/** Takes the document into its "db", and is as strict as CouchDB. What was put is here. */
export class TakingCouch {
  /** @type {any} */
  put = undefined;

  /** @type {import('node:http').RequestListener} */
  answer = async (request, response) => {
    const { method, url = '', headers } = request;
    const route = `${method} ${url.split('?')[0]}`;
    if (route === 'GET /db' || route === 'GET /db/') {
      answerJson(response, 200, { db_name: 'db', update_seq: '0-x' });
    } else if (route === 'POST /db/_revs_diff') {
      answerJson(response, 200, { note: { missing: Object.values(JSON.parse(String(await bodyOf(request))))[0] } });
    } else if (route === 'PUT /db/note') {
      this.put = documentOf({ headers, body: await bodyOf(request) });
      answerJson(response, 201, { ok: true, id: 'note', rev: this.put.document._rev });
    } else if (route === 'GET /db/note') {
      const { document } = this.put;
      const { follows, ...large } = document._attachments.large;
      answerJson(response, 200, { ...document, _attachments: { large: { ...large, stub: true } } });
    } else {
      answerJson(response, 404, { error: 'not_found', reason: 'missing' });
    }
  };
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
