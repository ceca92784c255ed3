// Replication over good and bad links: the results of each link have a place of their own.

import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { number, writeResults } from '../harness/results-page.mjs';
import { machine, today, withSession } from '../harness/session.mjs';
import { measureOver } from './measure.mjs';
import { markdown } from './report.mjs';

/** @typedef {import('./measure.mjs').Measurement} Measurement */

/** @param {import('../harness/options.mjs').Options} options */
export async function replication(options) {
  const [documents] = options.documents;
  const { cases, replicationPeers: peers, rounds } = options;
  const plan = { cases, peers, rounds, documents };
  const remote = process.env.COUCHDB_URL ? 'CouchDB' : 'express-pouchdb in memory';
  await withSession(options, async (session) => {
    const version = await session.browser.version();
    /** @type {Measurement[]} */
    const all = [];
    for (const link of options.links) {
      const measurements = await measureOver(session, link, plan, show);
      all.push(...measurements);
      const where = `${version}; ${machine()}; ${today()}; ${rounds} rounds`;
      const head = `Over ${link.title}, with ${remote}. ${where}; ${number(documents)} documents.`;
      const text = `${head}\n\n${markdown(measurements, link.name, plan)}`;
      console.log(`\n${text}\n`);
      const mark = `replication: ${options.browser}, ${documents} documents, ${link.name}`;
      if (options.write) await writeResults(mark, text);
      if (options.json) await writeFile(options.json, JSON.stringify(all, null, 2));
    }
    if (all.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
  });
}

/** @param {Measurement} measurement */
function show({ link, name, peer, round, rows, failure }) {
  const figures = Object.entries(rows).map(
    ([row, { value, requests, up, down }]) =>
      `${row} ${value.toFixed(1)} ms, ${requests} requests, ${up} up, ${down} down`,
  );
  if (failure !== undefined) figures.push(`FAILED ${failure}`);
  console.log(`${link.padEnd(8)} ${round + 1}  ${peer.padEnd(12)} ${figures.join('; ')}`);
}
