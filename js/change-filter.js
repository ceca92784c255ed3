// The filter of a changes feed: what of it is the database's to do, and what is done here, change
// by change.
//
//   filter: function      here, wherever the database is
//   filter: 'design/name' the server of a remote database; here for a local one, with the function
//   view: 'design/name'   of its design document; a view lets pass what it emits something for
//   doc_ids, selector     the database
//
// 'name' alone is short for 'name/name'.

import { designFunction } from './design-function.js';
import { badRequest, somethingWrong } from './errors.js';

/** @typedef {Record<string, any>} Options */
/** @typedef {(change: any) => boolean} Predicate */
/** @typedef {{query: Options, passes: Predicate | Promise<Predicate> | null}} Filter */
/** @typedef {{adapter: () => string, get: (id: string) => Promise<any>}} Designs */

// Filters that CouchDB has of its own, and databases here too.
const kOfDatabase = { _doc_ids: 'doc_ids', _selector: 'selector' };

/**
 * @param {Designs} database
 * @param {Options} options of the feed
 * @returns {Filter} what to ask the database, and what to look at here, if anything is; a promise
 *   where that has to be read first
 */
export function changeFilter(database, options) {
  const { filter, view, selector, query_params = {} } = options;
  const isHere = typeof filter === 'function';
  if (selector && filter && filter !== '_selector') {
    throw badRequest(`selector invalid for filter "${isHere ? 'function' : filter}"`);
  }
  checkForServer(database, options);
  const { filter: _filter, view: _view, ...query } = options;
  if (isHere) {
    const passes = byFunction(filter, query_params);
    return { query: withDocuments(query), passes };
  }
  if (filter && typeof filter !== 'string') {
    throw badRequest("filter must be a function, or the name of one: 'design/name'");
  }
  if (!filter && (view === undefined || view === null)) return { query, passes: null };
  if (filter in kOfDatabase) {
    const wanted = kOfDatabase[/** @type {keyof typeof kOfDatabase} */ (filter)];
    if (!options[wanted]) throw badRequest(`filter '${filter}' needs the option '${wanted}'`);
    return { query, passes: null };
  }
  const isView = !filter || filter === '_view';
  if (isView && !isName(view)) {
    throw somethingWrong('`view` filter parameter not found or invalid.');
  }
  if (database.adapter() === 'http') {
    return { query: { ...query, ...byName(filter, view) }, passes: null };
  }
  if (filter === '_design') return { query, passes: ({ id }) => id.startsWith('_design/') };
  const passes = isView
    ? byView(database, view)
    : filterOf(database, filter).then((found) => byFunction(found, query_params));
  return { query: withDocuments(query), passes };
}

/**
 * A server chooses by one of them; the others would be passed over, and more come than was asked for.
 *
 * @param {Designs} database
 * @param {Options} options
 */
function checkForServer(database, { doc_ids: ids, filter, view, selector }) {
  const isNamed = typeof filter === 'string' && filter !== '' && filter !== '_doc_ids';
  if (database.adapter() !== 'http' || !ids || !(isNamed || view || selector)) return;
  throw badRequest("A server's changes are chosen by one of doc_ids, selector, filter and view");
}

/**
 * What the option says of documents holds for those that the app sees; a filter needs them all.
 *
 * @param {Options} query
 * @returns {Options}
 */
function withDocuments(query) {
  if (query.include_docs) return query;
  const { attachments: _attachments, binary: _binary, conflicts: _conflicts, ...others } = query;
  return { ...others, include_docs: true };
}

/** @param {any} name */
const isName = (name) => typeof name === 'string' && name !== '';

/** @param {string} name 'design/name' or 'name' */
function partsOf(name) {
  const [design, ...rest] = name.split('/');
  if (rest.length > 1 || !design) throw badRequest(`'${name}' should be 'design/name', or 'name'`);
  return { design, name: rest[0] ?? design };
}

/** @param {string} name */
function inFull(name) {
  const { design, name: rest } = partsOf(name);
  return `${design}/${rest}`;
}

/**
 * @param {string | undefined} filter
 * @param {string | undefined} view
 * @returns {Options} for a server
 */
function byName(filter, view) {
  if (!filter || filter === '_view') return { filter: '_view', view: inFull(view ?? '') };
  return { filter: filter.startsWith('_') ? filter : inFull(filter) };
}

/**
 * @param {Function} filter
 * @param {Options} query
 * @returns {Predicate}
 */
function byFunction(filter, query) {
  return ({ doc }) => filtered(() => filter(doc, { query }));
}

/**
 * @param {Designs} database
 * @param {string} filter
 */
async function filterOf(database, filter) {
  const { design, name } = partsOf(filter);
  return designFunction(await database.get(`_design/${design}`), ['filters', name]);
}

/**
 * @param {Designs} database
 * @param {string} view
 * @returns {Promise<Predicate>}
 */
async function byView(database, view) {
  const { design, name } = partsOf(view);
  let hasEmitted = false;
  const emit = () => (hasEmitted = true);
  const document = await database.get(`_design/${design}`);
  const map = designFunction(document, ['views', name, 'map'], { emit });
  return ({ doc }) => {
    hasEmitted = false;
    return filtered(() => (map(doc), hasEmitted));
  };
}

/** @param {() => unknown} look */
function filtered(look) {
  try {
    return Boolean(look());
  } catch (cause) {
    throw somethingWrong(`Filter function threw: ${cause}`, cause);
  }
}
