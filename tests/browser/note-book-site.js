// The note book on a server of the test's own: a copy of the page and the library, which can be
// changed, and a database that can be made to misbehave. The database is a process of its own: what
// express-pouchdb leaves behind when a browser goes (a heartbeat for nobody) ends with it.

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { proxyTo } from '../../scripts/demo/proxy.mjs';
import { demoSite } from '../../scripts/demo/site.mjs';
import { DemoData } from './demo-process.js';

/** @typedef {import('node:http').RequestListener} RequestListener */

const kProject = fileURLToPath(new URL('../..', import.meta.url));

// Links too: what is changed is to be a copy.
const kWhole = { recursive: true, dereference: true };

export class NoteBookSite {
  /** Takes the database's place while it is set. @type {RequestListener | undefined} */
  misbehaviour = undefined;
  address = '';
  root = '';
  data = new DemoData();
  /** What the database answers. @type {RequestListener} */
  handler = () => assert.fail('It is started first');

  async start() {
    this.root = mkdtempSync(path.join(os.tmpdir(), 'couchlet-site-'));
    for (const folder of ['web', 'dist']) {
      await cp(path.join(kProject, folder), path.join(this.root, folder), kWhole);
    }
    this.demo = await this.data.serve();
    const forward = proxyTo(new URL('db', this.demo.address), undefined);
    this.handler = (request, response) => forward(request, response, request.url ?? '/');
    /** @type {RequestListener} */
    const answer = (request, response) => (this.misbehaviour ?? this.handler)(request, response);
    this.server = createServer(demoSite(this.root, answer));
    await new Promise((resolve) => this.server?.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    this.address = `http://localhost:${port}/`;
  }

  /** Another version of the page. */
  async change() {
    const file = path.join(this.root, 'web/index.html');
    const page = await readFile(file, 'utf8');
    assert.ok(page.includes('placeholder="Search"'));
    await writeFile(file, page.replace('placeholder="Search"', 'placeholder="Find"'));
  }

  /** The network is gone. */
  async cut() {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  async delete() {
    await this.cut();
    await this.demo?.kill();
    await this.data.delete();
    await rm(this.root, { recursive: true, force: true });
  }
}
