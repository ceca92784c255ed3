import { randomIndexes } from '../../page/documents.js';
import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const getCold = {
  name: 'get-cold',
  title: (documents, singles) => `${singles} random \`get\`s, cold page`,
  goals: { indexeddb: 2, pouchdb: 3, sqlite: 1 },
  starts: 'filled',
  isCold: true,

  async run({ peer, name, documents, singles, time }) {
    await peer.load();
    const database = await peer.open(name);
    const some = randomIndexes(singles, documents.length).map((index) => documents[index]);
    const found = await time(async () => {
      const got = [];
      for (const { _id } of some) got.push(await database.get(_id));
      return got;
    });
    checkDocuments(found, some);
    await database.close();
  },
};
