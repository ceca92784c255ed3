// The measuring: each case round after round, in each round by each peer, every measurement in a
// page of its own, in an origin and over a link of its own.
//
// The link is good while a page loads and makes ready, and bad as long as something is measured.

import { openLink } from '../harness/link.mjs';
import { doInPage } from '../harness/page.mjs';
import { rotated } from '../harness/statistics.mjs';

/** @typedef {import('./cases/case.js').Case} Case */
/** @typedef {import('./peers/index.js').PeerEntry} PeerEntry */
/** @typedef {import('../harness/link.mjs').LinkEntry} LinkEntry */
/** @typedef {import('../harness/link.mjs').Traffic} Traffic */
/** @typedef {import('../harness/session.mjs').Session} Session */

/**
 * @typedef {object} Figures of a row
 * @property {number} value ms
 * @property {number} requests
 * @property {number} up bytes
 * @property {number} down
 * @property {number} bytes both ways
 * @property {number} serverCpu ms
 */
/**
 * @typedef {object} Measurement
 * @property {string} link
 * @property {string} name of the case
 * @property {string} peer
 * @property {number} round
 * @property {Record<string, Figures>} rows
 * @property {string} [failure]
 */
/**
 * @typedef {object} Plan
 * @property {Case[]} cases
 * @property {PeerEntry[]} peers
 * @property {number} rounds
 * @property {number} documents
 */

// What takes longer isn't repeated,
const kSlowMs = 20_000;
// and what takes longer than this is given up.
const kMostMs = 600_000;

/**
 * @param {Session} session
 * @param {LinkEntry} link
 * @param {Plan} plan
 * @param {(measurement: Measurement) => void} report called after each
 * @returns {Promise<Measurement[]>}
 */
export async function measureOver(session, link, plan, report) {
  /** @type {Measurement[]} */
  const measurements = [];
  for (const it of plan.cases.filter(({ links }) => links.includes(link.name))) {
    const peers = plan.peers.filter(({ lacks }) => !lacks.includes(it.name));
    for (let round = 0; round < plan.rounds; ++round) {
      for (const peer of rotated(peers, round)) {
        const isSlow = measurements.some(
          (one) => one.name === it.name && one.peer === peer.name && tookLong(one),
        );
        if (isSlow) continue;
        const measurement = await measureOnce(session, link, plan, it, peer, round);
        measurements.push(measurement);
        report(measurement);
      }
    }
  }
  return measurements;
}

/** @param {Measurement} measurement */
const tookLong = ({ rows, failure }) =>
  failure !== undefined || Object.values(rows).some(({ value }) => value > kSlowMs);

/**
 * @param {Session} session
 * @param {LinkEntry} link
 * @param {Plan} plan
 * @param {Case} it
 * @param {PeerEntry} peer
 * @param {number} round
 * @returns {Promise<Measurement>}
 */
async function measureOnce({ browser, server }, link, plan, it, peer, round) {
  /** @type {Measurement} */
  const measurement = { link: link.name, name: it.name, peer: peer.name, round, rows: {} };
  const documents = Math.min(plan.documents, it.mostDocuments ?? Infinity);
  const name = `${link.name}-${it.name}-${peer.name}-${round}`;
  const stored = it.remote === 'full' ? documents : 0;
  const remote = await server.makeDatabase(name, stored);
  const way = await openLink(server.port);
  const prepare = async (/** @type {import('puppeteer-core').Page} */ page) => {
    const conditions = { ...link.conditions, drop: it.drop ?? 0, seed: round + 1 };
    // What is pulled several times is to come over the link each time.
    await page.setCacheEnabled(false);
    const exposed = measuring(server, way, conditions, measurement.rows);
    for (const [each, body] of Object.entries(exposed)) await page.exposeFunction(each, body);
    await page.exposeFunction('writeThere', (/** @type {any} */ docs) => server.write(remote, docs));
    await page.exposeFunction('readThere', () => server.read(remote));
  };
  const task = /** @type {const} */ ({
    what: 'replicate',
    peer: peer.name,
    name,
    replicationCase: it.name,
    documents,
    remote,
  });
  try {
    const outcome = await doInPage(browser, way.origin(name), task, prepare, kMostMs);
    if ('failure' in outcome) measurement.failure = outcome.failure;
  } finally {
    await way.close();
    await server.removeDatabase(remote);
  }
  return measurement;
}

/**
 * What the page calls before and after what it measures.
 *
 * @param {Session['server']} server
 * @param {import('../harness/link.mjs').Link} way
 * @param {import('../harness/link.mjs').Conditions} conditions
 * @param {Record<string, Figures>} rows where the figures go
 */
function measuring(server, way, conditions, rows) {
  /** @type {Traffic} */
  let before;
  let cpuBefore = 0;
  return {
    async linkBegins() {
      cpuBefore = (await server.counts()).cpuMilliseconds;
      before = await way.become(conditions);
    },
    /** @type {(row: string, value: number, share: number) => Promise<void>} */
    async linkEnds(row, value, share) {
      const after = await way.become({});
      const cpu = (await server.counts()).cpuMilliseconds - cpuBefore;
      const up = (after.up - before.up) / share;
      const down = (after.down - before.down) / share;
      rows[row] = {
        value: value / share,
        requests: (after.requests - before.requests) / share,
        up,
        down,
        bytes: up + down,
        serverCpu: cpu / share,
      };
    },
  };
}
