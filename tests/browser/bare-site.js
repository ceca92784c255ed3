// A site of pages and workers that have couchlet and nothing else, and run the functions that a
// test gives them. The pages can tell the server what they know: it outlives them.

import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';

/** @typedef {import('puppeteer-core').Page} Page */
/** @typedef {'worker' | 'shared worker' | 'service worker'} WorkerKind */

const kTests = fileURLToPath(new URL('.', import.meta.url));
const kDist = path.join(kTests, '../../dist');

export class BareSite {
  /** What pages have told by POST /told, in its order. @type {any[]} */
  told = [];
  /** Answers what comes after /couch. @type {import('node:http').RequestListener} */
  couch = (_, response) => response.writeHead(404).end();
  #telling = new EventEmitter();
  #site = express();
  #server = createServer(this.#handler());

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    this.port = port;
    return this;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Waits until pages have told so much more. @param {number} count */
  async hear(count) {
    const end = this.told.length + count;
    while (this.told.length < end) await once(this.#telling, 'told');
  }

  /** @param {string} path @param {string} script */
  serve(path, script) {
    this.#site.get(path, (_, response) => response.type('text/javascript').send(script));
  }

  /**
   * Hands requests under a path to something else, without that path.
   * @param {string} path @param {import('../node/misbehaving-server.js').Behaviour} behave
   */
  mount(path, behave) {
    const whole = express.raw({ type: () => true, limit: '100mb' });
    this.#site.use(path, whole, ({ method, url, headers, body }, response) =>
      behave({ method, path: url, headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) }, response),
    );
  }

  #handler() {
    const site = this.#site;
    site.post('/told', express.json(), (request, response) => {
      this.told.push(request.body);
      response.sendStatus(204);
      this.#telling.emit('told');
    });
    // As when a person clears the site's data, or the browser needs the room.
    site.get('/clear', (_, response) => {
      response.set('clear-site-data', '"storage"').sendStatus(204);
    });
    site.use('/couch', (request, response) => this.couch(request, response));
    site.use('/dist', express.static(kDist, { setHeaders }));
    site.use('/couchlet.wasm', express.static(path.join(kDist, 'couchlet.wasm'), { setHeaders }));
    site.use('/', express.static(path.join(kTests, 'bare-site'), { setHeaders }));
    return site;
  }
}

/** @param {import('node:http').ServerResponse} response */
function setHeaders(response) {
  response.setHeader('cache-control', 'no-cache');
  // A frame that is sandboxed is of another origin than its own scripts.
  response.setHeader('access-control-allow-origin', '*');
}

/** Where a test's functions run: with `Couchlet`, and whatever they leave in globalThis. */
export class Context {
  /** @param {(source: string, args: any[]) => Promise<string>} call answers with JSON text */
  constructor(call) {
    this.#call = call;
  }
  #call;

  /**
   * Runs a function there. It can't see the variables around it.
   * @template {any[]} A @template R
   * @param {(...args: A) => R} fn @param {A} args
   * @returns {Promise<Awaited<R>>} what JSON can hold of it
   */
  async run(fn, ...args) {
    return JSON.parse(await this.#call(String(fn), args));
  }
}

export class Tab extends Context {
  /** @param {Page} page */
  constructor(page) {
    super((source, args) => page.evaluate((s, a) => runForTest(s, a), source, args));
    this.page = page;
  }

  /**
   * @param {import('puppeteer-core').Browser} browser @param {BareSite} site
   * @param {string} [host] ends in "localhost"; each has a storage of its own
   */
  static async open(browser, site, host = 'localhost') {
    const page = await browser.newPage({ type: 'window' });
    await page.goto(`http://${host}:${site.port}/`);
    return new Tab(page);
  }

  /** @param {WorkerKind} kind @param {'module' | 'classic'} [type] */
  async startWorker(kind, type = 'module') {
    const script = type === 'module' ? '/worker.js' : '/classic-worker.js';
    const worker = await this.page.evaluateHandle(kStart[kind], script, type);
    return new Context((source, args) =>
      worker.evaluate((to, s, a) => runInWorker(to, s, a), source, args),
    );
  }

  close() {
    return this.page.close();
  }
}

/** Start a worker; run in the page, and return what takes its messages. */
const kStart = {
  worker: (/** @type {string} */ script, /** @type {WorkerType} */ type) =>
    new Worker(script, { type }),
  'shared worker': (/** @type {string} */ script, /** @type {WorkerType} */ type) =>
    new SharedWorker(script, { type }).port,
  'service worker': async (/** @type {string} */ script, /** @type {WorkerType} */ type) => {
    // Of a scope of its own, it need not wait for others to end.
    const options = { type, scope: `${script}/` };
    const registration = await navigator.serviceWorker.register(script, options);
    const { active, waiting, installing } = registration;
    const worker = /** @type {ServiceWorker} */ (active ?? waiting ?? installing);
    while (worker.state !== 'activated') {
      await new Promise((resolve) => (worker.onstatechange = resolve));
    }
    return worker;
  },
};
