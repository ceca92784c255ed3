// What the engine is asked for where an app asks for a replication: the options that it understands,
// and JavaScript's part of them, the filter of the source's changes.

import { changeFilter } from './change-filter.js';
import { badRequest } from './errors.js';

const kEngineOptions = /** @type {const} */ ([
  'batch_size',
  'batches_limit',
  'checkpoint',
  'doc_ids',
  'feed',
  'filter',
  'heartbeat',
  'live',
  'query_params',
  'retry',
  'selector',
  'since',
  'style',
  'timeout',
  'view',
]);

/** @typedef {{adapter: () => string, get: (id: string) => Promise<any>}} Source */
/**
 * @typedef {object} ReplicationRequest
 * @property {Record<string, any>} options for the engine
 * @property {import('./engine.js').DocumentsFilter | undefined} filter where it takes JavaScript
 */

/**
 * @param {Record<string, any>} options of a replication
 * @returns {Record<string, any>} those that are not this tab's alone
 */
export function engineOptions(options) {
  const given = kEngineOptions.filter((name) => options[name] !== undefined);
  const understood = Object.fromEntries(given.map((name) => [name, options[name]]));
  return options.continuous ? { ...understood, live: true } : understood;
}

/** @param {unknown} rule */
function checkRule(rule) {
  if (rule === undefined || rule === null || typeof rule === 'function') return;
  throw badRequest('The replication option "back_off_function" must be a function.');
}

/**
 * What tells one filter from another, in the name of the checkpoints that are kept for it.
 *
 * @param {Record<string, any>} options
 */
function nameOfFilter({ filter, view }) {
  if (typeof filter === 'function') return String(filter);
  return view === undefined ? filter : `_view ${view}`;
}

/**
 * @param {Source} source
 * @param {Record<string, any>} options of a replication
 * @returns {Promise<ReplicationRequest>}
 */
export async function replicationRequest(source, options) {
  checkRule(options.back_off_function);
  const { query, passes } = changeFilter(source, engineOptions(options));
  const predicate = await passes;
  const { include_docs: _, ...understood } = query;
  if (!predicate) return { options: understood, filter: undefined };
  return {
    options: { ...understood, filter_source: nameOfFilter(options) },
    filter: (documents) => documents.map((doc) => predicate({ id: doc._id, doc })),
  };
}
