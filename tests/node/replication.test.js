import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import process from 'node:process';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB, request } from './couchdb-server.js';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import { answerJson, forwardTo, jsonOf, misbehavingServer } from './misbehaving-server.js';

const server = await couchDB();
after(() => server.clear());

/** @param {import('couchlet').DatabaseOptions} [options] */
function openLocal(options) {
  const db = new Couchlet(randomUUID(), options);
  atEnd(() => db.destroy());
  return db;
}

/** @param {import('couchlet').DatabaseOptions} [options] */
function openRemote(options) {
  const db = new Couchlet(server.newDatabase(), options);
  atEnd(() => db.close());
  return db;
}

/** @param {string} hash */
const digest = (hash) => hash.padEnd(32, '0');

/** @param {number} count */
const documents = (count) => Array.from({ length: count }, (_, n) => ({ _id: `doc-${n}`, n }));

/**
 * All that replication has to carry: every leaf of every document, with its past.
 *
 * @param {Couchlet} db
 */
async function contents(db) {
  const { results } = await db.changes({ style: 'all_docs' });
  const leaves = results.flatMap(({ id, changes }) => changes.map(({ rev }) => ({ id, rev })));
  const answer = await db.bulkGet({ docs: leaves, revs: true });
  const found = answer.results.flatMap(({ docs }) => docs.map(({ ok }) => ok));
  return Object.fromEntries(found.map((leaf) => [`${leaf._id} ${leaf._rev}`, leaf]).sort());
}

/**
 * @param {Couchlet} a
 * @param {Couchlet} b
 */
async function assertSame(a, b) {
  assert.deepEqual(await contents(a), await contents(b));
}

/**
 * @param {{emit: Function, on: Function}} feed
 * @param {string[]} names
 * @returns {[string, any][]} events as they come
 */
function record(feed, names) {
  /** @type {[string, any][]} */
  const events = [];
  for (const name of names) {
    feed.on(name, (/** @type {any} */ value) => events.push([name, value]));
  }
  return events;
}

/**
 * A way to the server that a test can block, cut, or look into.
 *
 * @param {import('./misbehaving-server.js').Behaviour} [look] answers what isn't to be passed on
 */
async function openWay(look) {
  const forward = forwardTo(server.url);
  /** @type {import('./misbehaving-server.js').Behaviour} */
  const behave = async (message, response) => {
    await look?.(message, response);
    if (!response.writableEnded && !response.destroyed) forward(message, response);
  };
  let way = await misbehavingServer(behave);
  let isOpen = true;
  const block = async () => {
    if (isOpen) await way.stop();
    isOpen = false;
  };
  atEnd(block);
  const { username, password, pathname } = new URL(server.newDatabase());
  const login = username && `${username}:${password}@`;
  return {
    address: `http://${login}127.0.0.1:${way.port}${pathname}`,
    requests: way.requests,
    block,
    async unblock() {
      way = await misbehavingServer(behave, { port: way.port });
      isOpen = true;
    },
  };
}

/** What the two ends of a replication can be. */
const ends = {
  'IndexedDB to a server': [openLocal, openRemote],
  'a server to IndexedDB': [openRemote, openLocal],
  'memory to a server': [() => openLocal({ adapter: 'memory' }), openRemote],
  'a server to memory': [openRemote, () => openLocal({ adapter: 'memory' })],
  'IndexedDB to IndexedDB': [openLocal, openLocal],
  'a server to a server': [openRemote, openRemote],
};

