import { checkDocuments } from '../../compare/operations/operation.js';
import { Heart } from '../../pauses/heart.js';
import { method } from './case.js';

/** @type {import('./case.js').Case} */
export const pauses = {
  name: 'pauses',
  rows: [
    {
      name: 'pauses',
      title: () => 'longest that the thread is held while pulling',
      goals: [{ link: 'loopback', of: 'value', most: 50 }],
    },
  ],
  remote: 'full',
  links: ['loopback'],

  async run({ peer, name, documents, remote, measure }) {
    const database = await peer.open(name);
    await measure('pauses', async () => {
      const heart = new Heart();
      await method(database, 'pull')(remote);
      return Math.max(...heart.stop(), 0);
    });
    checkDocuments(await database.all(), documents);
  },
};
