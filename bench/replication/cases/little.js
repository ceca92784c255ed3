// What a replication costs that has little to do, or nothing: a database that was
// synchronized before.

import { checkDocument } from '../../compare/operations/operation.js';
import { median } from '../../harness/statistics.mjs';
import { sleep } from '../../page/storage.js';
import { method } from './case.js';

const kFew = 10;
const kLiveChanges = 5;
// A live replication waits for changes by then.
const kCalmMs = 3000;

/** @type {import('./case.js').Case} */
export const little = {
  name: 'little',
  rows: [
    {
      name: 'nothing',
      title: () => 'nothing to pull',
      // Two round trips, and half of one for the work.
      goals: [{ link: '100ms', of: 'value', most: 250 }],
    },
    {
      name: 'few',
      title: () => `${kFew} changes pulled`,
      goals: [{ link: '100ms', of: 'value', most: 450 }], // four round trips, likewise
    },
    { name: 'both', title: () => `${kFew} each way`, goals: [] },
    {
      name: 'live',
      title: () => 'from a write on the server to the event in the page, live',
      goals: [
        { link: 'loopback', of: 'value', most: 50 },
        { link: 'loopback', of: 'value', than: 'pouchdb', times: 1 },
        { link: 'loopback', of: 'value', than: 'rxdb', times: 1 },
        { link: '100ms', of: 'value', than: 'pouchdb', times: 1 },
        { link: '100ms', of: 'value', than: 'rxdb', times: 1 },
      ],
    },
  ],
  remote: 'full',
  links: ['loopback', '100ms'],

  async run({ peer, name, further, remote, writeThere, readThere, measure }) {
    const database = await peer.open(name);
    const pullAll = method(database, 'pull');
    await pullAll(remote);
    // What was pulled need not be offered to the server again.
    await method(database, 'sync')(remote);
    await measure('nothing', () => pullAll(remote));

    const few = further.slice(0, kFew);
    await writeThere(few);
    await measure('few', () => pullAll(remote));
    for (const document of few) checkDocument(await database.get(document._id), document);

    const there = further.slice(kFew, 2 * kFew);
    const here = further.slice(2 * kFew, 3 * kFew);
    await writeThere(there);
    for (const document of here) await database.put(document);
    await measure('both', () => method(database, 'sync')(remote));
    for (const document of there) checkDocument(await database.get(document._id), document);
    const arrived = new Set((await readThere()).map(({ _id }) => _id));
    if (!here.every(({ _id }) => arrived.has(_id))) throw new Error('it has not pushed all');

    const live = further.slice(3 * kFew, 3 * kFew + kLiveChanges);
    await measure('live', () => liveChanges(database, remote, live, writeThere));
  },
};

/**
 * @param {import('./case.js').Database} database
 * @param {string} remote
 * @param {import('./case.js').BenchDocument[]} documents
 * @param {import('./case.js').Context['writeThere']} writeThere
 * @returns {Promise<number>} ms
 */
async function liveChanges(database, remote, documents, writeThere) {
  /** @type {(id: string) => void} */
  let onChange = () => {};
  await method(database, 'follow')(remote, (id) => onChange(id));
  await sleep(kCalmMs);
  const took = [];
  for (const document of documents) {
    const start = performance.now();
    const seen = new Promise((resolve) => {
      onChange = (id) => id === document._id && resolve(performance.now());
    });
    await writeThere([document]);
    took.push(Number(await seen) - start);
    await sleep(kCalmMs / 10);
  }
  return median(took);
}
