// Replication with servers that misbehave: the error says what happened, nothing is taken for
// replicated that isn't, and with `live` and `retry` everything arrives once the server has come to
// its senses.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import {
  answerHtml,
  answerJson,
  cutInTheMiddle,
  forwardTo,
  misbehavingServer,
} from './misbehaving-server.js';

const server = await couchDB();
after(() => server.clear());

const ids = ['a', 'b', 'c'];

/**
 * A database with documents here, and one with others on a server, which misbehaves to those who
 * come by `address` as long as `isBad`. `path` is where it does.
 *
 * @param {import('./misbehaving-server.js').Behaviour} misbehave
 * @param {RegExp} [path]
 */
async function openPair(misbehave, path = /./) {
  const local = new Couchlet(randomUUID());
  atEnd(() => local.destroy());
  const real = server.newDatabase();
  const behind = new Couchlet(real);
  await local.bulkDocs(ids.map((id) => ({ _id: `here-${id}` })));
  await behind.bulkDocs(ids.map((id) => ({ _id: `there-${id}` })));

  const state = { isBad: true };
  const forward = forwardTo(server.url);
  const way = await misbehavingServer((message, response) => {
    if (state.isBad && path.test(message.path)) misbehave(message, response);
    else forward(message, response);
  });
  atEnd(() => way.stop());
  const { username, password, pathname } = new URL(real);
  const address = new URL(`${way.url}${pathname}`);
  Object.assign(address, { username, password });
  return { local, behind, state, address: address.href };
}

/** @param {Couchlet} db */
const count = async (db) => (await db.info()).doc_count;

/** What servers do, and what replication makes of it. */
const misbehaviours = {
  'closes the connection': {
    behave: (_, response) => response.destroy(),
    error: { status: 0, name: 'network' },
  },
  'cuts its answers in the middle': {
    behave: (_, response) => cutInTheMiddle(response),
    error: { status: 0, name: 'network' },
  },
  'answers HTML': {
    behave: (_, response) => answerHtml(response),
    error: { status: 502 },
  },
  'answers with an error page': {
    behave: (_, response) => answerHtml(response, 503),
    error: { status: 503 },
  },
  'answers with nothing': {
    behave: (_, response) => response.end(),
    error: { status: 502 },
  },
  'answers with malformed JSON': {
    behave: (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end('{"results": [{"id": "a", ]}');
    },
    error: { status: 502 },
  },
  'answers with JSON of another kind': {
    behave: (_, response) => answerJson(response, 200, [[[1]]]),
    error: { status: 502 },
  },
  'has had too many requests': {
    behave: (_, response) => {
      response.setHeader('Retry-After', '0');
      answerJson(response, 429, { error: 'too_many_requests', reason: 'slow down' });
    },
    error: { status: 429, name: 'too_many_requests', reason: /slow down/ },
  },
  'is broken': {
    behave: (_, response) => answerJson(response, 500, { error: 'broken', reason: 'the disk' }),
    error: { status: 500, reason: /the disk/ },
  },
  'says that there is nothing': {
    behave: (_, response) => answerJson(response, 404, { error: 'not_found', reason: 'gone' }),
    error: { status: 404, name: 'not_found' },
  },
};

for (const [name, { behave, error }] of Object.entries(misbehaviours)) {
  describe(`a server that ${name}`, () => {
    test('fails a push and a pull with an error that says so', async () => {
      const { local, behind, address } = await openPair(behave, /_changes|_bulk_docs/);
      await assert.rejects(local.replicate.from(address), error);
      await assert.rejects(local.replicate.to(address), error);
      assert.deepEqual([await count(local), await count(behind)], [3, 3]);
    });

    test('is no lasting harm: once it behaves, all is carried', async () => {
      const { local, behind, state, address } = await openPair(behave);
      const sync = local.sync(address, { live: true, retry: true });
      /** @type {unknown[]} */
      const errors = [];
      sync.on('error', (problem) => errors.push(problem));
      const [problem] = await once(sync, 'paused');
      assert.equal(problem.status, error.status);
      state.isBad = false;
      await eventually(async () => {
        assert.deepEqual([await count(local), await count(behind)], [6, 6]);
      });
      sync.cancel();
      await sync;
      assert.deepEqual(errors, []);
    });
  });
}

for (const [status, name] of /** @type {const} */ ([
  [401, 'unauthorized'],
  [403, 'forbidden'],
])) {
  test(`a server that answers ${status} ends a replication, also one with retry`, async () => {
    const refuse = (_, response) => answerJson(response, status, { error: name, reason: 'no' });
    for (const path of [/./, /_changes|_bulk_docs/]) {
      const { local, address } = await openPair(refuse, path);
      for (const options of [{}, { live: true, retry: true }]) {
        await assert.rejects(local.replicate.from(address, options), { status, name });
        await assert.rejects(local.replicate.to(address, options), { status, name });
      }
    }
  });
}

describe('one part of the protocol fails', () => {
  const broken = (_, response) => answerJson(response, 500, { error: 'broken', reason: 'part' });

  for (const path of [/_revs_diff/, /_bulk_docs/, /_bulk_get|\/(here|there)-/, /_changes/]) {
    test(`${path}: with retry all is carried when it works again`, async () => {
      const { local, behind, state, address } = await openPair(broken, path);
      const sync = local.sync(address, { live: true, retry: true });
      const settled = eventually(async () => {
        assert.ok((await count(local)) + (await count(behind)) > 6);
      });
      await Promise.race([once(sync, 'paused'), settled]);
      state.isBad = false;
      await eventually(async () => {
        assert.deepEqual([await count(local), await count(behind)], [6, 6]);
      });
      sync.cancel();
      await sync;
    });
  }

  test('checkpoints that cannot be written hold nobody up', async () => {
    const refuse = (_, response) => answerJson(response, 403, { error: 'forbidden', reason: 'no' });
    const { local, behind, address } = await openPair(({ method }, response) => {
      if (method === 'PUT') refuse(null, response);
      else answerJson(response, 404, { error: 'not_found', reason: 'missing' });
    }, /_local/);
    const result = await local.sync(address).catch((problem) => problem);
    // Without a checkpoint there, the next time begins anew; what is written stays.
    assert.deepEqual([await count(local), await count(behind)], [6, 6], `${result}`);
  });
});

test('a redirect is followed', async () => {
  const { local, behind, address } = await openPair(({ path }, response) => {
    response.writeHead(307, { Location: server.url + path });
    response.end();
  }, /_changes|_bulk_docs|_bulk_get/);
  await local.sync(address);
  assert.deepEqual([await count(local), await count(behind)], [6, 6]);
});

test('a server without _bulk_get is read one document at a time', async () => {
  const { local, behind, address } = await openPair(
    (_, response) => answerJson(response, 404, { error: 'not_found', reason: 'missing' }),
    /_bulk_get/,
  );
  await behind.put({ ...(await behind.get('there-a')), edited: true });
  await local.replicate.from(address);
  assert.equal((await local.get('there-a')).edited, true);
});
