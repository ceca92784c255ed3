import { putInBatches } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const disk = {
  name: 'disk',
  title: (documents) => `bytes on disk, ${documents}`,
  starts: 'empty',
  unit: 'bytes',
  rounds: 3,

  async run({ peer, name, documents }) {
    const before = await usedBytes();
    const database = await peer.open(name);
    await putInBatches(database, documents);
    await database.close();
    const bytes = (await usedBytes()) - before;
    await (await peer.open(name)).destroy();
    return bytes;
  },
};

/** What the browser says that this origin has stored, logs of IndexedDB's own included. */
async function usedBytes() {
  const { usage = 0 } = await navigator.storage.estimate();
  return usage;
}
