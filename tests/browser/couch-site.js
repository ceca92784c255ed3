// A bare site whose pages reach a CouchDB under /couch, or don't.

import { once } from 'node:events';

import { proxyTo } from '../../scripts/demo/proxy.mjs';
import { BareSite } from './bare-site.js';

export class CouchSite extends BareSite {
  isReachable = true;
  /** What a document is refused with; '': none is. */
  refusal = '';
  /** Requests for what changes that still wait. @type {Set<import('node:http').ServerResponse>} */
  feeds = new Set();
  /** Methods and paths. @type {string[]} */
  requests = [];

  /** @param {string} couch address of the server, with credentials if it needs them */
  constructor(couch) {
    super();
    const { origin, username, password } = new URL(couch);
    const login = username && `Basic ${btoa(`${username}:${password}`)}`;
    const forward = proxyTo(new URL(`${origin}/`), login || undefined);
    this.couch = (message, response) => {
      const path = (message.url ?? '').slice(1);
      this.requests.push(`${message.method} ${path}`);
      if (!this.isReachable) return response.destroy();
      if (this.refusal && path.endsWith('/_bulk_docs')) return this.#refuse(message, response);
      if (path.includes('feed=longpoll')) this.#remember(response);
      return forward(message, response, path);
    };
  }

  /** Nobody is reached any more, and who waits for an answer gets none. */
  breakOff() {
    this.isReachable = false;
    for (const response of this.feeds) response.destroy();
  }

  /**
   * @param {import('node:http').IncomingMessage} message
   * @param {import('node:http').ServerResponse} response
   */
  async #refuse(message, response) {
    await once(message.resume(), 'end');
    response.writeHead(201, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify([{ id: 'note', error: 'forbidden', reason: this.refusal }]));
  }

  /** @param {import('node:http').ServerResponse} response */
  #remember(response) {
    this.feeds.add(response);
    response.on('close', () => this.feeds.delete(response));
  }
}
