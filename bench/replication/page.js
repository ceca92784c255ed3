// The page's side of the measuring of replication: one peer, one case.

import { warmUp } from '../compare/page.js';
import { makeDocuments } from '../page/documents.js';
import { kCases } from './cases/index.js';
import { kPeers } from './peers/index.js';

/** @typedef {import('./cases/case.js').BenchDocument} BenchDocument */
/**
 * @typedef {object} ReplicationTask
 * @property {'replicate'} what
 * @property {string} peer
 * @property {string} name of the database
 * @property {string} replicationCase its name
 * @property {number} documents
 * @property {string} remote path of a CouchDB database on the page's server
 */

/**
 * What Node has exposed to the page.
 *
 * @type {{
 *   linkBegins: () => Promise<void>,
 *   linkEnds: (row: string, value: number, share: number) => Promise<void>,
 *   writeThere: (documents: BenchDocument[]) => Promise<void>,
 *   readThere: () => Promise<BenchDocument[]>,
 * }}
 */
const node = /** @type {any} */ (globalThis);

// Documents that neither side has in the beginning.
const kFurther = 100;

/** @param {ReplicationTask} task */
export async function replicate(task) {
  const entry = kPeers.find(({ name }) => name === task.peer);
  const found = kCases.find(({ name }) => name === task.replicationCase);
  if (!entry || !found) throw new Error(`no ${task.peer} or no ${task.replicationCase}`);
  const peer = entry.make();
  if (!entry.hasNoStore) await warmUp(peer, `${task.name}-warm-up`);
  const all = makeDocuments(task.documents + kFurther);
  await found.run({
    peer,
    name: task.name,
    documents: all.slice(0, task.documents),
    further: all.slice(task.documents),
    remote: location.origin + task.remote,
    writeThere: (documents) => node.writeThere(documents),
    readThere: () => node.readThere(),
    measure,
  });
}

/** @type {import('./cases/case.js').Context['measure']} */
async function measure(row, body, share = 1) {
  await node.linkBegins();
  const start = performance.now();
  const figure = await body();
  const milliseconds = performance.now() - start;
  await node.linkEnds(row, figure ?? milliseconds, share);
}
