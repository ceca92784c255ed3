// `npm run format`: clang-format over the C++ sources; with --check says what it would change.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { isMain, kRoot, main, show } from './command.mjs';
import { setUp } from './setup.mjs';

/**
 * The files under a folder of the project whose names end in one of the endings, sorted.
 * @param {string} folder
 * @param {string[]} endings
 */
export function filesUnder(folder, ...endings) {
  return readdirSync(path.join(kRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => path.join(folder, name))
    .sort();
}

/** @param {{ check: boolean }} options */
export async function format({ check }) {
  const folders = ['src', 'tests/native', 'tests/simulation', 'tests/fuzz'];
  const files = folders.flatMap((folder) => filesUnder(folder, '.cpp', '.h'));
  const mode = check ? ['--dry-run', '--Werror'] : ['-i'];
  await show('clang-format-19', [...mode, ...files], { cwd: kRoot });
  return `${files.length} files`;
}

if (isMain(import.meta.url)) {
  await main(async () => {
    await setUp();
    await format({ check: process.argv.includes('--check') });
  });
}
