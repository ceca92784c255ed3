// Keys of allDocs of a local database that aren't texts. Ids are, but a key may be any JSON, as
// apps are used to it from views: there null, booleans and numbers come before all texts, arrays
// and objects after them (CouchDB's documentation, ddocs/views/collation). So such a key bounds all
// ids, or none.
//
// null and undefined are no key at all, as with PouchDB.

/** @typedef {Record<string, any>} Options */

// Nobody's id.
const kNoId = '';

const kNames = [
  ['startkey', 'start_key'],
  ['endkey', 'end_key'],
];

/**
 * @param {any} key
 * @returns {number} below 0: before all ids; above: after them
 */
function place(key) {
  if (typeof key === 'string') return 0;
  return typeof key === 'object' ? 1 : -1;
}

/**
 * @param {Options} options of allDocs, without keys
 * @returns {Options} whose keys are texts
 */
export function withTextKeys(options) {
  const asked = { ...options };
  let isEmpty = (options.key ?? '') !== '' && place(options.key) !== 0;
  for (const [end, names] of kNames.entries()) {
    for (const name of names) {
      const side = place(asked[name] ?? '');
      if (side === 0) continue;
      // The beginning lets ids pass that come after it; descending turns it round.
      const passing = (end === 0) !== (options.descending === true) ? -1 : 1;
      if (side !== passing) isEmpty = true;
      delete asked[name];
    }
  }
  if (!isEmpty) return asked;
  delete asked.key;
  return { ...asked, limit: 0 };
}

/**
 * @param {any[]} keys
 * @returns {string[]}
 */
export function textKeys(keys) {
  return keys.map((key) => (typeof key === 'string' ? key : kNoId));
}

/**
 * Puts keys that aren't texts back into the rows of what isn't there.
 *
 * @param {Options} options with keys
 * @param {any[]} rows of textKeys()
 */
export function putKeysBack({ keys, descending, skip = 0 }, rows) {
  const inOrder = descending ? [...keys].reverse() : keys;
  for (const [number, row] of rows.entries()) {
    if (row.key === kNoId) row.key = inOrder[skip + number];
  }
}
