// The benchmark's page: does what Node asks for and hands the result back, by the functions
// `benchStart` (the page's) and `benchDone` (Node's). A page makes one measurement and is closed.

import './wasm-memory.js';
import { operationNamed } from '../operations/index.js';
import { putInBatches } from '../operations/operation.js';
import { peerNamed } from '../peers/index.js';
import { makeDocuments } from './documents.js';

/** @typedef {import('../peers/peer.js').Peer} Peer */

/**
 * @typedef {object} Task
 * @property {'fill' | 'measure'} what `fill`: put all documents into the database `name`
 * @property {string} peer
 * @property {string} name
 * @property {number} documents
 * @property {number} singles
 * @property {string} [operation]
 * @property {string} [remote] path of a CouchDB database on the page's server
 */
/** @typedef {{value: number} | {failure: string}} Outcome value: ms, or the operation's unit */

/** What Node has exposed to the page. */
const node = /** @type {{benchMark: (mark: 'begin' | 'end') => Promise<void>,
  benchDone: (outcome: Outcome) => Promise<void>}} */ (/** @type {unknown} */ (globalThis));

// So many that the engine and the browser have compiled what they will run most.
const kWarmUpDocuments = 500;

/** @param {Task} task */
async function fill({ peer: peerName, name, documents }) {
  const peer = makePeer(peerName);
  await peer.load();
  const database = await peer.open(name);
  await putInBatches(database, makeDocuments(documents));
  await database.close();
  return 0;
}

/** @param {Task} task */
async function measure(task) {
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
async function warmUp(peer, name) {
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

/** @param {any} error */
const describe = (error) =>
  error?.stack ?? error?.reason ?? error?.message ?? JSON.stringify(error);

Object.assign(globalThis, {
  /** @param {Task} task */
  benchStart(task) {
    const work = task.what === 'fill' ? fill(task) : measure(task);
    work.then(
      (value) => node.benchDone({ value }),
      (error) => node.benchDone({ failure: describe(error) }),
    );
  },
});
