// The differences that are meant: each with its reason, which docs/migrating-from-pouchdb.md tells
// users too.

/**
 * @typedef {object} Context
 * @property {import('./operations.js').Operation} operation
 * @property {any} ours the whole answer
 * @property {any} theirs
 */

/**
 * @typedef {object} Explanation
 * @property {string} name
 * @property {string} reason
 * @property {boolean} [endsSequence] the two databases aren't the same any more
 * @property {(difference: import('./compare.js').Difference, context: Context) => boolean} explains
 */

/** @type {Explanation[]} */
export const kExplained = [];
