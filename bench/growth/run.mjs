// How couchlet's figures grow with its database: in a browser, and natively over a medium in memory
// (bench/native/growth.cpp), where storage costs nothing. A table, and docs/growth.svg.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cpus, kRoot, run, show } from '../../scripts/command.mjs';
import { valueFromPage } from '../harness/page.mjs';
import { digits, number, table, writeResults } from '../harness/results-page.mjs';
import { machine, today, withSession } from '../harness/session.mjs';
import { plot } from './plot.mjs';

/** @typedef {import('../harness/options.mjs').Options} Options */
/** @typedef {import('./page.js').Grown} Grown */
/** @typedef {import('./page.js').GrownFigures} GrownFigures */
/** @typedef {{documents: number} & Omit<Grown, 'ids'> & GrownFigures} BrowserRow */
/**
 * What bench/native/growth.cpp prints.
 *
 * @typedef {object} NativeRow
 * @property {number} documents
 * @property {number} bulk µs for a document
 * @property {number} open µs for one call, and so on
 * @property {number} get
 * @property {number} put
 * @property {number} allDocs
 * @property {number} changes
 * @property {number} bytes that the store takes
 * @property {number} data bytes of all documents' texts
 * @property {number} upkeepWritten bytes that flushes and merges have written
 * @property {number} written all bytes that have been, log and large commits included
 */

const kFirst = 1000;
const kPlot = 'docs/growth.svg';

/** @param {Options} options */
export async function growth(options) {
  const [largest] = options.documents;
  const sizes = [];
  for (let size = Math.min(kFirst, largest); size <= largest; size *= 10) sizes.push(size);

  const native = await nativeRows(sizes);
  const { rows, version } = await browserRows(options, sizes);
  const text = [
    `${version}; ${machine()}; ${today()}.`,
    `In the browser, ms for one call:\n\n${browserTable(rows)}`,
    `Native, over a medium in memory, µs for one call:\n\n${nativeTable(native)}`,
  ].join('\n\n');
  console.log(text);
  if (options.json) await writeFile(options.json, JSON.stringify({ rows, native }, null, 2));
  if (!options.write) return;
  await writeFile(path.join(kRoot, kPlot), plot(panels(rows, native)));
  const image = `![How couchlet's figures grow with the database](${path.basename(kPlot)})`;
  await writeResults(`growth: ${options.browser}`, `${image}\n\n${text}`);
}

/** @param {number[]} sizes */
async function nativeRows(sizes) {
  await run('cmake', ['--preset', 'release', '-DCOUCHLET_BENCH=ON'], { cwd: kRoot });
  const target = ['--target', 'couchlet_growth', '-j', cpus()];
  await show('cmake', ['--build', '--preset', 'release', ...target], { cwd: kRoot });
  const program = path.join(kRoot, 'build/release/bench/native/couchlet_growth');
  const lines = (await show(program, sizes.map(String))).trim().split('\n');
  return lines.map((line) => /** @type {NativeRow} */ (JSON.parse(line)));
}

/**
 * @param {Options} options
 * @param {number[]} sizes
 */
async function browserRows(options, sizes) {
  return withSession(options, async ({ browser, server }) => {
    /** @type {BrowserRow[]} */
    const rows = [];
    const origin = server.origin('growth');
    let from = 0;
    for (const to of sizes) {
      const task = { name: 'growth', from, to };
      const { ids, ...grown } = await valueFromPage(browser, origin, { what: 'grow', ...task });
      const figures = await valueFromPage(browser, origin, { what: 'grown', ...task, ids });
      rows.push({ documents: to, ...grown, ...figures });
      console.log(JSON.stringify(rows.at(-1)));
      from = to;
    }
    return { rows, version: await browser.version() };
  });
}

/** @param {BrowserRow[]} rows */
function browserTable(rows) {
  const head = [
    'documents',
    'open and first `get`',
    '`get`, cold page',
    '`put`, awaited',
    'a document of a `bulkDocs`',
    '`allDocs`, 100',
    '`changes`, 100',
    'bytes on disk for a document',
    'WASM memory',
    'a document of a `scan` of all',
    'WASM memory for that',
  ];
  const cells = rows.map((row) => [
    number(row.documents),
    digits(row.open),
    digits(row.get),
    digits(row.put),
    digits(row.bulk),
    digits(row.allDocs),
    digits(row.changes),
    number(row.bytes / row.documents),
    `${digits(row.memory / 1e6)} MB`,
    digits(row.scan),
    `${digits(row.scanMemory / 1e6)} MB`,
  ]);
  return table(head, cells);
}

/** @param {NativeRow[]} rows */
function nativeTable(rows) {
  const head = [
    'documents',
    'open',
    '`get`',
    '`put`',
    'a document of a `bulkDocs`',
    '`allDocs`, 100',
    '`changes`, 100',
    'bytes stored for a document',
    'written by flushes and merges for a byte of data',
    'written in all',
  ];
  const cells = rows.map((row) => [
    number(row.documents),
    digits(row.open),
    digits(row.get),
    digits(row.put),
    digits(row.bulk),
    digits(row.allDocs),
    digits(row.changes),
    number(row.bytes / row.documents),
    digits(row.upkeepWritten / row.data),
    digits(row.written / row.data),
  ]);
  return table(head, cells);
}

/**
 * @param {BrowserRow[]} rows
 * @param {NativeRow[]} native
 * @returns {import('./plot.mjs').Panel[]}
 */
function panels(rows, native) {
  const calls = /** @type {const} */ (['open', 'get', 'put', 'bulk', 'allDocs', 'changes']);
  const names = {
    open: 'open',
    get: 'get',
    put: 'put',
    bulk: 'bulkDocs, each',
    allDocs: 'allDocs, 100',
    changes: 'changes, 100',
  };
  const lines = (/** @type {(BrowserRow | NativeRow)[]} */ all) =>
    calls.map((call) => ({
      name: names[call],
      points: all.map((row) => /** @type {const} */ ([row.documents, row[call]])),
    }));
  /** @type {(name: string, all: (BrowserRow | NativeRow)[]) => import('./plot.mjs').Line} */
  const bytes = (name, all) => ({
    name,
    points: all.map((row) => [row.documents, row.bytes / row.documents]),
  });
  const written = native.map(
    (row) => /** @type {const} */ ([row.documents, row.written / row.data]),
  );
  return [
    { title: 'In the browser: ms for one call', lines: lines(rows) },
    { title: 'Native: µs for one call', lines: lines(native) },
    {
      title: 'Bytes stored for a document',
      lines: [bytes('browser', rows), bytes('native', native)],
    },
    {
      title: 'Bytes written in all for a byte of data',
      lines: [{ name: 'native', points: written }],
    },
  ];
}
