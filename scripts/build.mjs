// `npm run build`: the engine to WebAssembly by CMake, then by esbuild what an app uses:
//
//   dist/couchlet.js         ES module; finds couchlet.wasm by new URL('couchlet.wasm',
//                            import.meta.url), which bundlers follow
//   dist/couchlet.global.js  for a <script> tag: window.Couchlet; finds couchlet.wasm beside itself
//   dist/couchlet.wasm
//   dist/index.d.ts
//   dist/service-worker.js   for an app's service worker; dist/service-worker.global.js: the same
//                            for importScripts(), as self.pushInBackground
//   dist/bad-network.js      for Node: a bad network, and dist/command.js, the `couchlet` command
//
// Prints the size of each as it is, with gzip and with brotli.

import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { cpus, isMain, kRoot, main, run, show } from './command.mjs';
import { withLock } from './lock.mjs';
import { setUp } from './setup.mjs';

const kDist = path.join(kRoot, 'dist');

// A classic script has no import.meta, and knows its own address only while it first runs. In a
// worker there is no document: there couchlet.wasm is looked for beside the worker's own script.
const kScriptAddress = 'globalThis.document?.currentScript?.src||globalThis.location?.href';

/** Builds everything in dist/. Needs what `setUp({ tests: false })` brings. */
export async function build() {
  const lock = path.join(kRoot, 'build/build.lock');
  await withLock(lock, buildAll, () => console.log('waiting for another build to end'));
}

async function buildAll() {
  await buildModule();
  await mkdir(kDist, { recursive: true });
  await copyFile(path.join(kRoot, 'build/wasm/couchlet.wasm'), `${kDist}/couchlet.wasm`);
  await copyFile(path.join(kRoot, 'js/index.d.ts'), `${kDist}/index.d.ts`);
  await copyFile(path.join(kRoot, 'js/service-worker.d.ts'), `${kDist}/service-worker.d.ts`);
  await copyFile(path.join(kRoot, 'js/bad-network/index.d.ts'), `${kDist}/bad-network.d.ts`);
  await bundle();
}

async function buildModule() {
  await run('cmake', ['--preset', 'wasm'], { cwd: kRoot });
  await show('cmake', ['--build', '--preset', 'wasm', '-j', cpus()], { cwd: kRoot });
}

async function bundle() {
  // Imported here as this file is loaded before npm packages are installed.
  const esbuild = await import('esbuild');
  const shared = /** @type {const} */ ({
    absWorkingDir: kRoot,
    bundle: true,
    minify: true,
    sourcemap: true,
    target: 'es2022',
    platform: 'neutral',
    logLevel: 'warning',
  });
  await esbuild.build({
    ...shared,
    entryPoints: ['js/couchlet.js'],
    format: 'esm',
    outfile: 'dist/couchlet.js',
  });
  await esbuild.build({
    ...shared,
    stdin: {
      contents: "import Couchlet from './js/couchlet.js'; globalThis.Couchlet = Couchlet;",
      resolveDir: kRoot,
    },
    format: 'iife',
    outfile: 'dist/couchlet.global.js',
    define: { 'import.meta.url': 'couchletScript' },
    banner: { js: `(()=>{const couchletScript=${kScriptAddress};` },
    footer: { js: '})();' },
  });
  await esbuild.build({
    ...shared,
    entryPoints: ['js/service-worker.js'],
    format: 'esm',
    outfile: 'dist/service-worker.js',
  });
  await esbuild.build({
    ...shared,
    stdin: {
      contents: "export * from './js/service-worker.js';",
      resolveDir: kRoot,
    },
    format: 'iife',
    globalName: 'couchletServiceWorker',
    outfile: 'dist/service-worker.global.js',
    footer: { js: 'self.pushInBackground=couchletServiceWorker.pushInBackground;' },
  });
  await bundleForNode(esbuild);
}

/** @param {typeof import('esbuild')} esbuild */
async function bundleForNode(esbuild) {
  await esbuild.build({
    absWorkingDir: kRoot,
    entryPoints: { 'bad-network': 'js/bad-network/bad-network.js', command: 'js/command.js' },
    bundle: true,
    target: 'node20',
    platform: 'node',
    format: 'esm',
    outdir: 'dist',
    logLevel: 'warning',
  });
}

/**
 * The size of each file that a user may download, in bytes.
 * @param {string} [folder] of a build
 */
export async function sizes(folder = kDist) {
  const rows = [];
  for (const name of ['couchlet.js', 'couchlet.global.js', 'couchlet.wasm']) {
    const bytes = await readFile(path.join(folder, name));
    rows.push({
      name,
      raw: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      brotli: brotliCompressSync(bytes).length,
    });
  }
  return rows;
}

async function printSizes() {
  const cell = (/** @type {unknown} */ value) => String(value).padStart(9);
  console.log(`${'dist/'.padEnd(20)}${cell('raw')}${cell('gzip')}${cell('brotli')}`);
  for (const { name, raw, gzip, brotli } of await sizes()) {
    console.log(`${name.padEnd(20)}${cell(raw)}${cell(gzip)}${cell(brotli)}`);
  }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    await setUp({ tests: false });
    await build();
    await printSizes();
  });
}
