import { randomIndexes } from '../../page/documents.js';
import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const getWarm = {
  name: 'get-warm',
  title: (documents, singles) => `${singles} random \`get\`s, warm`,
  goals: { indexeddb: 10, pouchdb: 10, sqlite: 5 },
  starts: 'filled',

  async run({ peer, name, documents, singles, time }) {
    const database = await peer.open(name);
    const some = randomIndexes(singles, documents.length).map((index) => documents[index]);
    const getAll = async () => {
      const found = [];
      for (const { _id } of some) found.push(await database.get(_id));
      return found;
    };
    await getAll();
    checkDocuments(await time(getAll), some);
    await database.close();
  },
};
