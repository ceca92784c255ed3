import { checkDocuments, putInBatches } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const bulk = {
  name: 'bulk',
  title: (documents) => `${documents} documents by \`bulkDocs\``,
  goals: { indexeddb: 6, pouchdb: 15, sqlite: 2 },
  starts: 'empty',

  async run({ peer, name, documents, time }) {
    const database = await peer.open(name);
    await time(() => putInBatches(database, documents));
    checkDocuments(await database.all(), documents);
    await database.destroy();
  },
};
