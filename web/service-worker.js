// Opens the note book without a network. The page's files and the library are kept in a cache that
// is named for their version; a window gets all of its files from that one cache, so it never mixes
// two versions. The notes are none of its business: they are in the database, and /db/ goes
// straight to the network.
//
// An update: /precache.js (see scripts/demo/precache.mjs) has another version, so the browser
// installs this script again; that fills a new cache, waits until the page asks it to take over
// (app-update.js), and drops the old cache.

/** @type {any} */
const worker = self;

worker.importScripts('/precache.js');

/** @type {{version: string, files: string[]}} */
const { version, files } = worker.precache;
const kCachePrefix = 'note-book-';
const kCacheName = kCachePrefix + version;

worker.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(fill());
});

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(dropOldCaches().then(() => worker.clients.claim()));
});

worker.addEventListener('message', (/** @type {any} */ event) => {
  if (event.data === 'take over') worker.skipWaiting();
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  // What comes after "?" (the device) doesn't make it another page.
  const file = mode === 'navigate' && pathname === '/index.html' ? '/' : pathname;
  if (method === 'GET' && origin === worker.location.origin && files.includes(file)) {
    event.respondWith(answer(event.request, file));
  }
});

/** Fetches all files, past the browser's own cache; if one is missing, there is no update. */
async function fill() {
  const cache = await caches.open(kCacheName);
  await cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })));
}

async function dropOldCaches() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(kCachePrefix) && name !== kCacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/**
 * From the cache; from the network if the browser has cleared it.
 * @param {Request} request @param {string} file
 */
async function answer(request, file) {
  const cache = await caches.open(kCacheName);
  return (await cache.match(file)) ?? fetch(request);
}
