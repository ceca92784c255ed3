import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const changes = {
  name: 'changes',
  title: (documents) => `\`changes\` since 0 with documents, ${documents}`,
  goals: { pouchdb: 8 },
  starts: 'filled',

  async run({ peer, name, documents, time }) {
    const database = await peer.open(name);
    const read = database.changes?.bind(database);
    if (!read) throw new Error('it has no feed of changes');
    checkDocuments(await time(read), documents);
    await database.close();
  },
};
