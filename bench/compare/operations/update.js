import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const update = {
  name: 'update',
  title: (documents, singles) => `${singles} read-modify-writes, each awaited`,
  goals: { indexeddb: 1, pouchdb: 3 },
  starts: 'empty',

  async run({ peer, name, documents, singles, time }) {
    const database = await peer.open(name);
    const some = documents.slice(0, singles);
    await database.putAll(some);
    await time(async () => {
      for (const { _id } of some) {
        await database.update(_id, (document) => {
          document.weight += 1;
        });
      }
    });
    const changed = some.map((document) => ({ ...document, weight: document.weight + 1 }));
    checkDocuments(await database.all(), changed);
    await database.destroy();
  },
};
