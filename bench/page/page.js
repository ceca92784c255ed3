// The benchmark's page: does what Node asks for and hands the result back, by the functions
// `benchStart` (the page's) and `benchDone` (Node's). A page does one task and is closed.

import './wasm-memory.js';
import { measureBlocks } from '../blocks/page.js';
import { fill, measure } from '../compare/page.js';
import { growTo, measureGrown } from '../growth/page.js';
import { measurePauses } from '../pauses/page.js';
import { replicate } from '../replication/page.js';

/** @typedef {import('../compare/page.js').CompareTask} CompareTask */
/** @typedef {import('../growth/page.js').GrowthTask} GrowthTask */
/** @typedef {{what: 'pauses'} & import('../pauses/page.js').PausesTask} PausesTask */
/** @typedef {{what: 'blocks'} & import('../blocks/page.js').BlocksTask} BlocksTask */
/** @typedef {import('../replication/page.js').ReplicationTask} ReplicationTask */
/** @typedef {CompareTask | GrowthTask | PausesTask | BlocksTask | ReplicationTask} Task */
/** @typedef {{value: any} | {failure: string}} Outcome */

const node = /** @type {{benchDone: (outcome: Outcome) => Promise<void>}} */ (
  /** @type {unknown} */ (globalThis)
);

/** @type {Record<Task['what'], (task: any) => Promise<unknown>>} */
const tasks = {
  fill,
  measure,
  grow: growTo,
  grown: measureGrown,
  pauses: measurePauses,
  blocks: measureBlocks,
  replicate,
};

/** @param {any} error */
const describe = (error) =>
  error?.stack ?? error?.reason ?? error?.message ?? JSON.stringify(error);

Object.assign(globalThis, {
  /** @param {Task} task */
  benchStart(task) {
    tasks[task.what](task).then(
      (value) => node.benchDone({ value }),
      (error) => node.benchDone({ failure: describe(error) }),
    );
  },
});
