// The body of a PUT of a document as multipart/related, read as CouchDB reads it: parts in the order
// in which the document names what follows it, each as long as it says and with its digest. Servers
// like it are less strict.

import { createHash } from 'node:crypto';
import { answerJson } from './misbehaving-server.js';

/** @typedef {import('./misbehaving-server.js').Behaviour} Behaviour */
/** @typedef {import('./misbehaving-server.js').Request} Request */

const kEndOfHeaders = '\r\n\r\n';

/** @param {{method: string, headers: import('node:http').IncomingHttpHeaders}} request */
export const isMultipart = ({ method, headers }) =>
  method === 'PUT' && /^multipart\/related;/.test(headers['content-type'] ?? '');

/**
 * The document, and its attachments' bytes by name. Throws what CouchDB answers with 400.
 *
 * @param {Pick<Request, 'headers' | 'body'>} request
 */
export function documentOf({ headers, body }) {
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1];
  if (!boundary) throw badRequest('bad_request', 'no boundary');
  const [json, ...parts] = partsOf(body, boundary);
  if (!json.headers.includes('Content-Type: application/json')) {
    throw badRequest('bad_ctype', 'Content-Type must be application/json');
  }
  const document = JSON.parse(json.content.toString());
  /** @type {Record<string, Buffer>} */
  const attachments = {};
  for (const [name, stub] of Object.entries(document._attachments ?? {})) {
    if (!stub.follows) continue;
    attachments[name] = checked(parts.shift()?.content, stub);
  }
  if (parts.length > 0) throw badRequest('bad_request', 'more parts than attachments');
  return { document, attachments };
}

/**
 * @param {Buffer | undefined} bytes
 * @param {{length: number, digest: string}} stub
 */
function checked(bytes, { length, digest }) {
  if (!bytes || bytes.length < length) {
    throw badRequest('bad_request', 'attachment shorter than expected');
  }
  if (bytes.length > length) throw badRequest('bad_request', 'attachment longer than expected');
  if (`md5-${createHash('md5').update(bytes).digest('base64')}` !== digest) {
    throw badRequest('content_md5_mismatch', 'Possible message corruption.');
  }
  return bytes;
}

/**
 * @param {Buffer} body
 * @param {string} boundary
 */
function partsOf(body, boundary) {
  const delimiter = `\r\n--${boundary}`;
  const parts = [];
  let at = delimiter.length - 2;
  if (body.subarray(0, at).toString() !== delimiter.slice(2)) {
    throw badRequest('bad_request', 'no parts');
  }
  while (body.subarray(at).toString('latin1', 0, 2) !== '--') {
    const end = body.indexOf(delimiter, at);
    const content = body.indexOf(kEndOfHeaders, at);
    if (end < 0 || content < 0) throw badRequest('bad_request', 'the last part has no end');
    parts.push({
      headers: body.toString('utf8', at, content),
      content: body.subarray(content + kEndOfHeaders.length, end),
    });
    at = end + delimiter.length;
  }
  return parts;
}

/**
 * @param {string} error
 * @param {string} reason
 */
const badRequest = (error, reason) => Object.assign(new Error(reason), { error, reason });

/**
 * Refuses what CouchDB would refuse.
 *
 * @param {Behaviour} forward
 * @returns {Behaviour}
 */
export function strictly(forward) {
  return (request, response) => {
    if (!isMultipart(request)) return forward(request, response);
    try {
      documentOf(request);
    } catch (cause) {
      const { error = 'bad_request', reason = String(cause) } = /** @type {any} */ (cause);
      return answerJson(response, 400, { error, reason });
    }
    return forward(request, response);
  };
}
