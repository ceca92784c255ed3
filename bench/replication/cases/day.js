// A user's day: documents are read again and again, now and then one is written. The user waits for
// each read and each write, not for what is replicated meanwhile. Where each of them is a request
// the day would take ten minutes: then a tenth of it is done, with a tenth of the documents.

import { sleep } from '../../page/storage.js';
import { randomIndexes } from '../../page/documents.js';
import { method } from './case.js';

const kSittings = 10;
// Of a sitting.
const kReads = 500;
const kWrites = 10;
const kRestMs = 2000;
const kMostWaitMs = 60_000;

/** @type {import('./case.js').Case} */
export const day = {
  name: 'day',
  rows: [
    {
      name: 'day',
      title: (documents) =>
        `what a user of ${documents} documents waits for in a day of 5,000 reads and 100 writes`,
      goals: [
        { link: '100ms', of: 'value', than: 'rest', times: 500 },
        { link: '100ms', of: 'bytes', than: 'rest', times: 10 },
      ],
    },
  ],
  remote: 'full',
  links: ['100ms'],
  mostDocuments: 1000,

  async run({ peer, name, documents, remote, readThere, measure }) {
    const database = await peer.open(name, remote);
    const { follow } = database;
    const share = follow ? 1 : 1 / kSittings;
    const some = documents.slice(0, Math.ceil(documents.length * share));
    const body = async () => {
      // What comes first is a part of the day's bytes; the app shows that it is loading.
      await database.pull?.(remote);
      await database.follow?.(remote, () => {});
      let waited = 0;
      const edits = new Map();
      for (let sitting = 0; sitting < kSittings * share; ++sitting) {
        const start = performance.now();
        await sit(database, some, sitting, edits);
        waited += performance.now() - start;
        if (follow) await sleep(kRestMs);
      }
      await arrive(readThere, edits);
      return waited;
    };
    await measure('day', body, share);
  },
};

/**
 * @param {import('./case.js').Database} database
 * @param {import('./case.js').BenchDocument[]} documents
 * @param {number} sitting
 * @param {Map<string, number>} edits of each document that was written
 */
async function sit(database, documents, sitting, edits) {
  const some = randomIndexes(documents.length, documents.length).map((index) => documents[index]);
  for (let read = 0; read < kReads; ++read) {
    const { _id } = some[(sitting * kReads + read) % some.length];
    await method(database, 'get')(_id);
    if (read % (kReads / kWrites) > 0) continue;
    const value = 1000 + sitting * kReads + read;
    await database.update(_id, (document) => {
      document.edits = value;
    });
    edits.set(_id, value);
  }
}

/**
 * Until all that was written has reached the server.
 *
 * @param {import('./case.js').Context['readThere']} readThere
 * @param {Map<string, number>} edits
 */
async function arrive(readThere, edits) {
  for (const start = performance.now(); performance.now() - start < kMostWaitMs; ) {
    const there = new Map((await readThere()).map((document) => [document._id, document.edits]));
    if ([...edits].every(([id, value]) => there.get(id) === value)) return;
    await sleep(200);
  }
  throw new Error('what was written has not reached the server');
}
