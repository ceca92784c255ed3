import { checkDocuments } from '../../compare/operations/operation.js';
import { kEveryLink, method } from './case.js';

/** @type {import('./case.js').Case} */
export const pull = {
  name: 'pull',
  rows: [
    {
      name: 'pull',
      title: (documents) => `pull of ${documents} documents`,
      goals: [
        { link: 'loopback', of: 'value', than: 'pouchdb', times: 10 },
        { link: 'loopback', of: 'value', than: 'rxdb', times: 3 },
        { link: 'loopback', of: 'requests', than: 'pouchdb', times: 20 },
        { link: '100ms', of: 'value', than: 'pouchdb', times: 20 },
        { link: '100ms', of: 'value', than: 'plain', times: 1 / 1.5 },
        { link: '1mbit', of: 'value', than: 'plain', times: 1 / 1.05 },
        { link: '1mbit', of: 'bytes', than: 'pouchdb', times: 1 },
      ],
    },
  ],
  remote: 'full',
  links: kEveryLink,

  async run({ peer, name, documents, remote, measure }) {
    const database = await peer.open(name);
    await measure('pull', () => method(database, 'pull')(remote));
    checkDocuments(await database.all(), documents);
  },
};
