// The results of the comparison as Markdown tables.

import { digits, number, table } from '../harness/results-page.mjs';
import { ratios, summary } from '../harness/statistics.mjs';

/** @typedef {import('./measure.mjs').Measurement} Measurement */
/** @typedef {import('./operations/operation.js').Operation} Operation */
/** @typedef {import('./peers/index.js').PeerEntry} PeerEntry */

/**
 * @typedef {object} Results
 * @property {string} browserVersion
 * @property {string} machine
 * @property {string} remote what was replicated with
 * @property {string} date
 * @property {number} documents
 * @property {number} singles
 * @property {number} rounds
 * @property {{name: string, raw: number, gzip: number, brotli: number}[]} sizes
 * @property {Measurement[]} measurements
 */

const kBase = 'couchlet';

/** @type {{kind: import('./peers/index.js').PeerKind, title: string}[]} */
const kKinds = [
  { kind: 'indexeddb', title: 'IndexedDB' },
  { kind: 'pouchdb', title: 'PouchDB' },
  { kind: 'sqlite', title: 'SQLite' },
];

/**
 * @param {Results} results
 * @param {Operation[]} operations
 * @param {PeerEntry[]} peers
 */
export function markdown(results, operations, peers) {
  const { browserVersion, machine, remote, date, rounds, measurements } = results;
  const parts = [
    `${browserVersion}; ${machine}; ${date}; ${rounds} rounds; replicated with ${remote}.`,
    operationsTable(results, operations, peers, 'value'),
  ];
  if (measurements.some(({ cpuMilliseconds }) => cpuMilliseconds)) {
    const timed = operations.filter(({ unit }) => unit !== 'bytes');
    parts.push(
      "The same by the CPU time of all of the browser's processes:",
      operationsTable(results, timed, peers, 'cpuMilliseconds'),
    );
  }
  const traffic = trafficTable(results, operations, peers);
  if (traffic) parts.push('What a replication makes the server do:', traffic);
  if (results.sizes.length > 0) parts.push('What a user downloads, bytes:', sizesTable(results));
  const failures = measurements.filter(({ failure }) => failure !== undefined);
  if (failures.length > 0) parts.push(failuresList(failures));
  return parts.join('\n\n');
}

/**
 * @param {Results} results
 * @param {Operation[]} operations
 * @param {PeerEntry[]} peers
 * @param {'value' | 'cpuMilliseconds'} what
 */
function operationsTable(results, operations, peers, what) {
  const rows = operations.map((operation) => {
    const base = byRound(results, operation, kBase, what);
    const cells = peers.map(({ name }) => {
      const values = byRound(results, operation, name, what);
      return name === kBase ? baseCell(operation, values) : peerCell(operation, values, base);
    });
    const wanted = what === 'value' ? [goalCell(results, operation, peers)] : [];
    return [title(operation, results), ...cells, ...wanted];
  });
  const wanted = what === 'value' ? ['wanted'] : [];
  return table(['', ...peers.map((peer) => peer.title), ...wanted], rows);
}

/**
 * What the row should come to, and what it has not come to. Of a kind's peers (PouchDB has two
 * adapters) the fastest one counts.
 *
 * @param {Results} results
 * @param {Operation} operation
 * @param {PeerEntry[]} peers
 */
function goalCell(results, operation, peers) {
  const base = byRound(results, operation, kBase, 'value');
  const goals = kKinds.flatMap(({ kind, title: kindTitle }) => {
    const goal = operation.goals?.[kind];
    if (goal === undefined) return [];
    const reached = peers
      .filter((peer) => peer.kind === kind)
      .flatMap(({ name }) => ratios(byRound(results, operation, name, 'value'), base) ?? [])
      .map(({ median }) => median);
    const isMissed = reached.length > 0 && Math.min(...reached) < goal;
    return [`${kindTitle} ${digits(goal)}x${isMissed ? ' (**not yet**)' : ''}`];
  });
  if (operation.limit !== undefined) {
    const of = summary(base.filter((value) => value !== undefined));
    const isMissed = of !== undefined && of.median >= operation.limit;
    goals.push(`under ${quantity(operation, operation.limit)}${isMissed ? ' (**not yet**)' : ''}`);
  }
  return goals.join(', ');
}

