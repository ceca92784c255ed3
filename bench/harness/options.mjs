// The command line of `npm run bench`.

import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Failure, kRoot } from '../../scripts/command.mjs';
import { kOperations } from '../compare/operations/index.js';
import { kAgainst, kPeers } from '../compare/peers/index.js';
import { kCases } from '../replication/cases/index.js';
import { kPeers as kReplicationPeers } from '../replication/peers/index.js';
import { kLinks } from './link.mjs';

const kExperiments = /** @type {const} */ ([
  'compare',
  'replication',
  'pauses',
  'growth',
  'blocks',
]);

/** @param {{name: string}[]} items */
const namesOf = (items) => items.map(({ name }) => name).join(' ');

const kUsage = `npm run bench -- [compare | replication | pauses | growth | blocks] [options]

compare (default)      couchlet and its peers, operation by operation
  --documents <list>   documents in a database, several numbers by comma; default 10000
  --rounds <number>    default 5
  --only <names>       operations, by comma:
                       ${namesOf(kOperations)}
  --peers <names>      by comma:
                       ${namesOf(kPeers)}
  --against <folder>   another build of couchlet, as a further peer
  --profiles <folder>  CPU profiles of the page, one per measurement (Chromium)
replication            couchlet and its peers over good and bad links
  --documents <number> default 10000
  --rounds <number>    default 3; what takes over 20 s is done once, what takes over 10 min given up
  --links <names>      by comma: ${namesOf(kLinks)}
  --only <names>       by comma: ${namesOf(kCases)}
  --peers <names>      by comma:
                       ${namesOf(kReplicationPeers)}
pauses                 how long the page's thread is held while the store merges
  --documents <number> default 100000
  --rounds <number>    default 3
growth                 the same operations on ever larger databases, up to
  --documents <number> default 100000 (1000000 takes long)
blocks                 which size of a stored block is best
  --rounds <number>    default 5

all of them
  --browser <name>     chromium (default) or firefox
  --dist <folder>      the build of couchlet, default dist
  --json <file>        everything that was measured
  --write              put the results into docs/performance.md

A short run of everything: --rounds 1 --documents 1000
COUCHDB_URL: the CouchDB to replicate with, for example http://admin:password@127.0.0.1:5984;
default is express-pouchdb in memory.`;

/**
 * @typedef {object} Options
 * @property {typeof kExperiments[number]} experiment
 * @property {import('../../tests/browser/browser.js').BrowserName} browser
 * @property {number[]} documents not empty
 * @property {number} rounds
 * @property {import('../compare/operations/operation.js').Operation[]} operations
 * @property {import('../compare/peers/index.js').PeerEntry[]} peers
 * @property {import('./link.mjs').LinkEntry[]} links
 * @property {import('../replication/cases/case.js').Case[]} cases
 * @property {import('../replication/peers/index.js').PeerEntry[]} replicationPeers
 * @property {string} dist
 * @property {string} [against]
 * @property {string} [json]
 * @property {string} [profiles]
 * @property {boolean} write
 */

/** @returns {Options} */
export function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      browser: { type: 'string', default: 'chromium' },
      documents: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      peers: { type: 'string' },
      links: { type: 'string' },
      dist: { type: 'string', default: path.join(kRoot, 'dist') },
      against: { type: 'string' },
      json: { type: 'string' },
      profiles: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(kUsage);
    process.exit(0);
  }
  if (values.browser !== 'chromium' && values.browser !== 'firefox') {
    throw new Failure(`--browser ${values.browser}: chromium or firefox`);
  }
  const [name = 'compare', ...more] = positionals;
  const experiment = kExperiments.find((one) => one === name);
  if (!experiment || more.length > 0) throw new Failure(kUsage);
  const isReplication = experiment === 'replication';
  const isSmall = isReplication || experiment === 'compare';
  const documents = values.documents ?? (isSmall ? '10000' : '100000');
  const rounds = values.rounds ?? (isReplication || experiment === 'pauses' ? '3' : '5');
  const { only } = values;
  const peers = values.against ? [...kPeers, kAgainst] : kPeers;
  return {
    experiment,
    browser: values.browser,
    documents: documents.split(',').map((number) => positive('--documents', number)),
    rounds: positive('--rounds', rounds),
    operations: named('--only', isReplication ? undefined : only, kOperations),
    peers: named('--peers', isReplication ? undefined : values.peers, peers),
    links: named('--links', values.links, kLinks),
    cases: named('--only', isReplication ? only : undefined, kCases),
    replicationPeers: named(
      '--peers',
      isReplication ? values.peers : undefined,
      kReplicationPeers,
    ),
    dist: path.resolve(values.dist),
    against: values.against && path.resolve(values.against),
    json: values.json,
    profiles: values.profiles,
    write: values.write,
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
  throw new Failure(`${option} ${unknown}: one of ${namesOf(all)}`);
}
