import { checkDocuments, putInBatches } from '../../compare/operations/operation.js';
import { kEveryLink, method } from './case.js';

/** @type {import('./case.js').Case} */
export const push = {
  name: 'push',
  rows: [
    {
      name: 'push',
      title: (documents) => `push of ${documents} documents`,
      goals: [
        { link: 'loopback', of: 'value', than: 'pouchdb', times: 6 },
        { link: 'loopback', of: 'requests', than: 'pouchdb', times: 20 },
        { link: '100ms', of: 'value', than: 'pouchdb', times: 20 },
        { link: '1mbit', of: 'value', than: 'pouchdb', times: 7 },
      ],
    },
  ],
  remote: 'empty',
  links: kEveryLink,

  async run({ peer, name, documents, remote, readThere, measure }) {
    const database = await peer.open(name);
    await putInBatches(database, documents);
    await measure('push', () => method(database, 'push')(remote));
    checkDocuments(await readThere(), documents);
  },
};
