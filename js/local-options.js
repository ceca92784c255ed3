// The options of a local database. Anything that one may not be is a 400 which says what it may be:
// an option that is quietly not obeyed is found out when it is too late. Options of other kinds of
// database are no mistake (Couchlet.defaults gives the same ones to all).

import { badRequest } from './errors.js';

// What the engine's memory could hold at all.
const kMaxBytes = 2 ** 30;

/** @typedef {{values: readonly unknown[]} | {from: number, to: number}} Rule */

/** @type {Record<string, Rule>} */
const kRules = {
  revs_limit: { from: 1, to: Number.MAX_SAFE_INTEGER },
  auto_compaction: { values: [true, false] },
  deterministic_revs: { values: [true, false] },
  durability: { values: ['relaxed', 'strict'] },
  cacheSize: { from: 0, to: kMaxBytes },
  memtableSize: { from: 1, to: kMaxBytes },
  persist: { values: [true, false] },
};

/** What is the engine's to obey. */
const kEngineOptions = [
  'adapter',
  'revs_limit',
  'auto_compaction',
  'deterministic_revs',
  'durability',
  'cacheSize',
  'memtableSize',
];

/**
 * @param {Rule} rule
 * @param {unknown} value
 */
function obeys(rule, value) {
  if ('values' in rule) return rule.values.includes(value);
  const number = /** @type {number} */ (value);
  return Number.isInteger(value) && number >= rule.from && number <= rule.to;
}

/** @param {Rule} rule */
function wanted(rule) {
  if ('values' in rule) return rule.values.map((value) => JSON.stringify(value)).join(' or ');
  return `a whole number from ${rule.from} to ${rule.to}`;
}

/** @param {Record<string, unknown>} options */
export function checkLocalOptions(options) {
  for (const [name, rule] of Object.entries(kRules)) {
    const value = options[name];
    if (value !== undefined && !obeys(rule, value)) {
      throw badRequest(`Option '${name}' must be ${wanted(rule)}, not ${String(value)}`);
    }
  }
}

/**
 * @param {Record<string, unknown>} options
 * @returns {Record<string, unknown>}
 */
export function engineOptions(options) {
  return Object.fromEntries(kEngineOptions.map((name) => [name, options[name]]));
}
