// `npm run demo`: sets up and builds what is missing, then serves the note book of web/, the
// library of dist/, the examples and a CouchDB, all from one port, so that a page needs neither
// CORS nor a password:
//
//   /               web/              /db/            the CouchDB-compatible server
//   /dist/          dist/             /examples/      examples/
//
//   --port <number>     default 8984; 0 is any free one
//   --no-build          serve what there is
//   --data <folder>     of the built-in server, default .demo-data
//   COUCHDB_URL         use that CouchDB instead, for example http://admin:password@127.0.0.1:5984
//   COUCHDB_PREFIX      of the databases there, default couchlet-demo-
//
// What needs an npm package is imported when set-up has run: a clean clone has no node_modules yet.

import { createServer } from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { build } from './build.mjs';
import { Failure, kRoot, main } from './command.mjs';
import { setUp } from './setup.mjs';

const kDefaultPort = '8984';

await main(async () => {
  const options = readOptions();
  if (options.build) {
    await setUp({ tests: false });
    await build();
  }
  const { openDatabase } = await import('./demo/database.mjs');
  const { demoSite } = await import('./demo/site.mjs');
  const database = await openDatabase({
    couchdbUrl: process.env.COUCHDB_URL,
    couchdbPrefix: process.env.COUCHDB_PREFIX ?? 'couchlet-demo-',
    folder: options.data,
  });
  const server = createServer(demoSite(kRoot, database.handler));
  const address = await listen(server, options.port);
  console.log(announcement(address, database.description));
  stopOnSignal(server, database);
});

function readOptions() {
  const values = parseOptions();
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Failure(`--port ${values.port}: not a port number`);
  }
  return { port, build: !values['no-build'], data: path.resolve(values.data) };
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: kDefaultPort },
        'no-build': { type: 'boolean', default: false },
        data: { type: 'string', default: path.join(kRoot, '.demo-data') },
      },
    }).values;
  } catch (error) {
    const usage = 'npm run demo -- [--port <number>] [--no-build] [--data <folder>]';
    throw new Failure(`${/** @type {Error} */ (error).message}\n${usage}`);
  }
}

/**
 * Listens on this machine only: whoever reaches /db/ may write. Returns the page's address.
 * @param {import('node:http').Server} server
 * @param {number} port
 * @returns {Promise<string>}
 */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      const other = `npm run demo -- --port ${port + 1}`;
      reject(new Failure(`Port ${port} is taken. Try another one:  ${other}`));
    });
    server.listen(port, '127.0.0.1', () => resolve(`http://localhost:${portOf(server)}/`));
  });
}

/** @param {import('node:http').Server} server */
function portOf(server) {
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** @param {string} address @param {string} description */
function announcement(address, description) {
  const post = `curl ${address}db/notes -H 'content-type: application/json'`;
  return `
  The note book      ${address}
  another device     ${address}?device=two      (a database of its own, in the same browser)
  with jQuery        ${address}examples/jquery/
  on either library  ${address}examples/expenses/
  the server         ${address}db/notes         ${description}

  Write a note on the server:
    ${post} -d '{"title": "Hello from curl"}'

  Ctrl-C stops it; the page stays usable without it.
`;
}

/**
 * Ctrl-C closes the database and ends. A live feed never ends by itself, so it is cut.
 * @param {import('node:http').Server} server
 * @param {import('./demo/database.mjs').DemoDatabase} database
 */
function stopOnSignal(server, database) {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      server.close();
      server.closeAllConnections();
      await database.close();
      process.exit(0);
    });
  }
}
