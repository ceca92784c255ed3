#!/usr/bin/env node
// The `couchlet` command: what it can do, by name.

import process from 'node:process';

import { kUsage, runBadNetwork } from './bad-network/command.js';

/** @type {Record<string, (args: string[]) => Promise<void>>} */
const kCommands = { 'bad-network': runBadNetwork };

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(kCommands, name) ? kCommands[name] : undefined;
if (command) {
  command(args).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
} else {
  const isAsked = name === '--help' || name === 'help';
  (isAsked ? process.stdout : process.stderr).write(`Usage: ${kUsage}`);
  process.exitCode = isAsked ? 0 : 1;
}
