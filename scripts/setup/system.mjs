// What this machine is: its distribution, and whether apt can install something here.

import { readFileSync } from 'node:fs';
import process from 'node:process';

import { Failure, findProgram, run } from '../command.mjs';

/**
 * Prints a line of progress.
 * @typedef {(line: string) => void} Say
 */

/** The fields ID and VERSION_ID of /etc/os-release, empty where there is none. */
export function distribution() {
  let text = '';
  try {
    text = readFileSync('/etc/os-release', 'utf8');
  } catch {
    // Not Linux.
  }
  const field = (/** @type {string} */ name) =>
    text.match(new RegExp(`^${name}="?([^"\n]*)`, 'm'))?.[1] ?? '';
  return { id: field('ID'), version: field('VERSION_ID') };
}

/**
 * Installs Debian packages. Throws a Failure that says what to type where that can't be done from
 * here.
 * @param {string[]} packages
 * @param {Say} say
 */
export async function aptInstall(packages, say) {
  const command = `apt-get install ${packages.join(' ')}`;
  if (!findProgram('apt-get')) {
    throw new Failure(
      'This system has no apt-get. Install with its own package manager what Debian calls: ' +
        packages.join(' '),
    );
  }
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  if (asRoot.length > 0 && !findProgram('sudo')) {
    throw new Failure(`Missing, and there is no sudo here. As root, type: ${command}`);
  }
  say(command);
  const apt = (/** @type {string[]} */ ...args) => {
    const line = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return run(line[0], line.slice(1));
  };
  try {
    await apt('update');
    await apt(
      'install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600', ...packages,
    );
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Failure(`${message}\nCould not install. As root, type: ${command}`);
  }
}
