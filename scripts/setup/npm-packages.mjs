// The npm packages of the lock file. They are there when the copy of the lock file that was put
// into node_modules after the last complete installation is the same as the lock file.

import { readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';

import { Failure, findProgram, kRoot, run } from '../command.mjs';

const kLock = path.join(kRoot, 'package-lock.json');
const kInstalled = path.join(kRoot, 'node_modules/.couchlet-lock.json');

export function hasNpmPackages() {
  try {
    return readFileSync(kLock).equals(readFileSync(kInstalled));
  } catch {
    return false;
  }
}

/** @param {import('./system.mjs').Say} say */
export async function installNpmPackages(say) {
  if (!findProgram('npm')) {
    throw new Failure('npm is missing. As root, type: apt-get install npm');
  }
  say('npm ci');
  try {
    await run('npm', ['ci'], { cwd: kRoot });
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Failure(`${message}\nCould not install npm packages. Type: npm ci`);
  }
  await copyFile(kLock, kInstalled);
}
