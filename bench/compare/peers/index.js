// The peers, in the order of the columns. Node reads the names here; only the page makes one.
//
// `lacks` names the operations that a peer has no counterpart of. A further peer is a file beside
// this one that makes a Peer, and an entry here.

import { couchlet } from './couchlet.js';
import { plainIndexeddb } from './plain-indexeddb.js';
import { pouchdb } from './pouchdb.js';
import { sqliteOpfs } from './sqlite-opfs.js';

/** @typedef {import('./peer.js').Peer} Peer */

/** @typedef {'couchlet' | 'indexeddb' | 'pouchdb' | 'sqlite'} PeerKind what goals are about */
/**
 * @typedef {object} PeerEntry
 * @property {string} name on the command line, in results and in the names of databases
 * @property {string} title
 * @property {PeerKind} kind
 * @property {string[]} lacks names of operations
 * @property {() => Peer} make
 */

const kOfCouchletAlone = ['wasm-memory', 'wasm-memory-large'];

/** @type {PeerEntry[]} */
export const kPeers = [
  {
    name: 'couchlet',
    title: 'couchlet',
    kind: 'couchlet',
    lacks: [],
    make: () => couchlet('/dist/'),
  },
  {
    name: 'plain-indexeddb',
    title: 'plain IndexedDB',
    kind: 'indexeddb',
    lacks: ['changes', ...kOfCouchletAlone],
    make: plainIndexeddb,
  },
  {
    name: 'pouchdb-idb',
    title: 'PouchDB 9, idb',
    kind: 'pouchdb',
    lacks: kOfCouchletAlone,
    make: () => pouchdb('idb'),
  },
  {
    name: 'pouchdb-indexeddb',
    title: 'PouchDB 9, indexeddb',
    kind: 'pouchdb',
    lacks: kOfCouchletAlone,
    make: () => pouchdb('indexeddb'),
  },
  {
    name: 'sqlite-opfs',
    title: 'SQLite on OPFS',
    kind: 'sqlite',
    lacks: ['changes', 'pull', 'push', ...kOfCouchletAlone],
    make: sqliteOpfs,
  },
];

/** Another build of couchlet beside this one: `--against <folder>` serves it. */
export const kAgainst = /** @type {PeerEntry} */ ({
  name: 'against',
  title: 'couchlet, the other build',
  kind: 'couchlet',
  lacks: [],
  make: () => couchlet('/against/'),
});

/** @param {string} name */
export function peerNamed(name) {
  return [...kPeers, kAgainst].find((peer) => peer.name === name);
}
