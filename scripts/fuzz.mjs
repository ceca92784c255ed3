// `npm run fuzz`: every fuzz target for a minute; `npm run fuzz -- 600 block table`: these two for ten.
// What is new to a corpus is kept in build/fuzz/corpus; an input that ends a target is written to
// build/fuzz/found and ends the run.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

import { Failure, cpus, isMain, kRoot, main, run, show } from './command.mjs';
import { filesUnder } from './format.mjs';
import { setUp } from './setup.mjs';

const kBuild = path.join(kRoot, 'build/fuzz');

/** @returns {string[]} */
function targets() {
  return filesUnder('tests/fuzz', '_fuzz.cpp').map((file) => path.basename(file, '_fuzz.cpp'));
}

/**
 * @param {string} target
 * @param {number} seconds
 */
async function fuzz(target, seconds) {
  console.log(`\n${target}: ${seconds} s`);
  const corpus = path.join(kBuild, 'corpus', target);
  const found = path.join(kBuild, 'found');
  for (const folder of [corpus, found]) await mkdir(folder, { recursive: true });
  await show(path.join(kBuild, `fuzz_${target}`), [
    corpus,
    path.join(kRoot, 'tests/fuzz/corpus', target),
    `-artifact_prefix=${found}/${target}-`,
    `-max_total_time=${seconds}`,
    '-timeout=10',
    '-verbosity=0',
    '-print_final_stats=1',
  ]);
}

/** @param {string[]} args */
async function fuzzAll([first, ...rest]) {
  const seconds = first === undefined ? 60 : Number(first);
  if (!(seconds > 0)) throw new Failure('How many seconds for each target?');
  const unknown = rest.find((name) => !targets().includes(name));
  if (unknown) throw new Failure(`No target ${unknown}. There are: ${targets().join(' ')}`);
  await setUp();
  await run('cmake', ['--preset', 'fuzz'], { cwd: kRoot });
  await show('cmake', ['--build', '--preset', 'fuzz', '-j', cpus()], { cwd: kRoot });
  for (const target of rest.length > 0 ? rest : targets()) await fuzz(target, seconds);
  console.log('\nNothing found.');
}

if (isMain(import.meta.url)) await main(() => fuzzAll(process.argv.slice(2)));
