// The server of a run, as a process of its own so that what it does costs the measuring process
// nothing: the bench page, couchlet's build and the peers' files, and under /db/ the CouchDB that
// is replicated with. One origin for all, so replication meets no preflight requests.
//
// Started by remote.mjs. Messages: {port} once it listens; to each message that comes in it answers
// with what has happened so far: {requests, received, sent, cpuMilliseconds}.

import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
// @ts-expect-error It has no types.
import express from 'express';
// @ts-expect-error It has no types.
import expressPouchdb from 'express-pouchdb';
// @ts-expect-error It has no types.
import PouchDB from 'pouchdb';
// @ts-expect-error It has no types.
import memoryAdapter from 'pouchdb-adapter-memory';
import { proxyTo } from '../../scripts/demo/proxy.mjs';
import { kRoot } from '../../scripts/command.mjs';

/** @typedef {{requests: number, received: number, sent: number, cpuMilliseconds: number}} Counts */

const [dist, against, couchdb, authorization] = process.argv.slice(2);

/** The CouchDB at COUCHDB_URL, or one in this process's memory. */
function database() {
  if (couchdb) {
    const forward = proxyTo(new URL(couchdb), authorization || undefined);
    return (/** @type {any} */ request, /** @type {any} */ response) =>
      forward(request, response, request.url.slice(1));
  }
  PouchDB.plugin(memoryAdapter);
  return expressPouchdb(PouchDB.defaults({ adapter: 'memory' }), {
    mode: 'minimumForPouchDB',
    inMemoryConfig: true,
    logPath: path.join(tmpdir(), `couchlet-bench-${process.pid}.log`),
  });
}

/**
 * A peer as one minified script, as an app has it; couchlet and PouchDB come so too.
 *
 * @param {string} entry
 */
async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [path.join(kRoot, 'bench', entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

let requests = 0;

/** @type {(request: any, response: any, next: () => void) => void} */
function countRequest(request, response, next) {
  requests += 1;
  next();
}

/** @type {(request: any, response: any, next: () => void) => void} */
function setPageHeaders(request, response, next) {
  // Cross-origin isolation: exact clocks, and the memory that SQLite's threads share.
  response.set('cross-origin-opener-policy', 'same-origin');
  response.set('cross-origin-embedder-policy', 'require-corp');
  response.set('cache-control', 'no-cache');
  next();
}

const site = express();
site.disable('x-powered-by');
site.use('/db', countRequest, database());
site.use(setPageHeaders);
site.use('/dist', express.static(dist));
if (against) site.use('/against', express.static(against));
const kBundles = {
  '/sqlite/worker.js': 'compare/peers/sqlite-worker.js',
  '/rxdb/library.js': 'replication/peers/rxdb-library.js',
};
for (const [place, entry] of Object.entries(kBundles)) {
  const script = await bundle(entry);
  site.get(place, (/** @type {any} */ request, /** @type {any} */ response) => {
    response.type('js').send(script);
  });
}
site.use('/sqlite', express.static(path.join(kRoot, 'node_modules/@sqlite.org/sqlite-wasm/dist')));
site.use('/bench', express.static(path.join(kRoot, 'bench')));
site.use('/node_modules', express.static(path.join(kRoot, 'node_modules')));

const server = createServer(site);

/** @type {Set<import('node:net').Socket>} */
const sockets = new Set();
const ofClosedSockets = { received: 0, sent: 0 };
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => {
    sockets.delete(socket);
    ofClosedSockets.received += socket.bytesRead;
    ofClosedSockets.sent += socket.bytesWritten;
  });
});

/** @returns {Counts} */
function counts() {
  let { received, sent } = ofClosedSockets;
  for (const socket of sockets) {
    received += socket.bytesRead;
    sent += socket.bytesWritten;
  }
  const { user, system } = process.cpuUsage();
  return { requests, received, sent, cpuMilliseconds: (user + system) / 1000 };
}

process.on('message', () => process.send?.(counts()));
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.send?.({ port: address.port });
});
