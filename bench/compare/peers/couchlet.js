// couchlet as an app uses it: the ES module of a build's dist/.

import { PouchApiDatabase } from './pouch-api.js';

/** @typedef {import('./peer.js').Peer} Peer */

/**
 * @param {string} folder where the build is served
 * @returns {Peer}
 */
export function couchlet(folder) {
  /** @type {any} */
  let Couchlet;
  return {
    async load() {
      ({ default: Couchlet } = await import(`${folder}couchlet.js`));
    },
    async open(name) {
      const database = new Couchlet(name);
      await database.info();
      return new PouchApiDatabase(database);
    },
  };
}
