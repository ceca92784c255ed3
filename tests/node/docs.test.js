// The documentation holds: its examples run. Whether it tells of everything is asked by
// reference.test.js.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import PouchDB from 'pouchdb';
import memory from 'pouchdb-adapter-memory';
import { couchDB } from './couchdb-server.js';

PouchDB.plugin(memory);
const MemoryPouch = PouchDB.defaults({ adapter: 'memory' });

const kRoot = new URL('../../', import.meta.url);
const AsyncFunction = /** @type {any} */ (async () => {}).constructor;

const server = await couchDB();
after(() => server.clear());

/** @param {string} path */
const read = (path) => readFile(new URL(path, kRoot), 'utf8');

/** @param {string} markdown */
const examples = (markdown) => [...markdown.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);

/**
 * Couchlet as the examples see it: each example has databases of its own, and couch.example is the
 * test server.
 */
function couchletOfAnExample() {
  const suffix = randomUUID();
  const remote = server.newDatabase();
  const translate = (/** @type {string} */ name) =>
    /^https?:/.test(name) ? remote : `${name}-${suffix}`;
  /** @type {Couchlet[]} */
  const opened = [];
  class ExampleCouchlet extends Couchlet {
    /**
     * @param {string | {name: string}} given
     * @param {import('couchlet').DatabaseOptions} [options]
     */
    constructor(given, options) {
      const { name, ...more } = typeof given === 'string' ? { name: given } : given;
      super(translate(name), { ...options, ...more });
      opened.push(this);
    }
  }
  const close = () => Promise.allSettled(opened.map((db) => db.close()));
  return { ExampleCouchlet, close };
}

for (const path of ['README.md', 'docs/api.md', 'docs/migrating-from-pouchdb.md']) {
  const markdown = await read(path);
  describe(`the examples of ${path}`, () => {
    for (const [number, code] of examples(markdown).entries()) {
      test(`example ${number + 1}: ${code.trim().split('\n').at(-1)}`, async () => {
        const { ExampleCouchlet, close } = couchletOfAnExample();
        const script = code.replace(/^import \w+ from '\w+';.*$/gm, '');
        const quiet = { log() {} };
        const run = new AsyncFunction('Couchlet', 'PouchDB', 'console', script);
        await run(ExampleCouchlet, MemoryPouch, quiet);
        await close();
      });
    }
  });
}

test('the version is the one of package.json', async () => {
  assert.equal(Couchlet.version, JSON.parse(await read('package.json')).version);
});