for (const [name, [openSource, openTarget]] of Object.entries(ends)) {
  describe(`from ${name}`, () => {
    test('everything is carried over, once', async () => {
      const [source, target] = [openSource(), openTarget()];
      await source.bulkDocs(documents(150));
      const result = await source.replicate.to(target);
      assert.equal(result.ok, true);
      assert.equal(result.status, 'complete');
      assert.equal(result.docs_read, 150);
      assert.equal(result.docs_written, 150);
      assert.equal(result.doc_write_failures, 0);
      assert.ok(Date.parse(result.start_time) <= Date.parse(result.end_time));
      await assertSame(source, target);

      const again = await target.replicate.from(source);
      assert.equal(again.docs_read, 0);
      assert.equal(again.docs_written, 0);
    });

    test('edits, deletions and conflicts come over with their past', async () => {
      const [source, target] = [openSource(), openTarget()];
      const first = await source.put({ _id: 'edited', n: 1 });
      await source.put({ _id: 'edited', _rev: first.rev, n: 2 });
      const gone = await source.put({ _id: 'gone' });
      await source.remove('gone', gone.rev);
      await source.bulkDocs(
        ['a', 'b'].map((hash) => ({ _id: 'conflicted', _rev: `1-${digest(hash)}`, hash })),
        { new_edits: false },
      );
      await source.put({ _id: '_design/app', language: 'javascript' });
      for (const _id of ['a/b?c#d&e+%2F', 'ü😀"\\', '.', '..']) await source.put({ _id });

      await source.replicate.to(target);
      await assertSame(source, target);
      assert.equal((await target.get('edited')).n, 2);
      await assert.rejects(target.get('gone'), { status: 404 });
      assert.deepEqual((await target.get('conflicted', { conflicts: true }))._conflicts, [
        `1-${digest('a')}`,
      ]);
    });

    test('what has changed since the last time is all that is carried', async () => {
      const [source, target] = [openSource(), openTarget()];
      await source.bulkDocs(documents(20));
      await source.replicate.to(target);
      await source.put({ ...(await source.get('doc-7')), edited: true });
      await source.put({ _id: 'new' });
      const result = await source.replicate.to(target);
      assert.equal(result.docs_written, 2);
      assert.equal((await target.get('doc-7')).edited, true);
    });

    test('live, it goes on with each change until it is cancelled', async () => {
      const [source, target] = [openSource(), openTarget()];
      await source.put({ _id: 'a' });
      const replication = source.replicate.to(target, { live: true });
      await eventually(() => target.get('a'));
      await source.put({ _id: 'b' });
      await eventually(() => target.get('b'));
      await source.remove(await source.get('a'));
      await eventually(() => assert.rejects(target.get('a'), { status: 404 }));
      replication.cancel();
      assert.equal((await replication).status, 'cancelled');
    });

    test('large documents come over whole', async () => {
      const [source, target] = [openSource(), openTarget()];
      const text = 'ä😀\\"\u2028'.repeat(100_000);
      await source.bulkDocs([{ _id: 'large', text }, { _id: 'small' }]);
      await source.replicate.to(target);
      assert.equal((await target.get('large')).text, text);
      assert.equal((await target.get('small'))._id, 'small');
    });
  });
}

