// Functions that design documents have as texts: filters, and the map functions of views. They run
// in this page, with what they find around them in CouchDB.

import { CouchletError, missingJsonKey } from './errors.js';

const noop = () => {};

// CouchDB's query server has these (documentation, query-server/javascript).
const kSurroundings = {
  isArray: Array.isArray,
  toJSON: JSON.stringify,
  sum: (/** @type {number[]} */ values) => values.reduce((total, value) => total + value, 0),
  log: (/** @type {unknown} */ value) => console.debug(value),
};

/**
 * The function at a path in a design document: ['filters', 'name'], ['views', 'name', 'map'].
 *
 * @param {any} design
 * @param {string[]} path
 * @param {{emit?: Function}} [more] what it finds around it
 * @returns {Function}
 */
export function designFunction(design, path, { emit = noop } = {}) {
  const source = path.reduce((value, name) => own(value, name), design);
  if (typeof source !== 'string') throw missingJsonKey(path[1]);
  const names = [...Object.keys(kSurroundings), 'emit'];
  const values = [...Object.values(kSurroundings), emit];
  const where = `${path.join('.')} of ${design._id}`;
  const value = evaluate(source.replace(/[\s;]+$/, ''), names, values, where);
  if (typeof value === 'function') return value;
  throw new CouchletError(500, 'compilation_error', `${where} is not a function`);
}

/**
 * @param {any} value
 * @param {string} name
 */
function own(value, name) {
  return Object.hasOwn(Object(value), name) ? value[name] : undefined;
}

/**
 * @param {string} source
 * @param {string[]} names
 * @param {unknown[]} values
 * @param {string} where
 */
function evaluate(source, names, values, where) {
  try {
    return new Function(...names, `return (${source}\n);`)(...values);
  } catch (cause) {
    if (cause instanceof EvalError) throw notAllowed(where, cause);
    const reason = `${where} can't be compiled: ${/** @type {Error} */ (cause).message}`;
    throw new CouchletError(500, 'compilation_error', reason, { cause });
  }
}

/**
 * @param {string} where
 * @param {unknown} cause
 */
function notAllowed(where, cause) {
  const reason =
    `${where} can't be run: this page's Content-Security-Policy doesn't allow functions made of ` +
    "texts. Give the function itself, or allow 'unsafe-eval' in script-src.";
  return new CouchletError(403, 'forbidden', reason, { cause });
}
