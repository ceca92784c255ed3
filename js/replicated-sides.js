// The two databases that a replication or a sync goes between, each given as a Couchlet, a name or
// a URL. Those that were made for it alone are closed with its end.

import { takeCallback } from './arguments.js';
import { badRequest } from './errors.js';

/** @typedef {import('./feed.js').Feed} Feed */

/**
 * What a Couchlet lets feeds do with it: ask for changes, for documents and for its peer, and be ended
 * before it closes.
 *
 * @typedef {object} Side
 * @property {(id: string) => Promise<any>} get
 * @property {() => string} adapter
 * @property {(options: Record<string, any>, signal: AbortSignal) => Promise<any>} changes
 * @property {() => Promise<any>} peer
 * @property {() => Promise<any>} targetPeer of one that is written to
 * @property {() => Promise<any>} database
 * @property {() => any} couchlet
 * @property {() => string} name
 * @property {(feed: Feed) => void} endsBeforeClosing
 * @property {() => Promise<void>} close
 */

/** @typedef {{side: Side, isOurs: boolean}} ReplicatedSide */
/** @typedef {Record<string, any>} Options */
/** @typedef {new (name: string) => object} DatabaseClass of databases that are given by name */

/** @type {WeakMap<object, Side>} by Couchlet */
const sides = new WeakMap();

/**
 * @param {object} database a Couchlet
 * @param {Side} side of it
 */
export function makeReplicable(database, side) {
  sides.set(database, side);
  return side;
}

/**
 * @param {DatabaseClass} Class
 * @param {any} given
 * @returns {ReplicatedSide}
 */
function sideOf(Class, given) {
  const database = typeof given === 'string' ? new Class(given) : given;
  const side = sides.get(Object(database));
  if (side) return { side, isOurs: database !== given };
  throw badRequest('Replication goes between databases: each a Couchlet, a name or a URL');
}

/**
 * @template {Feed} Kind
 * @param {DatabaseClass} Class
 * @param {new (a: any, b: any, options: Options, callback?: any, origin?: any) => Kind} FeedClass
 * @param {any[]} given both, and where a sync reads from, if that is another one
 * @param {any[]} rest [options], [callback]
 * @returns {Kind}
 */
export function feedBetween(Class, FeedClass, given, rest) {
  const callback = takeCallback(rest);
  const replicated = given.map((one) => sideOf(Class, one));
  const [a, b, origin] = replicated.map(({ side }) => side);
  const feed = new FeedClass(a, b, rest[0] ?? {}, callback, origin);
  tie(feed, replicated);
  return feed;
}

/**
 * @template T
 * @param {DatabaseClass} Class
 * @param {any} given
 * @param {(side: Side) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withSide(Class, given, use) {
  const { side, isOurs } = sideOf(Class, given);
  try {
    return await use(side);
  } finally {
    if (isOurs) await side.close();
  }
}

/**
 * Whether these are two remotes of a sync, one to write to and another to read from.
 *
 * @param {any} remote
 */
export function isSplit(remote) {
  const isPlain = Object.getPrototypeOf(remote ?? '') === Object.prototype;
  return isPlain && 'push' in remote && 'pull' in remote;
}

/**
 * @param {Feed} feed
 * @param {ReplicatedSide[]} sides
 */
function tie(feed, sides) {
  for (const { side, isOurs } of sides) {
    side.endsBeforeClosing(feed);
    if (isOurs) closeAfter(feed, side);
  }
}

/**
 * Nobody else has this database: nobody is to be told if it can't be closed.
 *
 * @param {Feed} feed
 * @param {Side} side
 */
function closeAfter(feed, side) {
  const close = () => side.close().catch(() => {});
  feed.then(close, close);
}
