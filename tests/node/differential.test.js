// Some random sequences of operations on couchlet and on PouchDB, which have to answer alike:
// tests/differential. The same ones each time; `npm run differential` makes others.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { kPage, pageText } from '../differential/page.js';

const kProgram = fileURLToPath(new URL('../differential/run.js', import.meta.url));

/** @param {string[]} args */
function run(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [kProgram, '--jobs', '1', ...args], (error, output) =>
      resolve({ code: error ? error.code : 0, output }),
    );
  });
}

for (const [adapter, sequences] of [
  ['memory', 60],
  ['idb', 20],
]) {
  test(`${sequences} sequences, adapter ${adapter}: couchlet answers as PouchDB`, async () => {
    const args = ['--seed', '1', '--sequences', String(sequences), '--adapter', String(adapter)];
    const { code, output } = await run(...args);
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`: ${sequences} sequences, [1-9]\\d* operations`));
  });
}

test('the page about differences tells all that are explained', async () => {
  assert.equal(await readFile(kPage, 'utf8'), pageText());
});
