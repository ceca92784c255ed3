// A server that does as the test says: each request is answered by `behave`, which looks at it and
// may misbehave in all the ways that servers, proxies and captive portals do. Requests are
// remembered.
//
//   const server = await misbehavingServer((request, response) => answerHtml(response));
//   … new Couchlet(server.url + '/db') …
//   await server.stop();
//
// A behaviour may also pass requests on to a server that behaves: whole with forwardTo(), as a live
// feed needs it, or with ask(), to change what is asked or answered.

import { once } from 'node:events';
import http from 'node:http';
import { gunzipSync } from 'node:zlib';

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path with the query
 * @property {http.IncomingHttpHeaders} headers
 * @property {Buffer} body
 */
/** @typedef {(request: Request, response: http.ServerResponse) => unknown} Behaviour */

/**
 * @param {Behaviour} behave
 * @param {{port?: number}} [options] any free port without one
 */
export async function misbehavingServer(behave, { port = 0 } = {}) {
  /** @type {Request[]} */
  const requests = [];
  const server = http.createServer(async (message, response) => {
    const { method = '', url: path = '', headers } = message;
    const request = { method, path, headers, body: Buffer.alloc(0) };
    requests.push(request);
    const chunks = [];
    try {
      for await (const chunk of message) chunks.push(chunk);
    } catch {
      return; // it broke off
    }
    request.body = Buffer.concat(chunks);
    await behave(request, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    requests,
    dropConnections: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** @param {Request} request */
export function jsonOf({ headers, body }) {
  const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return JSON.parse(bytes.toString());
}

/**
 * @param {http.ServerResponse} response
 * @param {number} status
 * @param {unknown} body
 */
export function answerJson(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

/**
 * @param {http.ServerResponse} response
 * @param {number} [status]
 */
export function answerHtml(response, status = 200) {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end('<!DOCTYPE html><title>Welcome to the hotel</title>');
}

/**
 * Promises more than it sends, and hangs up.
 *
 * @param {http.ServerResponse} response
 */
export function cutInTheMiddle(response) {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
  response.write('{"results": [', () => response.destroy());
}

/**
 * @param {string} server that behaves; with credentials if it needs them
 * @returns {Behaviour}
 */
export function forwardTo(server) {
  const { hostname, port, username, password } = new URL(server);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return ({ method, path, headers, body }, response) => {
    if (response.destroyed) return; // its client has left, and a feed for nobody would never end
    const options = { hostname, port, method, path, headers, auth: username ? login : undefined };
    const forwarded = http.request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    forwarded.end(body);
  };
}
