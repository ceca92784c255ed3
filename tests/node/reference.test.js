// docs/api.md and js/index.d.ts tell of the same things: every public symbol and every option is in
// both, with a comment in the one and an example in the other; and neither tells of what isn't
// there.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import Couchlet from 'couchlet';
import { declarationsOf } from './public-types.js';

/** @param {string} path */
const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

const markdown = await read('docs/api.md');
const declarations = declarationsOf(await read('js/index.d.ts'));

/** @param {string} name */
const declared = (name) => declarations.find((declaration) => declaration.name === name);

/** What is told in backticks, tables and headings; and what the examples do. */
const prose = markdown.replace(/```.*?```/gs, '');
const codes = [...prose.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading).join('\n');
const examples = [...markdown.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code).join('\n');

/** @param {string} name */
const isTold = (name) => codes.some((code) => new RegExp(`(^|\\W)${name}(\\W|$)`).test(code));

/** Names in the first column of the tables whose header begins so. */
function namesInTables(header) {
  const names = [];
  let isInTable = false;
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('|')) isInTable = false;
    else if (line.startsWith(`| ${header} `)) isInTable = true;
    else if (isInTable) {
      const [, first] = line.split('|');
      names.push(...[...first.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    }
  }
  return names;
}

const { members } = declared('Couchlet');
const methods = members.filter(({ name, isStatic }) => name !== 'constructor' && !isStatic);
const statics = members.filter(({ isStatic }) => isStatic);
const options = declarations.filter(({ name }) => name.endsWith('Options'));

test('types and implementation have the same members', () => {
  const own = ['name', 'adapter', ...Object.getOwnPropertyNames(Couchlet.prototype)];
  const typed = members.filter(({ isStatic }) => !isStatic).map(({ name }) => name);
  assert.deepEqual(typed.sort(), own.sort());
  const Base = Object.getPrototypeOf(Couchlet); // which has the events of the class
  const standard = ['length', 'name', 'prototype', '__defaults'];
  const implemented = [Couchlet, Base]
    .flatMap((Class) => Object.getOwnPropertyNames(Class))
    .filter((name) => !standard.includes(name));
  assert.deepEqual(statics.map(({ name }) => name).sort(), implemented.sort());
});

test('every public type has a comment, and every option', () => {
  const bare = declarations.filter(({ comment }) => comment === '').map(({ name }) => name);
  const bareOptions = options.flatMap(({ name: owner, members: all }) =>
    all.filter(({ comment }) => comment === '').map(({ name }) => `${owner}.${name}`),
  );
  assert.deepEqual([...bare, ...bareOptions], []);
});

test('every method is told of, and used in an example', () => {
  for (const [all, prefix] of /** @type {const} */ ([
    [methods, 'db'],
    [statics, 'Couchlet'],
  ])) {
    const names = all.map(({ name }) => name);
    const isTitled = (name) => new RegExp(`${prefix}\\.${name}\\b`).test(headings);
    const untold = names.filter((name) => !isTitled(name) && !isTold(`${prefix}\\.${name}`));
    assert.deepEqual(untold, []);
  }
  const unused = methods.filter(({ name }) => !new RegExp(`\\.${name}\\b`).test(examples));
  assert.deepEqual(unused.map(({ name }) => name), []);
});

test('every option, member of an error, event and of what info answers is told of', () => {
  const told = [
    ...options,
    ...['CouchletError', 'DatabaseInfo', 'ReplicationEvents', 'DatabaseEvents'].map(declared),
  ];
  const untold = told.flatMap(({ name: owner, members: all }) =>
    all.filter(({ name }) => !isTold(name)).map(({ name }) => `${owner}.${name}`),
  );
  assert.deepEqual(untold, []);
});

test('the reference tells of no option, event or method that there isn’t', () => {
  const known = new Set(options.flatMap(({ members: all }) => all.map(({ name }) => name)));
  assert.deepEqual(namesInTables('option').filter((name) => !known.has(name)), []);
  const events = declarations
    .filter(({ name }) => name.endsWith('Events'))
    .flatMap(({ members: all }) => all.map(({ name }) => name));
  assert.deepEqual(namesInTables('event').filter((name) => !events.includes(name)), []);
  const named = (prefix) =>
    [...headings.matchAll(new RegExp(`\\b${prefix}\\.(\\w+)`, 'g'))].map(([, name]) => name);
  const has = (all, name) => all.some((member) => member.name === name);
  assert.deepEqual(named('db').filter((name) => !has(methods, name)), []);
  assert.deepEqual(named('Couchlet').filter((name) => !has(statics, name)), []);
});
