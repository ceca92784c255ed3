// A server that does as the test says: each request is answered by `behave`, which looks at it and
// may misbehave in all the ways that servers, proxies and captive portals do. Requests are
// remembered.
//
//   const server = await misbehavingServer((request, response) => answerHtml(response));
//   … new Couchlet(server.url + '/db') …
//   await server.stop();
//
// `forwardTo(url)` makes a behaviour that passes requests on to a well-behaved server, so that one
// may misbehave now and then.

import { once } from 'node:events';
import http from 'node:http';

/** @typedef {http.IncomingMessage & {text: string}} Request */
/** @typedef {(request: Request, response: http.ServerResponse) => void} Behaviour */

/**
 * @param {Behaviour} behave
 * @param {{port?: number}} [options] any free port without one
 */
export async function misbehavingServer(behave, { port = 0 } = {}) {
  /** @type {{method: string, path: string, headers: http.IncomingHttpHeaders}[]} */
  const requests = [];
  const server = http.createServer(async (message, response) => {
    const { method = '', url: path = '', headers } = message;
    requests.push({ method, path, headers });
    let text = '';
    for await (const chunk of message.setEncoding('utf8')) text += chunk;
    behave(Object.assign(message, { text }), response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
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
 * @param {string} target origin, with credentials if it needs them
 * @returns {Behaviour}
 */
export function forwardTo(target) {
  const { hostname, port, username, password } = new URL(target);
  const auth = username && `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return ({ method, url: path, headers, text }, response) => {
    const forwarded = http.request(
      {
        hostname,
        port,
        method,
        path,
        auth: auth || undefined,
        headers: { ...headers, host: hostname },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    forwarded.end(text);
  };
}
