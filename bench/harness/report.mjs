// The results as Markdown tables, and their place in docs/performance.md: between the lines
//
//   <!-- results: chromium, 10000 documents -->
//   <!-- end of results -->
//
// one such pair for each browser and number of documents. What is between them is replaced; where
// there is no such pair yet, it is put at the end.

import { readFile, writeFile } from 'node:fs/promises';
import { ratios, summary } from './statistics.mjs';

/** @typedef {import('./measure.mjs').Measurement} Measurement */
/** @typedef {import('../operations/operation.js').Operation} Operation */
/** @typedef {import('../peers/index.js').PeerEntry} PeerEntry */

/**
 * @typedef {object} Results
 * @property {string} browser
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
const kEnd = '<!-- end of results -->';

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
    return [title(operation, results), ...cells];
  });
  return table(['', ...peers.map((peer) => peer.title)], rows);
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

/** @param {number} value as many digits as mean something */
function digits(value) {
  if (Math.abs(value) >= 10) return number(value);
  return value.toFixed(Math.abs(value) >= 1 ? 1 : 2);
}

/** @param {number} value */
const number = (value) => Math.round(value).toLocaleString('en-US');

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * @param {string} file
 * @param {Results} results
 * @param {string} text
 */
export async function writeInto(file, { browser, documents }, text) {
  const begin = `<!-- results: ${browser}, ${documents} documents -->`;
  const section = `${begin}\n\n${text}\n\n${kEnd}`;
  const page = await readFile(file, 'utf8');
  const start = page.indexOf(begin);
  if (start < 0) return writeFile(file, `${page.trimEnd()}\n\n${section}\n`);
  const end = page.indexOf(kEnd, start) + kEnd.length;
  return writeFile(file, page.slice(0, start) + section + page.slice(end));
}
