// The package as an app gets it: what is in it, that a bundler can take it in for a browser, and
// that the build for a <script> tag finds its module.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (/** @type {string} */ name) => readFileSync(path.join(root, name), 'utf8');

test('the package has every file that its exports and its command name', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: root, encoding: 'utf8' }),
  );
  const files = packed.files.map((/** @type {{ path: string }} */ file) => `./${file.path}`);
  const { exports, bin } = JSON.parse(read('package.json'));
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const commands = Object.values(bin).map((target) => `./${target}`);
  assert.deepEqual(
    [...targets, ...commands, './LICENSE', './NOTICE'].filter((each) => !files.includes(each)),
    [],
  );
});

test('a bundler takes the ES module into a browser bundle without a complaint', async () => {
  const result = await esbuild.build({
    stdin: { contents: "export { default } from 'couchlet';", resolveDir: root },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    metafile: true,
    logLevel: 'silent',
  });
  assert.deepEqual(result.warnings, []);
  const imports = Object.values(result.metafile.inputs).flatMap((input) => input.imports);
  assert.deepEqual(
    imports.filter((each) => each.external),
    [],
  );
  assert.match(result.outputFiles[0].text, /new URL\("couchlet\.wasm", import\.meta\.url\)/);
});

test('no build evaluates text as code, but for functions of design documents', () => {
  // A Content-Security-Policy may forbid it: js/design-function.js is the one that knows what to do.
  for (const name of ['dist/couchlet.js', 'dist/couchlet.global.js']) {
    const text = read(name);
    assert.doesNotMatch(text, /\beval\(|[^ ]\bFunction\(/, name);
    assert.equal(text.split('new Function(').length - 1, 1, name);
  }
});

test('the build for a script tag looks for its module beside itself', async () => {
  /** @type {string[]} */
  const asked = [];
  const page = vm.createContext({
    URL,
    TextDecoder,
    TextEncoder,
    AbortController,
    setTimeout,
    clearTimeout,
    console,
    location: { href: 'http://app.example/page/' },
    document: { currentScript: { src: 'http://cdn.example/lib/couchlet.global.js?v=1' } },
    fetch: async (/** @type {URL} */ url) => {
      asked.push(String(url));
      return { ok: false, status: 404 };
    },
  });
  vm.runInContext(read('dist/couchlet.global.js'), page);
  page.document.currentScript = null;
  await assert.rejects(
    vm.runInContext("new Couchlet('notes', { adapter: 'memory' }).info()", page),
    /couchlet\.wasm/,
  );
  assert.deepEqual(asked, ['http://cdn.example/lib/couchlet.wasm']);
});

test('the command and the bad network need nothing but Node', () => {
  for (const name of ['dist/command.js', 'dist/bad-network.js']) {
    const found = read(name).matchAll(/^import .*? from "(.*?)";$/gm);
    const imports = [...found].map(([, from]) => from);
    assert.ok(imports.length > 0, name);
    assert.deepEqual(
      imports.filter((from) => !from.startsWith('node:')),
      [],
    );
  }
});
