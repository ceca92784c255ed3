// The peers, in the order of the columns. Node reads the names here; only the page makes one.
//
// `lacks` names the operations that a peer has no counterpart of. A further peer is a file beside
// this one that makes a Peer, and an entry here.

import { couchlet } from './couchlet.js';
import { plainIndexeddb } from './plain-indexeddb.js';
import { pouchdb } from './pouchdb.js';

/** @typedef {import('./peer.js').Peer} Peer */

/**
 * @typedef {object} PeerEntry
 * @property {string} name on the command line, in results and in the names of databases
 * @property {string} title
 * @property {string[]} lacks names of operations
 * @property {() => Peer} make
 */

/** @type {PeerEntry[]} */
export const kPeers = [
  {
    name: 'couchlet',
    title: 'couchlet',
    lacks: [],
    make: () => couchlet('/dist/'),
  },
  {
    name: 'plain-indexeddb',
    title: 'plain IndexedDB',
    lacks: ['changes', 'wasm-memory'],
    make: plainIndexeddb,
  },
  {
    name: 'pouchdb-idb',
    title: 'PouchDB 9, idb',
    lacks: ['wasm-memory'],
    make: () => pouchdb('idb'),
  },
  {
    name: 'pouchdb-indexeddb',
    title: 'PouchDB 9, indexeddb',
    lacks: ['wasm-memory'],
    make: () => pouchdb('indexeddb'),
  },
];

/** Another build of couchlet beside this one: `--against <folder>` serves it. */
export const kAgainst = /** @type {PeerEntry} */ ({
  name: 'against',
  title: 'couchlet, the other build',
  lacks: [],
  make: () => couchlet('/against/'),
});

/** @param {string} name */
export function peerNamed(name) {
  return [...kPeers, kAgainst].find((peer) => peer.name === name);
}
