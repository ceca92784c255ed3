// All the set-up that a clean clone needs, on Debian 12 or newer as root (with sudo elsewhere):
// build tools, Emscripten, npm packages and, for the tests, compiler, GoogleTest and browsers.
// A look at a few files where everything is there. Runs before npm packages are installed, so it
// and what it imports use Node's own modules only.
//
//   npm run setup                    everything
//   npm run setup -- --no-tests      what `npm run build` and `npm run demo` need

import path from 'node:path';
import process from 'node:process';

import { Failure, isMain, main } from './command.mjs';
import { withLock } from './lock.mjs';
import { missingPackages } from './setup/debian-packages.mjs';
import { cacheFolder, hasEmscripten, installEmscripten } from './setup/emscripten.mjs';
import { hasNpmPackages, installNpmPackages } from './setup/npm-packages.mjs';
import { aptInstall } from './setup/system.mjs';

// 20.16 is the first Node 20 with process.getBuiltinModule, by which couchlet loads its module.
const kLeastNode = [20, 16];

/** Installs what is missing to build, and to test where `tests` isn't false. */
export async function setUp({ tests = true } = {}) {
  checkNode();
  if (isDone(tests)) return;
  const start = Date.now();
  const say = (/** @type {string} */ line) => console.log(`set-up: ${line}`);
  await withLock(
    path.join(cacheFolder(), 'setup.lock'),
    () => install(tests, say),
    () => say('waiting for another set-up to end'),
  );
  say(`done in ${Math.round((Date.now() - start) / 1000)} s`);
}

/** @param {boolean} tests */
function isDone(tests) {
  return missingPackages({ tests }).length === 0 && hasEmscripten() && hasNpmPackages();
}

/**
 * @param {boolean} tests
 * @param {import('./setup/system.mjs').Say} say
 */
async function install(tests, say) {
  const packages = missingPackages({ tests });
  if (packages.length > 0) await aptInstall(packages, say);
  if (!hasEmscripten()) await installEmscripten(say);
  if (!hasNpmPackages()) await installNpmPackages(say);
  if (isDone(tests)) return;
  throw new Failure(
    `Still missing after set-up: ${[
      ...missingPackages({ tests }),
      ...(hasEmscripten() ? [] : ['emscripten']),
      ...(hasNpmPackages() ? [] : ['npm packages']),
    ].join(' ')}`,
  );
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > kLeastNode[0] || (major === kLeastNode[0] && minor >= kLeastNode[1])) return;
  throw new Failure(
    `couchlet needs Node ${kLeastNode.join('.')} or newer, this is ${process.versions.node}. ` +
      'Install it (for example: nvm install 20) and try again',
  );
}

if (isMain(import.meta.url)) {
  await main(() => setUp({ tests: !process.argv.includes('--no-tests') }));
}
