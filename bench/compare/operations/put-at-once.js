import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const putAtOnce = {
  name: 'put-at-once',
  title: (documents, singles) => `${singles} \`put\`s at once`,
  goals: { indexeddb: 10, pouchdb: 50, sqlite: 5 },
  starts: 'empty',

  async run({ peer, name, documents, singles, time }) {
    const database = await peer.open(name);
    const some = documents.slice(0, singles);
    await time(() => Promise.all(some.map((document) => database.put(document))));
    checkDocuments(await database.all(), some);
    await database.destroy();
  },
};
