// What becomes of a request to a server when its call is given up.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import Couchlet from 'couchlet';
import { misbehavingServer } from './misbehaving-server.js';

test('a server that does not answer is not waited for: the request is given up', async () => {
  const abort = new AbortController();
  let isClosed;
  const closed = new Promise((resolve) => (isClosed = resolve));
  const server = await misbehavingServer((_, response) => {
    response.on('close', isClosed);
    abort.abort();
  });
  after(() => server.stop());
  const db = new Couchlet(`${server.url}/db`, { skip_setup: true });
  await assert.rejects(db.get('a', { signal: abort.signal }), { name: 'AbortError' });
  await closed;
});