describe('both ways', () => {
  test('sync carries what each side lacks, and tells of both directions', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.bulkDocs([{ _id: 'a' }, { _id: 'b' }]);
    await remote.bulkDocs([{ _id: 'c' }]);
    const sync = local.sync(remote);
    const events = record(sync, ['change', 'complete', 'error']);
    const result = await sync;
    assert.equal(result.push.docs_written, 2);
    assert.equal(result.pull.docs_written, 1);
    await assertSame(local, remote);

    const changes = events.filter(([name]) => name === 'change').map(([, value]) => value);
    const carried = (/** @type {string} */ direction) =>
      changes
        .filter((value) => value.direction === direction)
        .flatMap(({ change }) => change.docs.map((/** @type {any} */ { _id }) => _id));
    assert.deepEqual(carried('push').sort(), ['a', 'b']);
    assert.deepEqual(carried('pull'), ['c']);
    assert.deepEqual(events.at(-1), ['complete', result]);
  });

  test('edits on both sides become the same conflict on both, which one side resolves', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.put({ _id: 'a', text: 'first' });
    await local.sync(remote);
    await local.put({ ...(await local.get('a')), text: 'here' });
    await remote.put({ ...(await remote.get('a')), text: 'there' });
    await local.sync(remote);
    await assertSame(local, remote);
    const { _conflicts: conflicts = [], ...winner } = await local.get('a', { conflicts: true });
    assert.equal(conflicts.length, 1);
    assert.deepEqual(await remote.get('a'), winner);

    await local.put({ ...winner, text: 'here and there' });
    await local.remove('a', conflicts[0]);
    await local.sync(remote);
    assert.equal((await remote.get('a', { conflicts: true }))._conflicts, undefined);
    assert.equal((await remote.get('a')).text, 'here and there');
    await assertSame(local, remote);
  });

  test('a document deleted on one side and edited on the other lives on', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.put({ _id: 'a', text: 'first' });
    await local.sync(remote);
    await local.remove(await local.get('a'));
    await remote.put({ ...(await remote.get('a')), text: 'edited' });
    await local.sync(remote);
    assert.equal((await local.get('a')).text, 'edited');
    await assertSame(local, remote);
  });

  test('live sync keeps two databases and the server between them alike', async () => {
    const [here, there, remote] = [openLocal(), openLocal(), openRemote()];
    const syncs = [here, there].map((db) => db.sync(remote, { live: true }));
    await here.put({ _id: 'from-here' });
    await there.put({ _id: 'from-there' });
    await eventually(() => here.get('from-there'));
    await eventually(() => there.get('from-here'));
    await here.remove(await here.get('from-there'));
    await eventually(() => assert.rejects(there.get('from-there'), { status: 404 }));
    for (const sync of syncs) sync.cancel();
    for (const { push, pull } of await Promise.all(syncs)) {
      assert.deepEqual([push.status, pull.status], ['cancelled', 'cancelled']);
    }
    await assertSame(here, there);
  });

  test('live sync tells when it works and when all is done', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.put({ _id: 'a' });
    const sync = local.sync(remote, { live: true });
    const events = record(sync, ['active', 'change', 'paused', 'error']);
    await once(sync, 'paused');
    const names = events.map(([name]) => name);
    assert.ok(names.indexOf('active') < names.indexOf('change'), names.join());
    assert.equal(names.at(-1), 'paused');
    assert.equal(events.at(-1)?.[1], undefined);

    events.length = 0;
    await remote.put({ _id: 'b' });
    await eventually(() => {
      assert.deepEqual(
        events.map(([name, value]) => [name, value?.direction]),
        [
          ['active', 'pull'],
          ['change', 'pull'],
          ['paused', undefined],
        ],
      );
    });
    sync.cancel();
    await sync;
  });

  test('a listener of one direction is brought the documents, too', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.put({ _id: 'a' });
    const sync = local.sync(remote);
    /** @type {string[]} */
    const pushed = [];
    sync.push.on('change', ({ docs }) => pushed.push(...docs.map(({ _id }) => _id)));
    await sync;
    assert.deepEqual(pushed, ['a']);
  });

  test('push and pull can have options of their own', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.bulkDocs(documents(3));
    await remote.bulkDocs([{ _id: 'x' }, { _id: 'y' }]);
    const { push, pull } = await local.sync(remote, {
      push: { doc_ids: ['doc-1'] },
      pull: { doc_ids: ['y'] },
    });
    assert.deepEqual([push.docs_written, pull.docs_written], [1, 1]);
    assert.equal((await remote.get('doc-1')).n, 1);
    assert.equal((await local.get('y'))._id, 'y');
  });

  test('an error of one direction ends both, and is told once', async () => {
    const way = await openWay(({ path }, response) => {
      if (path.includes('_bulk_docs'))
        answerJson(response, 500, { error: 'broken', reason: 'disk' });
    });
    const local = openLocal();
    await local.put({ _id: 'a' });
    const sync = local.sync(way.address, { live: true });
    const events = record(sync, ['error', 'complete']);
    await assert.rejects(sync, { status: 500, reason: /^disk/ });
    assert.deepEqual(
      events.map(([name]) => name),
      ['error'],
    );
    assert.equal((await sync.pull).status, 'cancelled');
  });
});

