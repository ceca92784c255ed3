import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const all = {
  name: 'all',
  title: (documents) => `\`allDocs\` with documents, ${documents}`,
  goals: { indexeddb: 2, pouchdb: 8, sqlite: 1 },
  starts: 'filled',

  async run({ peer, name, documents, time }) {
    const database = await peer.open(name);
    checkDocuments(await time(() => database.all()), documents);
    await database.close();
  },
};
