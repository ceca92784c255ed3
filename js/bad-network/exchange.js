// One request on its way through a bad network, and what comes of it: it goes to the server and its
// answer back, both at the link's pace, unless the decision about it says otherwise.

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

import { until } from './lane.js';

// Of a body whose length isn't known beforehand: it is cut within so many bytes.
const kUnknownLength = 4096;

// They are about one connection, not about the request.
const kHopHeaders = ['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade', 'host'];

/** @typedef {import('./decisions.js').Decision} Decision */
/**
 * @typedef {object} Link
 * @property {URL} server
 * @property {http.Agent} agent
 * @property {import('./lane.js').Lane} up
 * @property {import('./lane.js').Lane} down
 * @property {import('./conditions.js').Conditions} conditions at present
 */

/** @param {string[]} rawHeaders */
const headBytes = (rawHeaders) => rawHeaders.join('\r\n\r\n').length;

export class Exchange {
  sent = 0; // bytes of bodies
  received = 0;
  /** @type {number | undefined} of the answer, if there was one */
  status;
  #link;
  #request;
  #response;
  #decision;
  #over = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idle;

  /**
   * @param {Link} link
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   * @param {Decision} decision
   */
  constructor(link, request, response, decision) {
    this.#link = link;
    this.#request = request;
    this.#response = response;
    this.#decision = decision;
    response.on('close', () => this.#over.abort());
  }

  /** Resolves when there is nothing more to come of it. */
  async run() {
    try {
      await this.#arrive();
      await this.#meetServer();
    } catch (error) {
      if (!this.#over.signal.aborted) this.#refuse(/** @type {Error} */ (error));
    } finally {
      clearTimeout(this.#idle);
    }
  }

  /** The request's head is on its way. */
  async #arrive() {
    const at = performance.now() + this.#decision.up;
    await this.#link.up.pass(headBytes(this.#request.rawHeaders), this.#over.signal);
    await until(at, this.#over.signal);
  }

  async #meetServer() {
    const { fault, status } = this.#decision;
    const { retryAfter, portal } = this.#link.conditions;
    if (portal) return this.#answerPortal();
    if (fault === 'drop') return this.#breakOff();
    if (fault === 'stall') return once(this.#response, 'close');
    if (fault !== 'busy') return this.#forward();
    const headers = this.#headersOfJson();
    if (retryAfter > 0) headers['retry-after'] = String(retryAfter);
    const error = status === 429 ? 'too_many_requests' : 'service_unavailable';
    const text = JSON.stringify({ error, reason: 'The bad network says so.' });
    return this.#answer(status, headers, text);
  }

  async #forward() {
    const { server, agent } = this.#link;
    const send = server.protocol === 'https:' ? https.request : http.request;
    const { method, url } = this.#request;
    const forwarded = send(`${server.origin}${server.pathname.replace(/\/$/, '')}${url}`, {
      method,
      headers: this.#forwardedHeaders(),
      agent,
    });
    this.#over.signal.addEventListener('abort', () => forwarded.destroy());
    const answered = once(forwarded, 'response');
    answered.catch(() => {}); // if the request doesn't get that far
    this.#watchIdle();
    await this.#sendBody(forwarded);
    const [answer] = await answered;
    this.#watchIdle();
    await this.#bringBack(answer);
  }

  /** @param {http.ClientRequest} forwarded */
  async #sendBody(forwarded) {
    const { fault, cutsRequest, at } = this.#decision;
    const length = Number(this.#request.headers['content-length'] ?? 0);
    const cutAt = fault === 'cut' && cutsRequest && length > 0 ? Math.floor(at * length) : Infinity;
    const deliver = async (/** @type {Uint8Array} */ piece) => {
      const rest = cutAt - this.sent;
      this.sent += Math.min(piece.length, rest);
      await write(forwarded, piece.subarray(0, Math.min(piece.length, rest)));
      if (piece.length > rest) this.#breakOff();
      this.#watchIdle();
    };
    await this.#link.up.carry(this.#request, 0, deliver, this.#over.signal);
    forwarded.end();
  }

  /** @param {http.IncomingMessage} answer */
  async #bringBack(answer) {
    const { fault, down, cutsRequest, at } = this.#decision;
    if (fault === 'lose') {
      await once(answer.resume(), 'end');
      return this.#breakOff();
    }
    const isCut = fault === 'cut' && !(cutsRequest && this.sent > 0);
    const length = Number(answer.headers['content-length'] ?? kUnknownLength);
    const cutAt = isCut ? Math.floor(at * length) : Infinity;
    const head = this.#showHead(answer);
    head.catch(() => {}); // it is awaited below, maybe later than it fails
    const deliver = async (/** @type {Uint8Array} */ piece) => {
      await head;
      const rest = cutAt - this.received;
      this.received += Math.min(piece.length, rest);
      await write(this.#response, piece.subarray(0, Math.min(piece.length, rest)));
      if (piece.length > rest) this.#breakOff();
      this.#watchIdle();
    };
    await this.#link.down.carry(answer, down, deliver, this.#over.signal);
    await head;
    if (isCut) this.#breakOff();
    else await this.#end();
  }

  /** @param {http.IncomingMessage} answer */
  async #showHead(answer) {
    const at = performance.now() + this.#decision.down;
    await this.#link.down.pass(headBytes(answer.rawHeaders), this.#over.signal);
    await until(at, this.#over.signal);
    const headers = { ...answer.headers };
    for (const name of ['connection', 'keep-alive']) delete headers[name];
    this.status = answer.statusCode;
    this.#response.writeHead(answer.statusCode ?? 502, headers);
    this.#response.flushHeaders();
  }

  #answerPortal() {
    const page = '<!doctype html><title>Welcome</title><p>Accept our terms to go online.</p>\n';
    return this.#answer(200, { 'content-type': 'text/html; charset=utf-8' }, page);
  }

  /**
   * An answer that is not the server's.
   *
   * @param {number} status
   * @param {http.OutgoingHttpHeaders} headers
   * @param {string} text
   */
  async #answer(status, headers, text) {
    // Somebody who hasn't sent all may not listen yet.
    await once(this.#request.resume(), 'end', { signal: this.#over.signal });
    await until(performance.now() + this.#decision.down, this.#over.signal);
    this.status = status;
    this.#response.writeHead(status, headers);
    this.#response.write(text);
    await this.#end();
  }

  /** @param {Error} error of the way to the server */
  #refuse(error) {
    if (this.#response.headersSent) return this.#breakOff();
    this.status = 502;
    this.#response.writeHead(502, this.#headersOfJson());
    const reason = `No answer from ${this.#link.server.host}: ${error.message}`;
    this.#response.end(JSON.stringify({ error: 'bad_gateway', reason }));
  }

  async #end() {
    this.#response.end();
    await once(this.#response, 'close');
  }

  #breakOff() {
    this.#request.socket.destroy();
    this.#over.abort();
  }

  /** From now on a byte is to come in time. */
  #watchIdle() {
    clearTimeout(this.#idle);
    const { idle } = this.#link.conditions;
    if (idle > 0) this.#idle = setTimeout(() => this.#breakOff(), idle);
  }

  #forwardedHeaders() {
    const headers = { ...this.#request.headers };
    for (const name of kHopHeaders) delete headers[name];
    const { username, password } = this.#link.server;
    if (username && !headers.authorization) {
      const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      headers.authorization = `Basic ${Buffer.from(login).toString('base64')}`;
    }
    return headers;
  }

  /** @returns {http.OutgoingHttpHeaders} of an answer that a page of another origin can read too */
  #headersOfJson() {
    const { origin } = this.#request.headers;
    const headers = { 'content-type': 'application/json' };
    if (!origin) return headers;
    return {
      ...headers,
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
    };
  }
}

/**
 * Waits where the other end is slow.
 *
 * @param {import('node:stream').Writable} stream
 * @param {Uint8Array} bytes
 */
async function write(stream, bytes) {
  if (bytes.length === 0) return;
  await new Promise((resolve) => stream.write(bytes, resolve));
}
