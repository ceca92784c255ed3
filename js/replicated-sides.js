// The two databases that a replication or a sync goes between, each given as a Couchlet, a name or
// a URL. Those that were made for it alone are closed with its end.

import { badRequest } from './errors.js';

/** @typedef {import('./feed.js').Feed} Feed */

/**
 * What a Couchlet lets feeds do with it: ask for changes and for its peer, and be ended before it
 * closes.
 *
 * @typedef {object} Side
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

/**
 * @param {Side | undefined} side
 * @returns {Side}
 */
export function checkSide(side) {
  if (side) return side;
  throw badRequest('Replication goes between databases: each a Couchlet, a name or a URL');
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
export function tie(feed, sides) {
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
