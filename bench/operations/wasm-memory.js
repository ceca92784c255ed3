import { wasmMemoryBytes } from '../page/wasm-memory.js';
import { putInBatches } from './operation.js';

/** @type {import('./operation.js').Operation} */
export const wasmMemory = {
  name: 'wasm-memory',
  title: (documents) => `WASM memory after writing and reading ${documents}`,
  starts: 'empty',
  unit: 'bytes',
  rounds: 1,

  async run({ peer, name, documents }) {
    const database = await peer.open(name);
    await putInBatches(database, documents);
    for (const { _id } of documents) await database.get(_id);
    await database.all();
    const bytes = wasmMemoryBytes();
    await database.destroy();
    return bytes;
  },
};
