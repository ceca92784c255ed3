// The operations, in the order of the rows.

import { all } from './all.js';
import { bulk } from './bulk.js';
import { changes } from './changes.js';
import { disk } from './disk.js';
import { getCold } from './get-cold.js';
import { getWarm } from './get-warm.js';
import { open } from './open.js';
import { pull } from './pull.js';
import { push } from './push.js';
import { putAtOnce } from './put-at-once.js';
import { putAwaited } from './put-awaited.js';
import { update } from './update.js';
import { wasmMemory, wasmMemoryLarge } from './wasm-memory.js';

/** @type {import('./operation.js').Operation[]} */
export const kOperations = [
  bulk,
  putAwaited,
  putAtOnce,
  getWarm,
  getCold,
  all,
  changes,
  update,
  open,
  pull,
  push,
  wasmMemory,
  wasmMemoryLarge,
  disk,
];

/** @param {string} name */
export function operationNamed(name) {
  return kOperations.find((operation) => operation.name === name);
}
