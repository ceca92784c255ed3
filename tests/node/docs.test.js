// The documentation holds: its examples run, and it tells of everything that the types do.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';

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

for (const path of ['README.md', 'docs/api.md']) {
  const markdown = await read(path);
  describe(`the examples of ${path}`, () => {
    for (const [number, code] of examples(markdown).entries()) {
      test(`example ${number + 1}: ${code.trim().split('\n').at(-1)}`, async () => {
        const { ExampleCouchlet, close } = couchletOfAnExample();
        const script = code.replace(/^import Couchlet from 'couchlet';$/m, '');
        const quiet = { log() {} };
        await new AsyncFunction('Couchlet', 'console', script)(ExampleCouchlet, quiet);
        await close();
      });
    }
  });
}

/**
 * Names of what a class of index.d.ts has.
 *
 * @param {string} types
 * @param {string} start
 */
function membersOf(types, start) {
  const from = types.indexOf(start);
  assert.ok(from >= 0, start);
  const body = types.slice(from, types.indexOf('\n}\n', from));
  const members = [...body.matchAll(/^ {2}(static )?(?:readonly )?(\w+)(?=[(:<])/gm)];
  const named = (/** @type {boolean} */ isStatic) =>
    new Set(members.filter(([, word]) => Boolean(word) === isStatic).map(([, , name]) => name));
  return { statics: named(true), members: named(false) };
}

test('types and implementation have the same members', async () => {
  const { statics, members } = membersOf(
    await read('js/index.d.ts'),
    'export default class Couchlet',
  );
  const own = ['name', 'adapter', ...Object.getOwnPropertyNames(Couchlet.prototype)];
  assert.deepEqual([...members].sort(), own.sort());
  const Base = Object.getPrototypeOf(Couchlet); // which has the events of the class
  const standard = ['length', 'name', 'prototype', '__defaults'];
  const implemented = [Couchlet, Base]
    .flatMap((Class) => Object.getOwnPropertyNames(Class))
    .filter((name) => !standard.includes(name));
  assert.deepEqual([...statics].sort(), implemented.sort());
});

test('docs/api.md tells of every member and every option', async () => {
  const [types, text] = await Promise.all([read('js/index.d.ts'), read('docs/api.md')]);
  const { statics, members } = membersOf(types, 'export default class Couchlet');
  for (const name of members)
    if (name !== 'constructor') assert.match(text, new RegExp(`db\\.${name}\\b`));
  for (const name of statics) assert.match(text, new RegExp(`Couchlet\\.${name}\\b`));
  const interfaces = [
    ['DatabaseOptions', 'GetOptions', 'BulkDocsOptions', 'AllDocsOptions', 'ChangesOptions'],
    ['ReplicationOptions', 'SyncOptions', 'BulkGetOptions', 'CouchletError', 'DatabaseInfo'],
    ['ReplicationEvents', 'DatabaseEvents'],
  ].flat();
  for (const name of interfaces) {
    const [, body] = new RegExp(`interface ${name}\\b.*?\\{\n(.*?)\n\\}`, 's').exec(types) ?? [];
    assert.ok(body, name);
    for (const [, member] of body.matchAll(/^ {2}(\w+)\??:/gm)) {
      assert.ok(text.includes(member), `${name}.${member}`);
    }
  }
});

test('the version is the one of package.json', async () => {
  assert.equal(Couchlet.version, JSON.parse(await read('package.json')).version);
});
