// Markdown tables of figures, and their places in docs/performance.md: between the lines
//
//   <!-- results: chromium, 10000 documents -->
//   <!-- end of results -->
//
// one such pair for each mark. What is between them is replaced; where there is no such pair yet,
// it is put at the end.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { kRoot } from '../../scripts/command.mjs';

const kPage = path.join(kRoot, 'docs/performance.md');
const kEnd = '<!-- end of results -->';

/**
 * @param {string} mark
 * @param {string} text
 */
export async function writeResults(mark, text) {
  const begin = `<!-- ${mark} -->`;
  const section = `${begin}\n\n${text}\n\n${kEnd}`;
  const page = await readFile(kPage, 'utf8');
  const start = page.indexOf(begin);
  if (start < 0) return writeFile(kPage, `${page.trimEnd()}\n\n${section}\n`);
  const end = page.indexOf(kEnd, start) + kEnd.length;
  return writeFile(kPage, page.slice(0, start) + section + page.slice(end));
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {number} value as many digits as mean something */
export function digits(value) {
  if (Math.abs(value) >= 10) return number(value);
  return value.toFixed(Math.abs(value) >= 1 ? 1 : 2);
}

/** @param {number} value */
export const number = (value) => Math.round(value).toLocaleString('en-US');
