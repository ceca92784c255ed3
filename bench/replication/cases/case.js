// What a case is: something that replicates, measured in a page of its own. It has a row of the
// results, or several where the same page can do one after another. index.js gives the order.

/** @typedef {import('../../page/documents.js').BenchDocument} BenchDocument */
/** @typedef {import('../../compare/peers/peer.js').Peer} Peer */
/** @typedef {import('../../compare/peers/peer.js').Database} Database */

/**
 * @typedef {object} Context
 * @property {Peer} peer
 * @property {string} name of a database that isn't there yet
 * @property {BenchDocument[]} documents those that are stored, here or there
 * @property {BenchDocument[]} further ones that nobody has yet
 * @property {string} remote address of the CouchDB database
 * @property {(documents: BenchDocument[]) => Promise<void>} writeThere puts documents into the
 *   remote database, around the link
 * @property {() => Promise<BenchDocument[]>} readThere all of the remote database, around the link
 * @property {(row: string, body: () => Promise<number | void>, share?: number) => Promise<void>}
 *   measure what is over the link in question; before and after it, the link is good. The time
 *   that it takes is the row's figure, unless `body` has one. With a share, `body` does so much of
 *   the work, and all figures are those of the whole
 */

/**
 * What couchlet's figure is to be: so many times better than another peer's, or than so much, or
 * than its own figure of another row.
 *
 * @typedef {object} Goal
 * @property {string} link
 * @property {'value' | 'requests' | 'up' | 'down' | 'bytes'} of
 * @property {string} [than] a peer
 * @property {number} [times] how many times that peer's figure is to be couchlet's, or more
 * @property {number} [most]
 * @property {string} [ofRow] `most` is a multiple of couchlet's own figure of this row
 */

/** @typedef {{name: string, title: (documents: string) => string, goals: Goal[]}} Row */

/**
 * @typedef {object} Case
 * @property {string} name on the command line
 * @property {Row[]} rows
 * @property {'empty' | 'full'} remote what the remote database has in the beginning
 * @property {string[]} links
 * @property {number} [mostDocuments]
 * @property {number} [drop] the part of requests that get lost
 * @property {(context: Context) => Promise<void>} run rejects unless the peer did its work
 */

export const kEveryLink = ['loopback', '100ms', '1mbit'];

/**
 * @template {keyof Database} T
 * @param {Database} database
 * @param {T} name
 * @returns {NonNullable<Database[T]>}
 */
export function method(database, name) {
  const found = database[name];
  if (!found) throw new Error(`it has no ${name}`);
  return /** @type {any} */ (found).bind(database);
}
