// The command line of `npm run bench`.

import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Failure, kRoot } from '../../scripts/command.mjs';
import { kOperations } from '../operations/index.js';
import { kAgainst, kPeers } from '../peers/index.js';

export const kUsage = `npm run bench -- [options]

  --browser <name>     chromium (default) or firefox
  --docs <number>      documents in a database, default 10000
  --rounds <number>    default 5
  --only <names>       operations, by comma: ${kOperations.map(({ name }) => name).join(' ')}
  --peers <names>      by comma: ${kPeers.map(({ name }) => name).join(' ')}
  --dist <folder>      the build of couchlet, default dist
  --against <folder>   another build of couchlet, as a further peer
  --json <file>        every single measurement
  --profiles <folder>  CPU profiles of the page, one per measurement (Chromium)
  --write              put the results into docs/performance.md, also those of a partial run
  --no-write           don't, not even those of a whole one

COUCHDB_URL: the CouchDB to replicate with, for example http://admin:password@127.0.0.1:5984;
default is express-pouchdb in memory.`;

/**
 * @typedef {object} Options
 * @property {import('../../tests/browser/browser.js').BrowserName} browser
 * @property {number} documents
 * @property {number} rounds
 * @property {import('../operations/operation.js').Operation[]} operations
 * @property {import('../peers/index.js').PeerEntry[]} peers
 * @property {string} dist
 * @property {string} [against]
 * @property {string} [json]
 * @property {string} [profiles]
 * @property {boolean} write
 */

/** @returns {Options} */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      browser: { type: 'string', default: 'chromium' },
      docs: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      peers: { type: 'string' },
      dist: { type: 'string', default: path.join(kRoot, 'dist') },
      against: { type: 'string' },
      json: { type: 'string' },
      profiles: { type: 'string' },
      write: { type: 'boolean', default: false },
      'no-write': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) throw new Failure(kUsage);
  if (values.browser !== 'chromium' && values.browser !== 'firefox') {
    throw new Failure(`--browser ${values.browser}: chromium or firefox`);
  }
  const peers = values.against ? [...kPeers, kAgainst] : kPeers;
  const isWhole = !values.only && !values.peers && !values.against && !values.profiles;
  return {
    browser: values.browser,
    documents: positive('--docs', values.docs),
    rounds: positive('--rounds', values.rounds),
    operations: named('--only', values.only, kOperations),
    peers: named('--peers', values.peers, peers),
    dist: path.resolve(values.dist),
    against: values.against && path.resolve(values.against),
    json: values.json,
    profiles: values.profiles,
    write: values.write || (isWhole && !values['no-write']),
  };
}

/**
 * @param {string} option
 * @param {string} text
 */
function positive(option, text) {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Failure(`${option} ${text}: a positive whole number`);
}

/**
 * @template {{name: string}} T
 * @param {string} option
 * @param {string | undefined} names
 * @param {T[]} all
 * @returns {T[]} in the order of `all`
 */
function named(option, names, all) {
  if (!names) return all;
  const wanted = names.split(',');
  const unknown = wanted.find((name) => !all.some((item) => item.name === name));
  if (unknown === undefined) return all.filter(({ name }) => wanted.includes(name));
  throw new Failure(`${option} ${unknown}: one of ${all.map(({ name }) => name).join(' ')}`);
}
