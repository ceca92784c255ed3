// Who replicates, in the order of the columns. `lacks` names cases that a peer has no counterpart
// of. Of PouchDB's two adapters this is the faster one.

import { couchlet } from '../../compare/peers/couchlet.js';
import { plainIndexeddb } from '../../compare/peers/plain-indexeddb.js';
import { pouchdb } from '../../compare/peers/pouchdb.js';
import { rest } from './rest.js';
import { rxdb } from './rxdb.js';

/**
 * @typedef {object} PeerEntry
 * @property {string} name on the command line and in results
 * @property {string} title
 * @property {string[]} lacks names of cases
 * @property {boolean} [hasNoStore] so that there is nothing to warm up
 * @property {() => import('../../compare/peers/peer.js').Peer} make
 */

/** @type {PeerEntry[]} */
export const kPeers = [
  { name: 'couchlet', title: 'couchlet', lacks: [], make: () => couchlet('/dist/') },
  {
    name: 'pouchdb',
    title: 'PouchDB 9',
    lacks: [],
    make: () => pouchdb('indexeddb'),
  },
  {
    name: 'pouchdb-1000',
    title: 'PouchDB 9, `batch_size` 1,000',
    lacks: [],
    make: () => pouchdb('indexeddb', { batch_size: 1000 }),
  },
  { name: 'rxdb', title: 'RxDB 17', lacks: [], make: rxdb },
  {
    name: 'plain',
    title: 'plain download, upload',
    lacks: ['little', 'day'],
    make: plainIndexeddb,
  },
  {
    name: 'rest',
    title: 'a request each',
    lacks: ['pull', 'push', 'little', 'pauses', 'faults'],
    hasNoStore: true,
    make: rest,
  },
];
