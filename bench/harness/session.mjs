// A browser with a fresh profile and the server that it loads its pages from, for as long as
// something is measured with them; and the line that tells where that was.

import { existsSync } from 'node:fs';
import os from 'node:os';
import process from 'node:process';
import { Failure } from '../../scripts/command.mjs';
import { launch } from '../../tests/browser/browser.js';
import { startServer } from './remote.mjs';

/** @typedef {import('./options.mjs').Options} Options */
/**
 * @typedef {object} Session
 * @property {import('puppeteer-core').Browser} browser
 * @property {Awaited<ReturnType<typeof startServer>>} server
 */

/**
 * @template T
 * @param {Options} options
 * @param {(session: Session) => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withSession(options, body) {
  if (!existsSync(`${options.dist}/couchlet.js`)) {
    throw new Failure(`${options.dist} has no couchlet.js: npm run build`);
  }
  const server = await startServer({ ...options, couchdbUrl: process.env.COUCHDB_URL });
  try {
    const browser = await launch(options.browser);
    try {
      return await body({ browser, server });
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

export const today = () => new Date().toISOString().slice(0, 10);

/** The machine in a line. */
export function machine() {
  const cpus = os.cpus();
  const gigabytes = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus.length} x ${cpus[0].model.trim()}, ${gigabytes} GiB, ${os.type()} ${os.arch()}`;
}
