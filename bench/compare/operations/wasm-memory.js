import { wasmMemoryBytes } from '../../page/wasm-memory.js';
import { putInBatches } from './operation.js';

/** @typedef {import('./operation.js').Operation} Operation */

/**
 * @param {string} name
 * @param {number} batch
 * @returns {Operation}
 */
const afterBatchesOf = (name, batch) => ({
  name,
  title: (documents) =>
    `WASM memory after writing ${documents}, ${batch.toLocaleString('en-US')} at a time`,
  limit: 48e6,
  starts: 'empty',
  isCold: true, // so that nothing else has made it larger
  unit: 'bytes',
  rounds: 1,

  async run({ peer, name: database, documents }) {
    await peer.load();
    const opened = await peer.open(database);
    await putInBatches(opened, documents, batch);
    const bytes = wasmMemoryBytes();
    await opened.destroy();
    return bytes;
  },
});

export const wasmMemory = afterBatchesOf('wasm-memory', 1000);
export const wasmMemoryLarge = afterBatchesOf('wasm-memory-large', 10_000);
