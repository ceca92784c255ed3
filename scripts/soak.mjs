// `npm run soak`: builds the simulation (docs/simulation.md), optimised, and runs it from a random
// seed on until it is stopped or a seed fails. With arguments, these: `npm run soak -- --seed 7`.

import process from 'node:process';

import { cpus, isMain, kRoot, main, run, show } from './command.mjs';
import { setUp } from './setup.mjs';

if (isMain(import.meta.url)) {
  await main(async () => {
    await setUp();
    await run('cmake', ['--preset', 'release'], { cwd: kRoot });
    const build = ['--build', '--preset', 'release', '-j', cpus(), '--target', 'couchlet_simulation'];
    await show('cmake', build, { cwd: kRoot });
    const args = process.argv.length > 2 ? process.argv.slice(2) : ['--soak'];
    await show('build/release/couchlet_simulation', args, { cwd: kRoot });
  });
}
