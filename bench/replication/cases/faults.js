// A tenth of all requests never reach the server. Who gives up is told to go on, as an app would.

import { checkDocuments } from '../../compare/operations/operation.js';
import { method } from './case.js';

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
    const database = await peer.open(name);
    const pullAll = method(database, 'pull');
    await measure('faults', async () => {
      while (
        !(await pullAll(remote).then(
          () => true,
          () => false,
        ))
      );
    });
    checkDocuments(await database.all(), documents);
  },
};