/**
 * @param {Results} results
 * @param {Operation[]} operations
 * @param {PeerEntry[]} peers
 */
function trafficTable(results, operations, peers) {
  const rows = operations
    .filter(({ remote }) => remote)
    .flatMap((operation) =>
      peers.map(({ name, title: peerTitle }) => {
        const counts = results.measurements
          .filter((one) => one.operation === operation.name && one.peer === name)
          .flatMap(({ server, failure }) => (server && failure === undefined ? [server] : []));
        if (counts.length === 0) return [];
        const middle = (/** @type {keyof typeof counts[0]} */ what) =>
          number(summary(counts.map((one) => one[what]))?.median ?? NaN);
        return [
          title(operation, results),
          peerTitle,
          middle('requests'),
          middle('received'),
          middle('sent'),
          `${middle('cpuMilliseconds')} ms`,
        ];
      }),
    )
    .filter((row) => row.length > 0);
  if (rows.length === 0) return '';
  return table(['', '', 'requests', 'bytes to it', 'bytes from it', 'its CPU time'], rows);
}

/** @param {Results} results */
function sizesTable({ sizes }) {
  const rows = sizes.map(({ name, raw, gzip, brotli }) => [
    `\`${name}\``,
    number(raw),
    number(gzip),
    number(brotli),
  ]);
  return table(['', 'as it is', 'gzip', 'brotli'], rows);
}

/** @param {Measurement[]} failures */
function failuresList(failures) {
  const lines = failures.map(
    ({ operation, peer, round, failure }) =>
      `- ${operation}, ${peer}, round ${round + 1}: ${failure?.split('\n')[0]}`,
  );
  return `Failed:\n\n${lines.join('\n')}`;
}

/**
 * @param {Results} results
 * @param {Operation} operation
 * @param {string} peer
 * @param {'value' | 'cpuMilliseconds'} what
 * @returns {(number | undefined)[]}
 */
function byRound({ measurements, rounds }, operation, peer, what) {
  return Array.from(
    { length: rounds },
    (_, round) =>
      measurements.find(
        (one) => one.operation === operation.name && one.peer === peer && one.round === round,
      )?.[what],
  );
}

/**
 * @param {Operation} operation
 * @param {(number | undefined)[]} values
 */
function baseCell(operation, values) {
  const of = summary(values.filter((value) => value !== undefined));
  if (!of) return '';
  const text = `**${quantity(operation, of.median)}**`;
  if (of.low === of.high) return text;
  return `${text} (${amount(operation, of.low)}–${amount(operation, of.high)})`;
}

/**
 * @param {Operation} operation
 * @param {(number | undefined)[]} values
 * @param {(number | undefined)[]} base
 */
function peerCell(operation, values, base) {
  const of = summary(values.filter((value) => value !== undefined));
  if (!of) return '';
  const times = ratios(values, base);
  if (!times) return quantity(operation, of.median);
  const spread = times.low === times.high ? '' : ` (${digits(times.low)}–${digits(times.high)})`;
  return `${quantity(operation, of.median)}, **${digits(times.median)}x**${spread}`;
}

/**
 * @param {Operation} operation
 * @param {Results} results
 */
const title = (operation, { documents, singles }) =>
  operation.title(number(documents), number(Math.min(singles, documents)));

/**
 * @param {Operation} operation
 * @param {number} value
 */
function quantity(operation, value) {
  return `${amount(operation, value)} ${operation.unit === 'bytes' ? 'MB' : 'ms'}`;
}

/**
 * @param {Operation} operation
 * @param {number} value
 */
function amount(operation, value) {
  return digits(operation.unit === 'bytes' ? value / 1e6 : value);
}
