// Hands requests on to another HTTP server and streams its answers back, as they come: a live
// changes feed passes heartbeat by heartbeat.

import http from 'node:http';
import https from 'node:https';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

// They speak of the page's origin, which means nothing to the server behind.
const kPageHeaders = ['host', 'origin', 'referer', 'cookie', 'connection'];

/**
 * @param {URL} target what a request's path is appended to
 * @param {string | undefined} authorization sent with every request
 */
export function proxyTo(target, authorization) {
  const { request: send } = target.protocol === 'https:' ? https : http;
  /** @param {IncomingMessage} request @param {ServerResponse} response @param {string} path */
  return (request, response, path) => {
    /** @type {import('node:http').OutgoingHttpHeaders} */
    const headers = { ...request.headers, ...(authorization && { authorization }) };
    for (const name of kPageHeaders) delete headers[name];
    const forwarded = send(target.href + path, { method: request.method, headers });
    forwarded.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    forwarded.on('error', (error) => {
      if (response.headersSent) return void response.destroy();
      response.writeHead(502, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify({ error: 'bad_gateway', reason: error.message })}\n`);
    });
    // A page that has gone must not leave its live feed open behind.
    response.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  };
}
