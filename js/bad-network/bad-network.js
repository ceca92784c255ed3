// A bad network in a box: an HTTP server that hands each request on to another one, slowly, and
// loses some of them on the way. For tests, and for whoever wants to see an app as its users do.
//
// What happens to the n-th request depends on the seed, n and the conditions alone (decisions.js);
// the conditions can be changed while it runs. What happened to each is told to `log`.

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

import { changedConditions, kGood } from './conditions.js';
import { decide } from './decisions.js';
import { Exchange } from './exchange.js';
import { Lane } from './lane.js';

/** @typedef {import('./conditions.js').Conditions} Conditions */
/** @typedef {import('./index.js').BadNetworkLogEntry} LogEntry */

/** @param {unknown} to */
function addressOfServer(to) {
  const url = typeof to === 'string' && URL.canParse(to) ? new URL(to) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new TypeError("A bad network's 'to' must be a server's http:// or https:// address");
}

class BadNetwork {
  /** How many have come so far. */
  requests = 0;
  url = '';
  port = 0;
  #server = http.createServer((request, response) => this.#handle(request, response));
  /** @type {import('./exchange.js').Link} */
  #link;
  #log;

  /**
   * @param {URL} to
   * @param {Conditions} conditions
   * @param {(entry: LogEntry) => void} [log]
   */
  constructor(to, conditions, log) {
    // A kept connection that the server closes would be a fault that nobody has asked for.
    const { Agent } = to.protocol === 'https:' ? https : http;
    this.#link = {
      server: to,
      agent: new Agent({ keepAlive: false }),
      up: new Lane(() => this.#link.conditions.rate),
      down: new Lane(() => this.#link.conditions.rate),
      conditions,
    };
    this.#log = log;
    this.#server.requestTimeout = 0; // a thin link takes its time
    this.#server.on('connection', (socket) => {
      if (this.#link.conditions.offline) socket.destroy();
    });
  }

  /**
   * @param {number} port
   * @param {string} host
   */
  async listen(port, host) {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    ({ port: this.port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address()));
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  get conditions() {
    return { ...this.#link.conditions };
  }

  /** @param {Partial<Conditions>} conditions */
  change(conditions) {
    this.#link.conditions = changedConditions(this.#link.conditions, conditions);
    if (this.#link.conditions.offline) this.#server.closeAllConnections();
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  /**
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   */
  async #handle(request, response) {
    const number = (this.requests += 1);
    const { portal } = this.#link.conditions;
    const decision = decide(this.#link.conditions, number);
    const began = performance.now();
    const exchange = new Exchange(this.#link, request, response, decision);
    await exchange.run();
    const { method = '', url: path = '' } = request;
    this.#log?.({
      number,
      method,
      path,
      fault: portal ? 'portal' : decision.fault,
      up: Math.round(decision.up),
      down: Math.round(decision.down),
      status: exchange.status,
      sent: exchange.sent,
      received: exchange.received,
      took: Math.round(performance.now() - began),
    });
  }
}

/**
 * @param {import('./index.js').BadNetworkOptions} options
 * @returns {Promise<import('./index.js').BadNetwork>} as soon as it listens
 */
export async function badNetwork({ to, listen = 0, host = '127.0.0.1', log, ...conditions }) {
  const network = new BadNetwork(addressOfServer(to), changedConditions(kGood, conditions), log);
  await network.listen(listen, host);
  return /** @type {any} */ (network);
}
