// clang-tidy over the engine's sources, as .clang-tidy says, leaving out what passed in an earlier
// run: a source passes again as long as neither it, nor a header of ours that it includes, nor
// .clang-tidy, nor clang-tidy itself has changed. build/tidy/ has an empty file for each such
// state.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { Failure, isMain, kRoot, main, run } from './command.mjs';

const kPassed = path.join(kRoot, 'build/tidy');

/** Checks all of src/ that the native preset compiles. Needs build/native to be configured. */
export async function tidy() {
  await mkdir(kPassed, { recursive: true });
  const sources = await describeSources();
  const base = (await run('clang-tidy-19', ['--version'])) + read('.clang-tidy');
  const waiting = sources.filter((source) => !existsSync(passedFile(base, source)));
  const count = waiting.length;
  /** @type {Set<string>} what several sources hear of one header counts once */
  const complaints = new Set();
  const worker = async () => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      const passed = passedFile(base, source);
      try {
        await run('clang-tidy-19', ['--quiet', '-p', 'build/tidy', source], { cwd: kRoot });
        await writeFile(passed, '');
      } catch (error) {
        for (const each of complaintsOf(error)) complaints.add(each);
      }
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
  if (complaints.size > 0) throw new Failure([...complaints].join('\n'));
  return `${count} files checked, ${sources.length - count} known to pass`;
}

/**
 * @param {unknown} error
 * @returns {string[]}
 */
function complaintsOf(error) {
  if (!(error instanceof Failure)) throw error;
  const said = error.message.replaceAll(kRoot, '').split(/^(?=\S+:\d+:\d+: )/m);
  const complaints = said.filter((each) => /^\S+:\d+:\d+: /.test(each));
  return complaints.length > 0 ? complaints : said;
}

/**
 * Puts into build/tidy how each source is compiled, once: the simulation compiles them all anew, and
 * clang-tidy would check a source for each way in which it is.
 *
 * @returns {Promise<string[]>} the sources
 */
async function describeSources() {
  /** @type {{ file: string }[]} */
  const commands = JSON.parse(read('build/native/compile_commands.json'));
  /** @type {Map<string, object>} */
  const bySource = new Map();
  for (const command of commands) {
    const source = path.relative(kRoot, command.file);
    if (source.startsWith('src/') && !bySource.has(source)) bySource.set(source, command);
  }
  const kept = JSON.stringify([...bySource.values()]);
  await writeFile(path.join(kPassed, 'compile_commands.json'), kept);
  return [...bySource.keys()].sort();
}

/**
 * @param {string} base
 * @param {string} source
 */
function passedFile(base, source) {
  const hash = createHash('sha256').update(base);
  for (const file of withIncludes(source, new Set())) hash.update(file).update(read(file));
  return path.join(kPassed, hash.digest('hex'));
}

/**
 * A source and every header of ours that it includes, directly or not.
 * @param {string} file
 * @param {Set<string>} found
 */
function withIncludes(file, found) {
  found.add(file);
  for (const [, name] of read(file).matchAll(/^#include "(.*)"/gm)) {
    const header = `src/${name}`;
    if (!found.has(header) && existsSync(path.join(kRoot, header))) withIncludes(header, found);
  }
  return found;
}

/** @param {string} file */
const read = (file) => readFileSync(path.join(kRoot, file), 'utf8');

if (isMain(import.meta.url)) await main(async () => console.log(await tidy()));
