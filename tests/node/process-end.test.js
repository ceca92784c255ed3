// What couchlet leaves behind in a process of Node: nothing that keeps it alive.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const kProject = fileURLToPath(new URL('../..', import.meta.url));

const kScript = `
  import Couchlet from 'couchlet';
  const [one, other] = ['one', 'other'].map((name) => new Couchlet(name, { adapter: 'memory' }));
  const feed = one.changes({ live: true });
  const sync = one.sync(other, { live: true, retry: true });
  await new Promise((resolve) => sync.once('paused', resolve));
  sync.cancel();
  await sync;
  feed.cancel();
  await Promise.all([one.close(), other.close()]);
  console.log(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length);
`;

test('no timer goes on when a live replication was cancelled and its databases are closed', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', kScript],
    { cwd: kProject },
  );
  assert.equal(stdout.trim(), '0');
});
