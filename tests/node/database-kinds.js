// The three kinds of database that a Couchlet can be, so that one suite holds for all of them: the
// engine over IndexedDB (fake-indexeddb under the real medium), the engine in memory, and a server
// over HTTP.
//
//   onEveryKind('reading', ({ open }) => {
//     test('…', async () => { const db = open(); … });
//   });
//
// Each open() is a new, empty database; all are destroyed when the test ends.

import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { after, afterEach, describe } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB, isCouchDB } from './couchdb-server.js';

/**
 * @typedef {object} Kind
 * @property {'idb' | 'memory' | 'http'} adapter
 * @property {boolean} isCouchDB whether the answers are CouchDB's own, or express-pouchdb's
 * @property {(options?: object) => Couchlet} open
 */

/**
 * @param {string} name
 * @param {(kind: Kind) => void} suite
 */
export function onEveryKind(name, suite) {
  onLocalKinds(name, suite);
  describe(`${name}, on a server`, async () => {
    const server = await couchDB();
    after(() => server.clear());
    const open = opener((options) => new Couchlet(server.newDatabase(), options));
    suite({ adapter: 'http', isCouchDB, open });
  });
}

/**
 * @param {string} name
 * @param {(kind: Kind) => void} suite
 */
export function onLocalKinds(name, suite) {
  for (const adapter of /** @type {const} */ (['idb', 'memory'])) {
    describe(`${name}, adapter ${adapter}`, () => {
      const open = opener((options) => new Couchlet(randomUUID(), { adapter, ...options }));
      suite({ adapter, isCouchDB: true, open });
    });
  }
}

/** @param {(options?: object) => Couchlet} construct */
function opener(construct) {
  /** @type {Couchlet[]} */
  let opened = [];
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.destroy().catch(ignoreClosed);
  });
  return (options) => {
    opened.push(construct(options));
    return opened.at(-1);
  };
}

/** @param {any} error a test may have closed its database */
function ignoreClosed(error) {
  if (error.name !== 'precondition_failed') throw error;
}
