// The demo as its user runs it: a process, whose end is the end of the network for its pages.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { kDatabases } from '../../scripts/demo/database.mjs';

const kScript = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));

/** The server's data: it outlives the process that serves it. */
export class DemoData {
  constructor() {
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'couchlet-demo-'));
    // Where COUCHDB_URL names a real CouchDB, the data is there, in databases of this run.
    this.prefix = `couchlet-test-${randomUUID()}-`;
  }

  /** Starts the demo on this data. @param {number} [port] @returns {Promise<Demo>} */
  async serve(port = 0) {
    const args = [kScript, '--no-build', '--port', String(port), '--data', this.folder];
    const env = { ...process.env, COUCHDB_PREFIX: this.prefix };
    const child = spawn(process.execPath, [...process.execArgv, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return new Demo(child, await addressFrom(child));
  }

  async delete() {
    await rm(this.folder, { recursive: true, force: true });
    if (process.env.COUCHDB_URL) await deleteDatabases(process.env.COUCHDB_URL, this.prefix);
  }
}

export class Demo {
  /** @param {import('node:child_process').ChildProcess} child @param {string} address */
  constructor(child, address) {
    this.child = child;
    /** Its exit code. @type {Promise<number | null>} */
    this.ended = new Promise((resolve) => child.once('exit', resolve));
    this.address = address;
    this.port = Number(new URL(address).port);
    this.notes = `${address}db/notes`;
  }

  /** Ends it as an unplugged cable does: open connections break. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Ends it as Ctrl-C does. @returns {Promise<number | null>} its exit code */
  stop() {
    this.child.kill('SIGINT');
    return this.ended;
  }

  /** One request to the server's database of notes. @param {string} path @param {object} [body] */
  async request(path, body, method = body ? 'POST' : 'GET') {
    const headers = { 'content-type': 'application/json' };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const answer = await fetch(`${this.notes}${path}`, init);
    const result = /** @type {any} */ (await answer.json());
    assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(result)}`);
    return result;
  }

  /** All notes on the server by title, with `_conflicts`. @returns {Promise<Map<string, any>>} */
  async notesByTitle() {
    const { rows } = await this.request('/_all_docs?include_docs=true&conflicts=true');
    return new Map(rows.map((/** @type {any} */ { doc }) => [doc.title, doc]));
  }

  /** Every leaf revision of every document on the server: what "equal" is about. */
  async leaves() {
    const { results } = await this.request('/_changes?style=all_docs');
    return leavesOf(results);
  }
}

/**
 * "id: revisions", sorted.
 * @param {{id: string, changes: {rev: string}[]}[]} results of a changes feed, style all_docs
 */
export function leavesOf(results) {
  return results
    .map(({ id, changes }) => `${id}: ${changes.map(({ rev }) => rev).sort().join(' ')}`)
    .sort();
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<string>} */
function addressFrom(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (bytes) => {
      said += bytes;
      const [address] = /http:\/\/localhost:\d+\//.exec(said) ?? [];
      if (address) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`The demo ended with ${code}: ${said}`)));
  });
}

/** @param {string} url @param {string} prefix */
async function deleteDatabases(url, prefix) {
  const server = new URL(url);
  const { username, password } = server;
  server.username = server.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  for (const name of kDatabases) {
    await fetch(new URL(`/${prefix}${name}`, server), { method: 'DELETE', headers });
  }
}
