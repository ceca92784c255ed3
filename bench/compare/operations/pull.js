import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const pull = {
  name: 'pull',
  title: (documents) => `pull of ${documents} documents`,
  starts: 'empty',
  remote: 'full',
  mostDocuments: 10_000,

  async run({ peer, name, documents, remote, time }) {
    const database = await peer.open(name);
    const replicate = database.pull?.bind(database);
    if (!replicate) throw new Error('it does not pull');
    await time(() => replicate(remote));
    checkDocuments(await database.all(), documents);
    await database.destroy();
  },
};