describe('a replication', () => {
  test('is given its ends as databases, names or addresses', async () => {
    const remote = openRemote();
    const [one, other] = [openLocal(), openLocal()];
    await one.put({ _id: 'a' });
    await Couchlet.replicate(one.name, server.newDatabase());
    await Couchlet.replicate(one, other.name);
    assert.equal((await other.get('a'))._id, 'a');
    await Couchlet.sync(other.name, remote);
    assert.equal((await remote.get('a'))._id, 'a');
    for (const wrong of [undefined, null, 5, {}]) {
      assert.throws(() => one.replicate.to(wrong), { name: 'bad_request' });
    }
  });

  test('calls back with its result, or its error', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.put({ _id: 'a' });
    const outcome = (/** @type {Function} */ start) =>
      new Promise((resolve) =>
        start((/** @type {any} */ error, /** @type {any} */ result) => resolve({ error, result })),
      );
    const { result } = await outcome((callback) => local.replicate.to(remote, callback));
    assert.equal(result.docs_written, 1);
    const { error } = await outcome((callback) =>
      local.replicate.to('http://127.0.0.1:1/db', {}, callback),
    );
    assert.equal(error.name, 'network');
  });

  test('tells its events in order: active, change with the documents, complete', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.bulkDocs([{ _id: 'a', n: 1 }]);
    const replication = local.replicate.to(remote);
    const events = record(replication, ['active', 'change', 'complete', 'error']);
    const result = await replication;
    assert.deepEqual(
      events.map(([name]) => name),
      ['active', 'change', 'complete'],
    );
    const [, info] = events[1];
    assert.equal(info.docs_written, 1);
    assert.deepEqual([info.docs[0]._id, info.docs[0].n], ['a', 1]);
    assert.deepEqual(events[2][1], result);
  });

  test('brings no documents where nobody listens when it begins', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.put({ _id: 'a' });
    const replication = local.replicate.to(remote);
    /** @type {any[]} */
    const infos = [];
    replication.once('active', () => replication.on('change', (info) => infos.push(info)));
    await replication;
    assert.equal(infos[0].docs_written, 1);
    assert.equal(infos[0].docs, undefined);
  });

  test('can be read with for await', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.bulkDocs(documents(10));
    const ids = [];
    for await (const { docs } of local.replicate.to(remote))
      ids.push(...docs.map(({ _id }) => _id));
    assert.deepEqual(
      ids.sort(),
      documents(10).map(({ _id }) => _id),
    );
  });

  test('goes on with changes that arrive while it is read slowly', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    const replication = local.replicate.to(remote, { live: true });
    let written = 0;
    for (const _id of ['a', 'b', 'c']) await local.put({ _id });
    for await (const { docs_written: count } of replication) {
      written = count;
      if (written === 3) break;
    }
    assert.equal((await replication).status, 'cancelled');
    assert.equal((await remote.info()).doc_count, 3);
  });

  test('does not fail because others do the same at the same time', async () => {
    const [remote, local] = [openRemote(), openLocal()];
    await local.bulkDocs(documents(100));
    const syncs = Array.from({ length: 6 }, () => local.sync(remote));
    for (const { push } of await Promise.all(syncs)) assert.equal(push.status, 'complete');
    assert.equal((await remote.info()).doc_count, 100);
    const { push, pull } = await local.sync(remote);
    assert.deepEqual([push.docs_read, pull.docs_read], [0, 0]);
  });

  test('passes over options that are null', async () => {
    const [remote, local] = [openRemote(), openLocal()];
    await local.put({ _id: 'a' });
    const none = { filter: null, view: null, doc_ids: null, selector: null, query_params: null };
    const options = /** @type {any} */ ({ ...none, since: null, back_off_function: null });
    assert.equal((await local.replicate.to(remote, options)).docs_written, 1);
    assert.equal((await local.sync(remote, { ...options, push: null })).push.docs_read, 0);
  });

  test('carries only the documents of doc_ids', async () => {
    const [remote, local] = [openRemote(), openLocal()];
    await remote.bulkDocs(documents(10));
    const result = await remote.replicate.to(local, { doc_ids: ['doc-3', 'doc-5', 'nothing'] });
    assert.equal(result.docs_written, 2);
    const { rows } = await local.allDocs();
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['doc-3', 'doc-5'],
    );
  });

  for (const [direction, open] of /** @type {const} */ ([
    ['up', [openLocal, openRemote]],
    ['down', [openRemote, openLocal]],
  ])) {
    test(`carries nothing where doc_ids names no document: ${direction}`, async () => {
      const [source, target] = open.map((make) => make());
      await source.bulkDocs(documents(3));
      const { docs_read } = await source.replicate.to(target, { doc_ids: [] });
      assert.equal(docs_read, 0);
      assert.equal((await target.info()).doc_count, 0);
    });
  }

  test('goes on where the rule for its back-off fails, or is none', async () => {
    const way = await openWay();
    const local = openLocal();
    await way.block();
    await local.put({ _id: 'a' });
    const exception = new Error('beyond me');
    // The test runner would take the uncaught error for a failure of the test.
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const uncaught = once(process, 'uncaughtException');
    const replication = local.replicate.to(way.address, {
      live: true,
      retry: true,
      back_off_function() {
        throw exception;
      },
    });
    const [error] = await once(replication, 'paused');
    assert.equal(error.status, 0);
    assert.equal((await uncaught)[0], exception);
    for (const listener of others) process.on('uncaughtException', listener);
    await way.unblock();
    replication.wake();
    await once(replication, 'change');
    replication.cancel();
    assert.equal((await replication).docs_written, 1);
    const wrong = { back_off_function: /** @type {any} */ (1000) };
    await assert.rejects(async () => local.replicate.to(way.address, wrong), { status: 400 });
  });

  test('carries what comes after since', async () => {
    const [remote, local] = [openRemote(), openLocal()];
    await remote.put({ _id: 'old' });
    const { last_seq: since } = await remote.changes();
    await remote.put({ _id: 'new' });
    const result = await local.replicate.from(remote, { since });
    assert.equal(result.docs_written, 1);
    await assert.rejects(local.get('old'), { status: 404 });
  });

  test('cancelled before it has begun, it carries nothing', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    await local.put({ _id: 'a' });
    const replication = local.replicate.to(remote);
    replication.cancel();
    assert.equal((await replication).status, 'cancelled');
    assert.equal((await remote.info()).doc_count, 0);
  });

  test('is cancelled by a signal', async () => {
    const [local, remote] = [openLocal(), openRemote()];
    const abort = new AbortController();
    const replication = local.replicate.to(remote, { live: true, signal: abort.signal });
    await once(replication, 'paused');
    abort.abort();
    assert.equal((await replication).status, 'cancelled');
  });

  test('ends when one of its databases is closed', async () => {
    const [local, remote] = [openLocal(), new Couchlet(server.newDatabase())];
    const replication = local.replicate.from(remote, { live: true });
    await once(replication, 'paused');
    await remote.close();
    assert.equal((await replication).status, 'cancelled');
  });

  test('goes on from where it was cut, and what was carried is not carried again', async () => {
    const local = openLocal();
    await local.bulkDocs(documents(60));
    let writes = 0;
    const way = await openWay(({ path }, response) => {
      if (path.includes('_bulk_docs') && ++writes > 3) response.destroy();
    });
    const target = new Couchlet(way.address);
    await assert.rejects(local.replicate.to(target, { batch_size: 10, batches_limit: 1 }), {
      status: 0,
      name: 'network',
    });
    assert.equal((await target.info()).doc_count, 30);
    writes = -Infinity;
    const { docs_written: written } = await local.replicate.to(target, { batch_size: 10 });
    assert.equal(written, 30);
    await assertSame(local, target);
  });

  test('begins anew with a database that was deleted and made again', async () => {
    const local = openLocal();
    const address = server.newDatabase();
    await local.bulkDocs(documents(5));
    await local.replicate.to(address);
    await request('DELETE', address);
    const { docs_written: written } = await local.replicate.to(address);
    assert.equal(written, 5);
  });

  test('without checkpoints leaves no trace', async () => {
    const way = await openWay();
    const local = openLocal();
    await local.put({ _id: 'a' });
    await local.replicate.to(way.address, { checkpoint: false });
    const writes = way.requests.filter(
      ({ method, path }) => method === 'PUT' && /_local/.test(path),
    );
    assert.deepEqual(writes, []);
    const { docs_read: read } = await local.replicate.to(way.address, { checkpoint: false });
    assert.ok(read <= 1);
  });

  test('tells of a document that the target refuses, and carries the rest', async () => {
    // As CouchDB does: what is allowed is written, and the answer tells of what isn't.
    const way = await openWay(async (message, response) => {
      if (!message.path.includes('_bulk_docs')) return;
      const body = jsonOf(message);
      const docs = body.docs.filter((/** @type {any} */ { _id }) => _id !== 'secret');
      await request('POST', server.url + message.path, { ...body, docs });
      const refused = { id: 'secret', error: 'forbidden', reason: 'Not for you' };
      answerJson(response, 201, docs.length < body.docs.length ? [refused] : []);
    });
    const local = openLocal();
    await local.bulkDocs([{ _id: 'a' }, { _id: 'secret' }, { _id: 'z' }]);
    const replication = local.replicate.to(way.address);
    const denied = record(replication, ['denied']);
    const result = await replication;
    assert.equal(result.status, 'complete');
    assert.equal(result.doc_write_failures, 1);
    assert.equal(result.docs_written, 2);
    assert.equal(denied.length, 1);
    const [, error] = denied[0];
    assert.ok(error instanceof Error);
    assert.deepEqual([error.id, error.status, error.reason], ['secret', 403, 'Not for you']);
  });
});

