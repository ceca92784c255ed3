// The measuring: each operation round after round, in each round on each peer, every measurement in
// a page of its own. What else the machine does in a minute thus hits all peers alike.
//
// Each database has an origin of its own as well. A browser keeps all databases of an origin in one
// store of its own, and there what one peer has deleted would slow down the next one.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { doInPage } from '../harness/page.mjs';
import { rotated } from '../harness/statistics.mjs';

/** @typedef {import('./operations/operation.js').Operation} Operation */
/** @typedef {import('./peers/index.js').PeerEntry} PeerEntry */
/** @typedef {import('../page/page.js').CompareTask} Task */
/** @typedef {import('../page/page.js').Outcome} Outcome */
/** @typedef {import('../harness/server.mjs').Counts} Counts */
/** @typedef {Awaited<ReturnType<typeof import('../harness/remote.mjs').startServer>>} Server */
/** @typedef {import('puppeteer-core').Page} Page */

/**
 * @typedef {object} Measurement
 * @property {string} operation
 * @property {string} peer
 * @property {number} round
 * @property {number} [value] ms, or the operation's unit
 * @property {string} [failure]
 * @property {number} [cpuMilliseconds] of all processes of the browser together (Chromium only)
 * @property {Counts} [server] what it made the server do
 */

/**
 * @typedef {object} Plan
 * @property {import('../../tests/browser/browser.js').BrowserName} browser
 * @property {Operation[]} operations
 * @property {PeerEntry[]} peers
 * @property {number} rounds
 * @property {number} documents
 * @property {number} singles
 * @property {string} [profiles] a folder to put CPU profiles into
 */

/** One run in one browser. */
export class Run {
  #browser;
  #server;
  #plan;
  #report;
  /** @type {Set<string>} */
  #filled = new Set();
  /** @type {string | undefined} */
  #fullRemote;
  /** @type {import('puppeteer-core').CDPSession | undefined} */
  #session;

  /**
   * @param {import('puppeteer-core').Browser} browser
   * @param {Server} server
   * @param {Plan} plan
   * @param {(measurement: Measurement) => void} report called after each measurement
   */
  constructor(browser, server, plan, report) {
    this.#browser = browser;
    this.#server = server;
    this.#plan = plan;
    this.#report = report;
  }

  /** @returns {Promise<Measurement[]>} */
  async measure() {
    const measurements = [];
    const { documents } = this.#plan;
    for (const operation of this.#plan.operations) {
      if (documents > (operation.mostDocuments ?? Infinity)) continue;
      const peers = this.#plan.peers.filter(({ lacks }) => !lacks.includes(operation.name));
      const rounds = Math.min(this.#plan.rounds, operation.rounds ?? Infinity);
      for (let round = 0; round < rounds; ++round) {
        for (const peer of rotated(peers, round)) {
          const measurement = await this.#measureOnce(operation, peer, round);
          measurements.push(measurement);
          this.#report(measurement);
        }
      }
    }
    return measurements;
  }

  /**
   * @param {Operation} operation
   * @param {PeerEntry} peer
   * @param {number} round
   * @returns {Promise<Measurement>}
   */
  async #measureOnce(operation, peer, round) {
    const what = { operation: operation.name, peer: peer.name, round };
    try {
      const name = await this.#database(operation, peer, round);
      const remote = await this.#remote(operation, `${peer.name}-${round}`);
      const task = this.#task({
        what: 'measure',
        peer: peer.name,
        name,
        operation: operation.name,
      });
      const { outcome, cpuMilliseconds, server } = await this.#runInPage({ ...task, remote }, what);
      if (operation.remote === 'empty') await this.#server.removeDatabase(remote);
      return { ...what, ...outcome, cpuMilliseconds, ...(operation.remote && { server }) };
    } catch (error) {
      return { ...what, failure: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * The name of the database that an operation starts with.
   *
   * @param {Operation} operation
   * @param {PeerEntry} peer
   * @param {number} round
   */
  async #database(operation, peer, round) {
    if (operation.starts === 'empty') return `${peer.name}-${operation.name}-${round}`;
    const name = `${peer.name}-filled`;
    if (!this.#filled.has(name)) {
      const task = this.#task({ what: 'fill', peer: peer.name, name });
      const { outcome } = await this.#runInPage(task);
      if ('failure' in outcome) throw new Error(`filling it: ${outcome.failure}`);
      this.#filled.add(name);
    }
    return name;
  }

  /**
   * @param {Operation} operation
   * @param {string} name
   */
  async #remote(operation, name) {
    if (!operation.remote) return '';
    if (operation.remote === 'empty') return this.#server.makeDatabase(name, 0);
    this.#fullRemote ??= await this.#server.makeDatabase('full', this.#plan.documents);
    return this.#fullRemote;
  }

  /**
   * @param {Pick<Task, 'what' | 'peer' | 'name' | 'operation'>} task
   * @returns {Task}
   */
  #task(task) {
    return { ...task, documents: this.#plan.documents, singles: this.#plan.singles };
  }

  /**
   * @param {Task} task
   * @param {{operation: string, peer: string, round: number}} [profiled]
   * @returns {Promise<{outcome: Outcome, cpuMilliseconds?: number, server?: Counts}>}
   */
  async #runInPage(task, profiled) {
    /** @type {{server: Counts, cpu: number}[]} */
    const marks = [];
    const prepare = async (/** @type {Page} */ page) => {
      const profiler = profiled && (await this.#profiler(page, profiled));
      await page.exposeFunction('benchMark', async (/** @type {'begin' | 'end'} */ mark) => {
        if (mark === 'begin') await profiler?.begin();
        marks.push({ server: await this.#server.counts(), cpu: await this.#browserCpu() });
        if (mark === 'end') await profiler?.end();
      });
    };
    const outcome = await doInPage(this.#browser, this.#server.origin(task.name), task, prepare);
    if (marks.length < 2) return { outcome };
    const [begin, end] = marks;
    const cpuMilliseconds = end.cpu - begin.cpu || undefined;
    return { outcome, cpuMilliseconds, server: difference(end.server, begin.server) };
  }

  /** CPU time of all processes of the browser, ms: Chromium only, 0 elsewhere. */
  async #browserCpu() {
    if (this.#plan.browser !== 'chromium') return 0;
    this.#session ??= await this.#browser.target().createCDPSession();
    const { processInfo } = await this.#session.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
  }

  /**
   * Of the page's thread: Chromium only.
   *
   * @param {Page} page
   * @param {{operation: string, peer: string, round: number}} measurement
   */
  async #profiler(page, { operation, peer, round }) {
    const folder = this.#plan.profiles;
    if (!folder) return undefined;
    const session = await page.createCDPSession();
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: 200 });
    return {
      begin: () => session.send('Profiler.start'),
      async end() {
        const { profile } = await session.send('Profiler.stop');
        const file = `${operation}.${peer}.${round}.cpuprofile`;
        await writeFile(path.join(folder, file), JSON.stringify(profile));
      },
    };
  }
}

/**
 * @param {Counts} later
 * @param {Counts} earlier
 * @returns {Counts}
 */
function difference(later, earlier) {
  return {
    requests: later.requests - earlier.requests,
    received: later.received - earlier.received,
    sent: later.sent - earlier.sent,
    cpuMilliseconds: later.cpuMilliseconds - earlier.cpuMilliseconds,
  };
}
