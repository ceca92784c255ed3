// The page's side of the comparison: one peer, one database, one operation.

import { makeDocuments } from '../page/documents.js';
import { operationNamed } from './operations/index.js';
import { putInBatches } from './operations/operation.js';
import { peerNamed } from './peers/index.js';

/** @typedef {import('./peers/peer.js').Peer} Peer */

/**
 * @typedef {object} CompareTask
 * @property {'fill' | 'measure'} what `fill`: put all documents into the database `name`
 * @property {string} peer
 * @property {string} name
 * @property {number} documents
 * @property {number} singles
 * @property {string} [operation]
 * @property {string} [remote] path of a CouchDB database on the page's server
 */

/** What Node has exposed to the page. */
const node = /** @type {{benchMark: (mark: 'begin' | 'end') => Promise<void>}} */ (
  /** @type {unknown} */ (globalThis)
);

// So many that the engine and the browser have compiled what they will run most.
const kWarmUpDocuments = 500;

/** @param {CompareTask} task */
export async function fill({ peer: peerName, name, documents }) {
  const peer = makePeer(peerName);
  await peer.load();
  const database = await peer.open(name);
  await putInBatches(database, makeDocuments(documents));
  await database.close();
}

/**
 * @param {CompareTask} task
 * @returns {Promise<number>} ms, or the operation's unit
 */
export async function measure(task) {
  const operation = operationNamed(task.operation ?? '');
  if (!operation) throw new Error(`no operation ${task.operation}`);
  const peer = makePeer(task.peer);
  const documents = makeDocuments(task.documents);
  if (!operation.isCold) await warmUp(peer, `${task.name}-warm-up`);

  let milliseconds = NaN;
  const context = {
    peer,
    name: task.name,
    documents,
    singles: Math.min(task.singles, task.documents),
    remote: task.remote ? location.origin + task.remote : '',
    async time(/** @type {() => Promise<any>} */ body) {
      await node.benchMark('begin');
      const start = performance.now();
      const result = await body();
      milliseconds = performance.now() - start;
      await node.benchMark('end');
      return result;
    },
  };
  return (await operation.run(context)) ?? milliseconds;
}

/**
 * @param {Peer} peer
 * @param {string} name
 */
export async function warmUp(peer, name) {
  await peer.load();
  const database = await peer.open(name);
  const documents = makeDocuments(kWarmUpDocuments);
  const half = kWarmUpDocuments / 2;
  await database.putAll(documents.slice(0, half));
  for (const document of documents.slice(half)) await database.put(document);
  for (const { _id } of documents) await database.get(_id);
  await database.all();
  await database.destroy();
}

/** @param {string} name */
function makePeer(name) {
  const entry = peerNamed(name);
  if (!entry) throw new Error(`no peer ${name}`);
  return entry.make();
}
