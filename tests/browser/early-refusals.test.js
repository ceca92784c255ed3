// A server that refuses what is too large before it has read it, and hangs up, as CouchDB does and
// proxies do. Firefox sees no answer to a large upload then, only a break. One way or the other the
// document is told of, and the others are pushed.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { documentOf } from '../node/multipart-document.js';
import { kBrowserNames } from './browser.js';
import { siteInBrowser } from './site-in-browser.js';

// CouchDB's couch_httpd: how much it reads on after a 413, and how long.
const kDrainedBytes = 1024 * 1024;
const kDrainedMs = 1000;

/** As much of a CouchDB as a push without checkpoints needs. */
class StrictCouch {
  /** What came, by id. @type {Map<string, any>} */
  taken = new Map();

  /** @type {import('node:http').RequestListener} */
  answer = async (request, response) => {
    const { method, url = '', headers } = request;
    const route = `${method} ${url.split('?')[0]}`;
    const json = (/** @type {number} */ status, /** @type {unknown} */ body) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (route === 'GET /db') return json(200, { db_name: 'db', update_seq: '0-x' });
    if (method === 'PUT' && Number(headers['content-length']) > 16 * kDrainedBytes) {
      json(413, { error: 'attachment_too_large', reason: 'large' });
      return hangUp(request);
    }
    const id = route.slice('PUT /db/'.length);
    if (method === 'GET') return json(200, this.taken.get(id));
    const body = await bodyOf(request);
    if (method === 'PUT') {
      const { document } = documentOf({ headers, body });
      for (const attachment of Object.values(document._attachments)) {
        delete attachment.follows;
        attachment.stub = true;
      }
      this.taken.set(id, document);
      return json(201, { ok: true, id, rev: document._rev });
    }
    const text = String(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    if (route === 'POST /db/_revs_diff') {
      const entries = Object.entries(JSON.parse(text));
      return json(200, Object.fromEntries(entries.map(([id, missing]) => [id, { missing }])));
    }
    for (const document of JSON.parse(text).docs) this.taken.set(document._id, document);
    return json(201, []);
  };
}

/** @param {import('node:http').IncomingMessage} request */
function hangUp(request) {
  let drained = 0;
  const destroy = () => request.socket.destroy();
  const timer = setTimeout(destroy, kDrainedMs);
  request.on('data', (chunk) => {
    drained += chunk.length;
    if (drained >= kDrainedBytes) destroy();
  });
  request.on('error', () => {});
  request.on('close', () => clearTimeout(timer));
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

for (const browserName of kBrowserNames) {
  describe(`A server that hangs up on what is too large, in ${browserName}`, () => {
    const here = siteInBrowser(browserName);

    it('gets the other documents', { timeout: 120_000 }, async () => {
      const couch = new StrictCouch();
      here.site.couch = couch.answer;
      const tab = await here.open();
      const denied = await tab.run(pushAll);
      assert.deepEqual(denied, ['large']);
      assert.deepEqual([...couch.taken.keys()].sort(), ['later', 'note']);
      await tab.close();
    });
  });
}

// Run in the page.

async function pushAll() {
  while (!globalThis.Couchlet) await new Promise((resolve) => setTimeout(resolve, 10));
  const db = new Couchlet('early refusals');
  const bytes = (/** @type {number} */ megabytes) =>
    new Blob(Array.from({ length: megabytes }, () => new Uint8Array(1024 * 1024)));
  await db.putAttachment('note', 'small', bytes(1), 'video/mp4');
  await db.putAttachment('large', 'large', bytes(50), 'video/mp4');
  /** @type {string[]} */
  const denied = [];
  const push = db.replicate.to(`${location.origin}/couch/db`, {
    live: true,
    retry: true,
    checkpoint: false,
    back_off_function: () => 100,
  });
  /** @param {string} id */
  const written = (id) =>
    new Promise((resolve) => {
      push.on('change', ({ docs }) => {
        if (docs.some(({ _id }) => _id === id)) resolve(undefined);
      });
    });
  const later = written('later');
  await new Promise((resolve) => {
    push.on('denied', ({ id }) => resolve(denied.push(String(id))));
  });
  await db.put({ _id: 'later' });
  await later;
  push.cancel();
  await db.destroy();
  return denied;
}
