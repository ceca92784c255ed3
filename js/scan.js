// A scan: the rows of allDocs, page by page, in constant memory. A page begins after the id where
// the last one ended, whatever has been written or removed meanwhile, so each id comes once at most.
//
// A local database cuts its pages by bytes too, as documents can be large.

import { badRequest } from './errors.js';

// Rows of a page: enough that a server's round trip doesn't weigh, and that little is read in vain
// where the loop is left.
const kBatchSize = 1000;

// The JSON text of a page of documents of a local database.
const kMaxPageBytes = 1 << 20;

/** @typedef {Record<string, any>} Options */
/**
 * @typedef {object} Pages
 * @property {string} adapter
 * @property {(options: Options) => Promise<any>} allDocs
 */

/** @param {Options} options */
function checkOptions({ keys, batch_size: batchSize }) {
  if (keys !== undefined) throw badRequest("A scan has no 'keys': allDocs answers them at once");
  if (batchSize !== undefined && !(Number.isInteger(batchSize) && batchSize > 0)) {
    throw badRequest("Option 'batch_size' must be a whole number above 0");
  }
}

/**
 * The next page. A server knows no way to say "after": its page begins with the last row again, if
 * that is still there.
 *
 * @param {Pages} database
 * @param {Options} query
 * @param {number} size
 * @param {string} [last] id of the last row
 * @returns {Promise<{rows: any[], isLast: boolean}>}
 */
async function pageAfter(database, { start_key: synonym, ...query }, size, last) {
  const startkey = last ?? query.startkey ?? synonym;
  if (database.adapter !== 'http') {
    const after = { startkey, inclusive_start: last === undefined, max_bytes: kMaxPageBytes };
    const { rows, is_cut: isCut } = await database.allDocs({ ...query, ...after, limit: size });
    return { rows, isLast: rows.length < size && !isCut };
  }
  const repeated = last === undefined ? 0 : 1;
  const { rows } = await database.allDocs({ ...query, startkey, limit: size + repeated });
  const isLast = rows.length < size + repeated;
  if (rows[0]?.id === last) rows.shift();
  return { rows: rows.slice(0, size), isLast };
}

/**
 * @param {Pages} database
 * @param {Options} options of allDocs, and batch_size
 * @returns {AsyncGenerator<any>}
 */
export async function* scan(database, options) {
  checkOptions(options);
  const { batch_size: batchSize = kBatchSize, limit = Infinity, skip = 0, ...query } = options;
  /** @type {string | undefined} */
  let last;
  let isLast = false;
  for (let count = 0; count < limit && !isLast; ) {
    const size = Math.min(batchSize, limit - count);
    const from = last === undefined ? { ...query, skip } : query;
    const page = await pageAfter(database, from, size, last);
    yield* page.rows;
    count += page.rows.length;
    last = page.rows.at(-1)?.id ?? last;
    isLast = page.isLast;
  }
}
