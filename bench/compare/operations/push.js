import { checkDocuments } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const push = {
  name: 'push',
  title: (documents) => `push of ${documents} documents`,
  starts: 'filled',
  remote: 'empty',
  mostDocuments: 10_000,

  async run({ peer, name, documents, remote, time }) {
    const database = await peer.open(name);
    const replicate = database.push?.bind(database);
    if (!replicate) throw new Error('it does not push');
    await time(() => replicate(remote));
    const { rows } = await (await fetch(`${remote}/_all_docs?include_docs=true`)).json();
    checkDocuments(
      rows.map((/** @type {any} */ row) => row.doc),
      documents,
    );
    await database.close();
  },
};