describe('the server', () => {
  test('is asked with the credentials of the address, which no error tells', async () => {
    let asked = 0;
    const expected = `Basic ${btoa('ann:s3cret')}`;
    const guard = await misbehavingServer(({ headers }, response) => {
      asked += 1;
      const isAnn = headers.authorization === expected;
      answerJson(response, isAnn ? 403 : 401, {
        error: isAnn ? 'forbidden' : 'unauthorized',
        reason: isAnn ? 'Ann may not read this.' : 'Name or password is incorrect.',
      });
    });
    atEnd(() => guard.stop());
    const local = openLocal();
    const error = await local.replicate
      .from(`http://ann:s3cret@127.0.0.1:${guard.port}/db`)
      .catch((rejection) => rejection);
    assert.equal(error.status, 403);
    assert.equal(`${error.stack}${JSON.stringify(error)}`.includes('s3cret'), false);
    await assert.rejects(local.replicate.from(`${guard.url}/db`), {
      status: 401,
      name: 'unauthorized',
      reason: /^Name or password is incorrect/,
    });
    assert.ok(asked >= 2);
  });

  test('is asked through the fetch of the database', async () => {
    const local = openLocal();
    await local.put({ _id: 'a' });
    const paths = [];
    const remote = openRemote({
      fetch(url, init) {
        paths.push(new URL(url).pathname.split('/').at(-1));
        init.headers.set('X-Tenant', 'seven');
        return Couchlet.fetch(url, init);
      },
    });
    await local.replicate.to(remote);
    assert.ok(paths.includes('_bulk_docs'), paths.join());
  });

  test('is away: without retry the replication fails', async () => {
    const local = openLocal();
    await local.put({ _id: 'a' });
    for (const options of [{}, { live: true }]) {
      const replication = local.replicate.to('http://127.0.0.1:1/db', options);
      const events = record(replication, ['error', 'complete']);
      await assert.rejects(replication, { status: 0, name: 'network' });
      assert.deepEqual(
        events.map(([name]) => name),
        ['error'],
      );
    }
  });

  test('is away at first: with retry the replication waits for it', async () => {
    const way = await openWay();
    await way.block();
    const local = openLocal();
    await local.put({ _id: 'a' });
    const replication = local.replicate.to(way.address, { live: true, retry: true });
    const events = record(replication, ['error', 'complete']);
    const [error] = await once(replication, 'paused');
    assert.deepEqual([error.status, error.name], [0, 'network']);
    await way.unblock();
    await eventually(() => new Couchlet(way.address).get('a'));
    assert.deepEqual(events, []);
    replication.cancel();
    await replication;
  });

  test('goes away and comes back: with retry both sides end up the same', async () => {
    const way = await openWay();
    const local = openLocal();
    const remote = new Couchlet(way.address);
    const behind = new Couchlet(server.url + new URL(way.address).pathname);
    const sync = local.sync(way.address, { live: true, retry: true });
    const errors = record(sync, ['error']);
    await local.put({ _id: 'before' });
    await eventually(() => behind.get('before'));

    await way.block();
    await local.put({ _id: 'offline' });
    await behind.put({ _id: 'meanwhile' });
    await assert.rejects(remote.info(), { status: 0 });

    await way.unblock();
    await eventually(() => behind.get('offline'));
    await eventually(() => local.get('meanwhile'));
    sync.cancel();
    await sync;
    assert.deepEqual(errors, []);
    await assertSame(local, behind);
  });

  test('cancelled while it waits for the server, a replication ends at once', async () => {
    const local = openLocal();
    await local.put({ _id: 'a' });
    const options = { live: true, retry: true };
    const replication = local.replicate.to('http://127.0.0.1:1/db', options);
    await once(replication, 'paused');
    replication.cancel();
    assert.equal((await replication).status, 'cancelled');
  });

  test('does as it likes now and then: with retry everything arrives all the same', async () => {
    let requests = 0;
    const way = await openWay(({ path }, response) => {
      requests += 1;
      if (requests % 5 !== 0) return;
      if (requests % 2 === 0) response.destroy();
      else answerJson(response, 503, { error: 'service_unavailable', reason: path });
    });
    const local = openLocal();
    await local.bulkDocs(documents(30));
    const behind = new Couchlet(server.url + new URL(way.address).pathname);
    const options = { live: true, retry: true, batch_size: 10 };
    const replication = local.replicate.to(way.address, options);
    await eventually(async () => assert.equal((await behind.info()).doc_count, 30));
    replication.cancel();
    await replication;
    await assertSame(local, behind);
  });

  test('has sequences of its own, which go back to it as they came', async () => {
    const suffix = '-g1AAAAB5eJzLY+/=';
    /** @type {string[]} */
    const asked = [];
    const way = await openWay(async ({ method, path }, response) => {
      const url = new URL(server.url + path);
      if (!url.pathname.endsWith('_changes')) return;
      asked.push(url.searchParams.get('since') ?? '0');
      url.searchParams.set('since', asked[asked.length - 1].replace(suffix, ''));
      const page = await request(method, url.href);
      for (const change of page.results) change.seq = `${change.seq}${suffix}`;
      answerJson(response, 200, { ...page, last_seq: `${page.last_seq}${suffix}` });
    });
    const behind = new Couchlet(server.url + new URL(way.address).pathname);
    await behind.bulkDocs(documents(5));

    const local = openLocal();
    const first = await local.replicate.from(way.address);
    assert.ok(`${first.last_seq}`.endsWith(suffix));
    await behind.put({ _id: 'new' });
    asked.length = 0;
    const second = await local.replicate.from(way.address);
    assert.equal(second.docs_written, 1);
    assert.equal(asked[0], first.last_seq);
  });
});
