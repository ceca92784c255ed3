import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const putAwaited = {
  name: 'put-awaited',
  title: (documents, singles) => `${singles} \`put\`s, each awaited`,
  goals: { indexeddb: 1 / 1.1, pouchdb: 3 },
  starts: 'empty',

  async run({ peer, name, documents, singles, time }) {
    const database = await peer.open(name);
    const some = documents.slice(0, singles);
    await time(async () => {
      for (const document of some) await database.put(document);
    });
    checkDocuments(await database.all(), some);
    await database.destroy();
  },
};
