// The suites of tests/node that hold for every kind of database, in real browsers: in IndexedDB, in
// memory, and on a server. Bundled for a page, with what they need of Node in tests/browser/suite.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

import { couchDB, isCouchDB } from '../node/couchdb-server.js';
import { forwardTo } from '../node/misbehaving-server.js';
import { BareSite } from './bare-site.js';
import { kBrowserNames, launch } from './browser.js';

const kSuites = [
  'aborting',
  'bad-input',
  'bulk-stream',
  'change-filters',
  'changes',
  'conflicts',
  'document-update',
  'documents',
  'lifecycle',
  'pouchdb-answers',
  'read-options',
  'scan',
  'validation',
  'write-options',
];

const kTests = fileURLToPath(new URL('..', import.meta.url));
const inBrowser = (/** @type {string} */ name) => path.join(kTests, 'browser/suite', name);

/** @param {string} suite @returns {Promise<string>} a module that runs it and tells the site */
async function bundle(suite) {
  const contents = `
    import { runAll } from '${inBrowser('test.js')}';
    import './${suite}.test.js';
    const outcomes = await runAll();
    const headers = { 'Content-Type': 'application/json' };
    await fetch('/told', { method: 'POST', headers, body: JSON.stringify(outcomes) });
  `;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: path.join(kTests, 'node') },
    bundle: true,
    write: false,
    ignoreAnnotations: true, // package.json says that only the builds have side effects
    format: 'esm',
    target: 'es2022',
    external: ['/dist/couchlet.js'],
    plugins: [{ name: 'what pages have', setup: replaceNode }],
  });
  return outputFiles[0].text;
}

/** @param {import('esbuild').PluginBuild} esbuild */
function replaceNode(esbuild) {
  const kReplaced = {
    'node:test': 'test.js',
    'node:assert/strict': 'assert.js',
    'node:crypto': 'crypto.js',
    'node:events': 'events.js',
    'node:timers/promises': 'timers.js',
    'fake-indexeddb/auto': 'nothing.js',
    './couchdb-server.js': 'couchdb-server.js',
  };
  for (const [name, file] of Object.entries(kReplaced)) {
    const filter = new RegExp(`^${name.replaceAll('.', '\\.')}$`);
    esbuild.onResolve({ filter }, () => ({ path: inBrowser(file) }));
  }
  const couchlet = { path: '/dist/couchlet.js', external: true };
  esbuild.onResolve({ filter: /^couchlet$/ }, () => couchlet);
}

for (const browserName of kBrowserNames) {
  describe(`Suites in ${browserName}`, { timeout: 600_000 }, () => {
    const site = new BareSite();
    /** @type {import('puppeteer-core').Browser} */
    let browser;

    before(async () => {
      const { url } = await couchDB();
      site.mount('/couchdb', forwardTo(url));
      await site.start();
      browser = await launch(browserName);
    });

    after(async () => {
      await browser?.close();
      site.stop();
    });

    for (const suite of kSuites) {
      it(suite, async (t) => {
        const script = await bundle(suite);
        site.serve(`/${suite}.js`, script);
        const page = await browser.newPage();
        const heard = site.hear(1);
        await page.goto(`http://localhost:${site.port}/empty.html${isCouchDB ? '?isCouchDB' : ''}`);
        await page.addScriptTag({ url: `/${suite}.js`, type: 'module' });
        await heard;
        const outcomes = site.told.at(-1);
        assert.ok(outcomes.length > 0, 'there are tests in it');
        for (const { path: name, error, skipped } of outcomes) {
          await t.test(name, { skip: skipped ?? false }, () => assert.equal(error, undefined));
        }
        await page.close();
      });
    }
  });
}
