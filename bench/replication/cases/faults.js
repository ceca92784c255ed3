// A tenth of all requests never reach the server. Who gives up is told to go on, as an app would.
// Who makes few may lose none: so it is done several times, one after another.

import { checkDocuments } from '../../compare/operations/operation.js';
import { method } from './case.js';

const kPulls = 5;

/** @type {import('./case.js').Case} */
export const faults = {
  name: 'faults',
  rows: [
    {
      name: 'faults',
      title: (documents) => `pull of ${documents}, 10% of requests lost`,
      goals: ['loopback', '100ms'].flatMap((link) => [
        { link, of: 'value', most: 2, ofRow: 'pull' },
        { link, of: 'down', most: 1.1, ofRow: 'pull' },
      ]),
    },
  ],
  remote: 'full',
  links: ['loopback', '100ms'],
  drop: 0.1,

  async run({ peer, name, documents, remote, measure }) {
    // PouchDB leaves some of what a lost request does to it to the page, and can go on all the same.
    addEventListener('unhandledrejection', (event) => event.preventDefault());
    const databases = [];
    for (let i = 0; i < kPulls; ++i) databases.push(await peer.open(`${name}-${i}`));
    const body = async () => {
      for (const database of databases) await pullUntilDone(database, remote);
    };
    await measure('faults', body, kPulls);
    for (const database of databases) checkDocuments(await database.all(), documents);
  },
};

/** @param {import('./case.js').Database} database @param {string} remote */
async function pullUntilDone(database, remote) {
  for (;;) {
    const outcome = method(database, 'pull')(remote);
    const isDone = await outcome.then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
}
