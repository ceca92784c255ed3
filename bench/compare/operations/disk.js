import { calmBytes } from '../../page/storage.js';
import { putInBatches } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const disk = {
  name: 'disk',
  title: (documents) => `bytes on disk, ${documents}`,
  goals: { indexeddb: 1, pouchdb: 2 },
  starts: 'empty',
  isCold: true, // so that nothing else has been stored
  unit: 'bytes',
  rounds: 3,

  async run({ peer, name, documents }) {
    await peer.load();
    const database = await peer.open(name);
    await putInBatches(database, documents);
    await calmBytes();
    await database.close();
    const bytes = await calmBytes();
    await (await peer.open(name)).destroy();
    return bytes;
  },
};
