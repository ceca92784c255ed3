// /precache.js tells the service worker which files the page consists of, and their version, a hash
// of what is in them:
//
//   self.precache = { "version": "3f0c…", "files": ["/", "/app.js", …, "/dist/couchlet.wasm"] };
//
// The service worker imports it, and a browser that looks for a new service worker also compares
// what it imports. So whatever file changes, the version does, and that makes an update.

import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

// Named by no page: browsers fetch it by themselves, and always past the cache.
const kServiceWorker = '/service-worker.js';
const kLibrary = ['couchlet.js', 'couchlet.wasm'];

/** The script's text, for the files as they are now. @param {string} root */
export async function precacheScript(root) {
  const files = [...(await pageFiles(path.join(root, 'web'))), ...(await libraryFiles(root))];
  const hash = createHash('sha256');
  for (const { url, file } of files) hash.update(url).update(await readFile(file));
  const version = hash.digest('hex').slice(0, 12);
  const precache = { version, files: files.map(({ url }) => url) };
  return `self.precache = ${JSON.stringify(precache)};\n`;
}

/** @param {string} folder */
async function pageFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file, url: urlOf(path.relative(folder, file)) }))
    .filter(({ url }) => url !== kServiceWorker && !/\.json$/.test(url))
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** @param {string} relativePath */
function urlOf(relativePath) {
  const url = `/${relativePath.split(path.sep).join('/')}`;
  return url === '/index.html' ? '/' : url;
}

/** @param {string} root */
async function libraryFiles(root) {
  const built = await readdir(path.join(root, 'dist'));
  return kLibrary
    .filter((name) => built.includes(name))
    .map((name) => ({ file: path.join(root, 'dist', name), url: `/dist/${name}` }));
}
