// `npm test`: every check there is, one after another, until one fails. With names as arguments,
// only those: `node scripts/test.mjs format native`. What ran no test at all has not passed.

import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

import { build } from './build.mjs';
import { Failure, cpus, isMain, kRoot, main, run, show } from './command.mjs';
import { filesUnder, format } from './format.mjs';
import { setUp } from './setup.mjs';
import { tidy } from './tidy.mjs';

/** @type {{ name: string, what: string, run: () => Promise<string | void> }[]} */
const kSteps = [
  { name: 'format', what: 'C++ is formatted', run: () => format({ check: true }) },
  { name: 'native', what: 'engine under ASan and UBSan', run: native },
  { name: 'tidy', what: 'clang-tidy', run: lint },
  { name: 'build', what: 'WebAssembly and dist/', run: build },
  { name: 'types', what: 'JavaScript by tsc', run: types },
  { name: 'node', what: 'Node', run: () => nodeTests('node', cpus()) },
  { name: 'browser', what: 'Chromium and Firefox', run: () => nodeTests('browser', '1') },
];

async function native() {
  const folder = path.join(kRoot, 'build/native');
  await run('cmake', ['--preset', 'native'], { cwd: kRoot });
  await show('cmake', ['--build', '--preset', 'native', '-j', cpus()], { cwd: kRoot });
  const reports = existsSync(folder) ? filesUnder('build/native', '_tests.json', '_runs.json') : [];
  for (const report of reports) await rm(path.join(kRoot, report));
  await show('ctest', ['--preset', 'native', '-j', cpus()], { cwd: kRoot });
  const tests = await sum('_tests.json', (report) => report.tests);
  const runs = await sum('_runs.json', (report) => report.runs);
  if (tests === 0) throw new Failure('No native test was run');
  if (runs === 0) throw new Failure('Nothing was simulated');
  return `${tests} tests, ${runs} simulated runs`;
}

/**
 * Adds up what the native programs have reported.
 * @param {string} ending of the reports' names
 * @param {(report: any) => number} count
 */
async function sum(ending, count) {
  let total = 0;
  for (const report of filesUnder('build/native', ending)) {
    total += count(JSON.parse(await readFile(path.join(kRoot, report), 'utf8')));
  }
  return total;
}

async function lint() {
  await run('cmake', ['--preset', 'native'], { cwd: kRoot });
  return tidy();
}

async function types() {
  await show('node_modules/.bin/tsc', ['--project', '.'], { cwd: kRoot });
}

/**
 * @param {string} folder
 * @param {string} atATime how many of its files to run side by side
 */
async function nodeTests(folder, atATime) {
  const files = filesUnder(`tests/${folder}`, '.test.js');
  if (files.length === 0) throw new Failure(`tests/${folder} has no tests`);
  const output = await show(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${atATime}`,
      '--test-timeout=300000', // ms: a test that hangs must not hold up the run for ever
      ...files,
    ],
    { cwd: kRoot },
  );
  const count = Number(output.match(/^ℹ pass (\d+)$/m)?.[1] ?? 0);
  if (count === 0) throw new Failure(`No test of tests/${folder} was run`);
  return `${count} tests`;
}

/** @param {string[]} names */
function stepsNamed(names) {
  if (names.length === 0) return kSteps;
  return names.map((name) => {
    const step = kSteps.find((each) => each.name === name);
    if (step) return step;
    throw new Failure(`No step ${name}. There are: ${kSteps.map((each) => each.name).join(' ')}`);
  });
}

/** @param {string[]} names */
async function test(names) {
  const steps = stepsNamed(names);
  await setUp();
  const summary = [];
  for (const [i, step] of steps.entries()) {
    console.log(`\n[${i + 1}/${steps.length}] ${step.name}: ${step.what}`);
    const start = Date.now();
    const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`.padStart(8);
    try {
      const result = await step.run();
      summary.push(`  passed  ${step.name.padEnd(8)} ${seconds()}  ${result ?? ''}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(error.message);
      summary.push(`  FAILED  ${step.name.padEnd(8)} ${seconds()}`);
      for (const { name } of steps.slice(i + 1)) summary.push(`  not run ${name}`);
      throw new Failure(`${summary.join('\n')}\n\nFAILED: ${step.name} (${step.what})`);
    }
  }
  console.log(`\n${summary.join('\n')}\n\nAll passed.`);
}

if (isMain(import.meta.url)) await main(() => test(process.argv.slice(2)));
