// Running other programs: `run` keeps what a program prints, and shows it only when it fails;
// `show` passes it through as it comes. `findProgram` looks along the PATH.

import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const kRoot = fileURLToPath(new URL('..', import.meta.url));

/** A failure whose message is all that a reader needs: printed without a stack. */
export class Failure extends Error {}

/**
 * Runs a program and resolves with its standard output. Rejects with a Failure that has everything
 * that it printed when it doesn't end with 0.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>}
 */
export function run(program, args, options = {}) {
  return start(program, args, options, () => {}, true);
}

/**
 * Runs a program, passes on what it prints, and resolves with its standard output.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>}
 */
export function show(program, args, options = {}) {
  return start(program, args, options, (bytes) => process.stdout.write(bytes), false);
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {(bytes: Buffer) => void} onBytes
 * @param {boolean} tellAll whether a Failure has what the program printed
 * @returns {Promise<string>}
 */
function start(program, args, options, onBytes, tellAll) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const output = [];
    /** @type {Buffer[]} */
    const all = [];
    child.stdout?.on('data', (bytes) => {
      output.push(bytes);
      all.push(bytes);
      onBytes(bytes);
    });
    child.stderr?.on('data', (bytes) => {
      all.push(bytes);
      onBytes(bytes);
    });
    child.on('error', (error) => reject(new Failure(`${program}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(output).toString());
      const said = tellAll ? `${Buffer.concat(all).toString().trimEnd()}\n` : '';
      reject(new Failure(`${said}${shortened(program, args)}: ended with ${signal ?? code}`));
    });
  });
}

/**
 * A command line, without the rest of a long list of files.
 * @param {string} program
 * @param {string[]} args
 */
function shortened(program, args) {
  const line = [program, ...args].join(' ');
  return line.length > 160 ? `${line.slice(0, 160)}...` : line;
}

/**
 * The full path of the first of these programs that is on the PATH.
 * @param {string[]} names
 */
export function findProgram(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
      const file = path.join(folder, name);
      if (isExecutable(file)) return file;
    }
  }
  return undefined;
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** How many programs to run at a time, as an argument. */
export const cpus = () => String(os.availableParallelism());

/**
 * Runs a script's main function: a Failure is one message, anything else shows its stack.
 * @param {() => Promise<void>} body
 */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/**
 * True in the module that the command line names.
 * @param {string} url its import.meta.url
 */
export function isMain(url) {
  return (
    process.argv[1] !== undefined && url === pathToFileURL(realpathSync(process.argv[1])).href
  );
}
