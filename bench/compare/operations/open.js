import { checkDocument } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const open = {
  name: 'open',
  title: (documents) => `from a page's load to the first document, ${documents} stored`,
  goals: { pouchdb: 1, sqlite: 3 },
  starts: 'filled',
  isCold: true,

  async run({ peer, name, documents, time }) {
    const [wanted] = documents;
    const { database, found } = await time(async () => {
      await peer.load();
      const database = await peer.open(name);
      return { database, found: await database.get(wanted._id) };
    });
    checkDocument(found, wanted);
    await database.close();
  },
};
