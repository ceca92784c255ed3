import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB, request } from './couchdb-server.js';
import {
  answerHtml,
  answerJson,
  cutInTheMiddle,
  jsonOf,
  misbehavingServer,
} from './misbehaving-server.js';

const server = await couchDB();
after(() => server.clear());

/** @type {Awaited<ReturnType<typeof misbehavingServer>>[]} */
const scripted = [];
afterEach(async () => {
  for (const each of scripted.splice(0)) await each.stop();
});

/**
 * @param {import('./misbehaving-server.js').Behaviour} behave
 */
async function serverThat(behave) {
  scripted.push(await misbehavingServer(behave));
  return scripted[scripted.length - 1];
}

/**
 * Every call that there is, on a database at this address.
 *
 * @param {string} address
 * @param {object} [options]
 */
function everyCall(address, options) {
  const db = new Couchlet(address, { skip_setup: true, ...options });
  return [
    () => db.put({ _id: 'a' }),
    () => db.post({}),
    () => db.get('a'),
    () => db.get('.'),
    () => db.remove('a', '1-a'),
    () => db.bulkDocs([{ _id: 'a' }]),
    () => db.allDocs(),
    () => db.allDocs({ keys: ['a'] }),
    () => db.changes(),
    () => db.changes({ live: true, since: 1 }),
    () => db.revsDiff({ a: ['1-a'] }),
    () => db.bulkGet({ docs: [{ id: 'a' }] }),
    () => db.info(),
    () => db.destroy(),
  ];
}

describe('setting up a remote database', () => {
  test('the first use creates it, whatever that is', async () => {
    for (const use of [
      (db) => db.info(),
      (db) => db.put({ _id: 'a' }),
      (db) => db.allDocs(),
      (db) => db.changes(),
      (db) => db.get('a').catch(({ reason }) => assert.equal(reason, 'missing')),
    ]) {
      const address = server.newDatabase();
      await use(new Couchlet(address));
      assert.equal((await request('GET', address)).error, undefined);
    }
  });

  test('calls made at once create it once', async () => {
    const db = new Couchlet(server.newDatabase());
    await Promise.all(['a', 'b', 'c'].map((_id) => db.put({ _id })));
    assert.equal((await db.info()).doc_count, 3);
  });

  test('a database that is there costs no request more', async () => {
    const { url, requests } = await serverThat((_, response) => answerJson(response, 200, {}));
    await new Couchlet(`${url}/db`).get('a');
    assert.deepEqual(
      requests.map(({ method, path }) => [method, path]),
      [['GET', '/db/a']],
    );
  });

  test('with skip_setup it is not created', async () => {
    const address = server.newDatabase();
    const db = new Couchlet(address, { skip_setup: true });
    await assert.rejects(db.info(), { status: 404, name: 'not_found' });
    await assert.rejects(db.put({ _id: 'a' }), { status: 404 });
    assert.equal((await request('GET', address)).error, 'not_found');
  });

  test('where the server does not let it be created, its refusal is told', async () => {
    const { url } = await serverThat(({ method }, response) => {
      if (method === 'PUT') {
        answerJson(response, 401, { error: 'unauthorized', reason: 'You are not a server admin.' });
      } else {
        answerJson(response, 404, { error: 'not_found', reason: 'Database does not exist.' });
      }
    });
    await assert.rejects(new Couchlet(`${url}/db`).info(), {
      status: 401,
      name: 'unauthorized',
      message: 'You are not a server admin.',
    });
  });

  test('destroy deletes it on the server, and one that is not there is no error', async () => {
    const address = server.newDatabase();
    const db = new Couchlet(address);
    await db.put({ _id: 'a' });
    assert.deepEqual(await db.destroy(), { ok: true });
    assert.equal((await request('GET', address)).error, 'not_found');
    assert.deepEqual(await new Couchlet(address).destroy(), { ok: true });
  });
});

describe('addresses and credentials', () => {
  const echo = (_, response) => answerJson(response, 200, { ok: true });

  test('credentials in the address go into a header and nowhere else', async () => {
    const { url, requests, port } = await serverThat(echo);
    const db = new Couchlet(`http://us%40er:p%C3%BCw%3A@127.0.0.1:${port}/db/`);
    await db.get('a');
    const login = Buffer.from(requests[0].headers.authorization.split(' ')[1], 'base64');
    assert.equal(login.toString(), 'us@er:püw:');
    assert.equal(db.name, `${url}/db`);
    assert.equal((await db.info()).host, `${url}/db/`);
  });

  test('auth is the same in options, and goes before the address', async () => {
    const { url, requests } = await serverThat(echo);
    const auth = { username: 'ann', password: 'secret' };
    await new Couchlet(`${url}/db`, { auth }).get('a');
    await new Couchlet(`${url.replace('//', '//bob:other@')}/db`, { auth }).get('a');
    const expected = `Basic ${btoa('ann:secret')}`;
    assert.deepEqual(
      requests.map(({ headers }) => headers.authorization),
      [expected, expected],
    );
  });

  test('no error tells a password', async () => {
    const { port } = await serverThat((_, response) => answerHtml(response));
    const secret = 'p4ssw0rd';
    const away = `http://user:${secret}@127.0.0.1:1/db`;
    const wrong = `http://user:${secret}@127.0.0.1:${port}/db`;
    for (const call of [...everyCall(away), ...everyCall(wrong)]) {
      const error = await call().then(assert.fail, (rejection) => rejection);
      const told = `${error.stack} ${JSON.stringify(error)} ${error.cause?.stack}`;
      assert.equal(told.includes(secret), false, told);
    }
    for (const malformed of [`http://user:${secret}@[/db`, `https://user:${secret}@:x/`]) {
      assert.throws(
        () => new Couchlet(malformed),
        (error) => !`${error.stack}`.includes(secret),
      );
    }
  });

  test('a custom fetch sees each request, with headers that it may add to', async () => {
    const { url, requests } = await serverThat(echo);
    const seen = [];
    const db = new Couchlet(`${url}/db`, {
      auth: { username: 'ann', password: 'secret' },
      fetch(address, init) {
        seen.push(address);
        init.headers.set('X-Tenant', 'seven');
        return Couchlet.fetch(address, init);
      },
    });
    await db.get('a');
    await db.put({ _id: 'b' });
    assert.deepEqual(seen, [`${url}/db/a`, `${url}/db/b`]);
    assert.deepEqual(
      requests.map(({ headers }) => headers['x-tenant']),
      ['seven', 'seven'],
    );
    assert.match(requests[1].headers.authorization, /^Basic /);
    assert.equal(requests[1].headers['content-type'], 'application/json');
  });

  test("a session's cookies are sent, unless there is a password to send", async () => {
    const { url } = await serverThat(echo);
    const modes = [];
    const fetch = (/** @type {string} */ address, /** @type {RequestInit} */ init) => {
      modes.push(init.credentials);
      return Couchlet.fetch(address, init);
    };
    await new Couchlet(`${url}/db`, { fetch }).get('a');
    const auth = { username: 'ann', password: 'secret' };
    await new Couchlet(`${url}/db`, { fetch, auth }).get('a');
    assert.deepEqual(modes, ['include', 'same-origin']);
  });

  test('a path before the name, and slashes after it', async () => {
    const { url, requests } = await serverThat(echo);
    await new Couchlet(`${url}/couch/behind%2Fproxy//`).get('a');
    assert.equal(requests[0].path, '/couch/behind%2Fproxy/a');
  });

  test('what is no address of a database is refused', () => {
    for (const name of ['http://', 'https://:', 'ftp://host/db', 'nothing']) {
      assert.throws(() => new Couchlet(name, { adapter: 'http' }), {
        name: 'bad_request',
        message: /https:\/\/host\/name/,
      });
    }
  });
});

describe('document ids in URLs', () => {
  const oddIds = [
    'a/b?c#d&e+f%2Fg h',
    'ü€😀 \u0301',
    '"quotes" and \\ backslashes',
    "!$'()*,;:@=~",
    '%',
    '\u0001\n\t',
    'a\u0000b',
    '...',
    'ends with.',
    'x'.repeat(1000),
    'constructor',
  ];
  for (const id of oddIds) {
    test(`${JSON.stringify(id.slice(0, 30))} names its document`, async (t) => {
      const db = new Couchlet(server.newDatabase());
      t.after(() => db.destroy());
      const { rev } = await db.put({ _id: id, n: 1 });
      assert.equal((await db.get(id, { revs: true }))._id, id);
      assert.deepEqual(
        (await db.allDocs({ key: id })).rows.map((row) => row.id),
        [id],
      );
      assert.equal((await db.remove(id, rev)).id, id);
    });
  }

  test("'.' and '..' never become steps in a path", async () => {
    const db = new Couchlet(server.newDatabase());
    for (const id of ['.', '..']) {
      await assert.rejects(db.get(id), { status: 404, docId: id });
      const { rev } = await db.put({ _id: id, n: 1 });
      assert.equal((await db.get(id, { revs: true }))._id, id);
      await assert.rejects(db.put({ _id: id }), { status: 409, name: 'conflict', docId: id });
      await assert.rejects(db.get(id, { conflicts: true }), { status: 400 });
      await db.remove(id, rev);
    }
    assert.equal((await db.info()).doc_count, 0);
  });

  test('half of a surrogate pair is refused before anything is sent', async () => {
    const { url, requests } = await serverThat((_, response) => answerJson(response, 200, {}));
    const db = new Couchlet(`${url}/db`);
    await assert.rejects(db.get('\ud800'), { status: 400, message: /Unicode/ });
    await assert.rejects(db.put({ _id: 'a\udc00' }), { status: 400 });
    assert.deepEqual(requests, []);
  });

  test('what is not a document is not reached by an id', async () => {
    const { url, requests } = await serverThat((_, response) => answerJson(response, 200, {}));
    const db = new Couchlet(`${url}/db`);
    for (const id of ['_all_docs', '_changes', '_design', '_local']) {
      await assert.rejects(db.get(id), { status: 404, name: 'not_found' });
      await assert.rejects(db.remove(id, '1-a'), { status: 400 });
    }
    await assert.rejects(db.get(''), { status: 404, name: 'not_found' });
    assert.deepEqual(requests, []);
  });
});

describe('a server that misbehaves', () => {
  /**
   * @param {Partial<Error> & Record<string, any>} expected
   * @param {import('./misbehaving-server.js').Behaviour} behave
   */
  async function everyCallRejects(expected, behave) {
    const { url } = await serverThat(behave);
    for (const call of everyCall(`${url}/db`)) await assert.rejects(async () => call(), expected);
  }

  test('HTML is not taken for an answer: the error says what came', () =>
    everyCallRejects(
      { status: 502, name: 'bad_response', message: /text\/html.*hotel.*CouchDB database\?$/s },
      (_, response) => answerHtml(response),
    ));

  test('an error page keeps its status', () =>
    everyCallRejects(
      { status: 503, name: 'service_unavailable', message: /text\/html/ },
      (_, response) => answerHtml(response, 503),
    ));

  test('an empty answer is an error', () =>
    everyCallRejects({ status: 502, name: 'bad_response', message: /empty body/ }, (_, response) =>
      response.end(),
    ));

  test('an answer cut in the middle is a network error', () =>
    everyCallRejects(
      { status: 0, name: 'network', message: /No answer from http/ },
      (_, response) => cutInTheMiddle(response),
    ));

  test('a connection that is closed without an answer is a network error', () =>
    everyCallRejects({ status: 0, name: 'network' }, (_, response) => response.destroy()));

  test('nobody listening is a network error that names the address', async () => {
    for (const call of everyCall('http://127.0.0.1:1/db')) {
      await assert.rejects(async () => call(), {
        status: 0,
        name: 'network',
        message: /^No answer from http:\/\/127\.0\.0\.1:1\/db/,
      });
    }
  });

  for (const [status, error] of [
    [400, 'bad_request'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [412, 'missing_stub'],
    [413, 'too_large'],
    [429, 'too_many_requests'],
    [500, 'internal_server_error'],
  ]) {
    test(`${status} ${error} is told as the server tells it`, async () => {
      const { url } = await serverThat((_, response) =>
        answerJson(response, status, { error, reason: 'The reason why' }),
      );
      const calls = everyCall(`${url}/db`);
      if (status === 404) calls.pop(); // destroying what isn't there has nothing left to do
      for (const call of calls) {
        await assert.rejects(async () => call(), { status, name: error, reason: 'The reason why' });
      }
    });
  }

  test('a redirect is followed', async () => {
    const real = await serverThat(({ path }, response) => answerJson(response, 200, { _id: path }));
    const { url } = await serverThat(({ path }, response) => {
      response.writeHead(307, { Location: `${real.url}${path}` });
      response.end();
    });
    assert.equal((await new Couchlet(`${url}/db`).get('a'))._id, '/db/a');
  });

  test('a redirect in a circle is a network error', () =>
    everyCallRejects({ status: 0, name: 'network' }, ({ path }, response) => {
      response.writeHead(307, { Location: path });
      response.end();
    }));

  test('entries of bulkDocs without a status get the one that their error means', async () => {
    const { url } = await serverThat((_, response) =>
      answerJson(response, 201, [
        { id: 'a', error: 'conflict', reason: 'Document update conflict.' },
        { id: 'b', error: 'forbidden', reason: 'Not you' },
        { ok: true, id: 'c', rev: '1-c' },
      ]),
    );
    const answer = await new Couchlet(`${url}/db`).bulkDocs([{}, {}, {}]);
    assert.deepEqual(
      answer.map((entry) => [entry.id, 'status' in entry && entry.status, entry.message]),
      [
        ['a', 409, 'Document update conflict'],
        ['b', 403, 'Not you'],
        ['c', false, undefined],
      ],
    );
  });

  test('a live feed whose connection falls silent asks again', async () => {
    let polls = 0;
    const { url } = await serverThat((_, response) => {
      polls += 1;
      response.writeHead(200, { 'Content-Type': 'application/json' });
      if (polls === 1)
        response.write('{"results": ['); // and no word after it
      else response.end('{"results": [{"seq": 2, "id": "a", "changes": []}], "last_seq": 2}');
    });
    const db = new Couchlet(`${url}/db`);
    const feed = db.changes({ live: true, since: 1, heartbeat: 20, limit: 1, return_docs: true });
    assert.equal((await feed).results[0].id, 'a');
    assert.equal(polls, 2);
  });

  test('heartbeats keep a live feed waiting', async () => {
    let polls = 0;
    const { url } = await serverThat((_, response) => {
      polls += 1;
      let beats = 0;
      const beat = setInterval(() => {
        beats += 1;
        if (beats < 10) return response.write('\n');
        clearInterval(beat);
        response.end('{"results": [{"seq": 2, "id": "a", "changes": []}], "last_seq": 2}');
      }, 50);
    });
    const db = new Couchlet(`${url}/db`);
    const feed = db.changes({ live: true, since: 1, heartbeat: 100, limit: 1, return_docs: true });
    assert.equal((await feed).results[0].id, 'a');
    assert.equal(polls, 1);
  });

  test("sequences that are a server's own go back to it unchanged", async () => {
    const sequence = '12-g1AAAAB5eJzLY/+?&=';
    const { url, requests } = await serverThat((_, response) =>
      answerJson(response, 200, { results: [], last_seq: sequence }),
    );
    const db = new Couchlet(`${url}/db`);
    const { last_seq: since } = await db.changes();
    assert.equal(since, sequence);
    await db.changes({ since });
    const { searchParams } = new URL(requests[1].path, url);
    assert.equal(searchParams.get('since'), sequence);
    await db.changes({ since: [12, 'g1AAAA'] });
    assert.equal(new URL(requests[2].path, url).searchParams.get('since'), '[12,"g1AAAA"]');
  });
});

describe('what only a server can do', () => {
  test('changes by selector, filter and view are asked as CouchDB wants them', async () => {
    const { url, requests } = await serverThat((_, response) =>
      answerJson(response, 200, { results: [], last_seq: 0 }),
    );
    const db = new Couchlet(`${url}/db`);
    await db.changes({ selector: { type: 'note' } });
    await db.changes({ filter: 'app/mine', query_params: { user: 'a&b' } });
    await db.changes({ view: 'app/notes' });
    assert.deepEqual(
      requests.map(({ method, path }) => [
        method,
        ...['filter', 'user', 'view'].map((name) => new URL(path, url).searchParams.get(name)),
      ]),
      [
        ['POST', '_selector', null, null],
        ['GET', 'app/mine', 'a&b', null],
        ['GET', '_view', null, 'app/notes'],
      ],
    );
    assert.deepEqual(jsonOf(requests[0]), { selector: { type: 'note' } });
  });

  test('a choice that it would pass over is refused', async () => {
    const { url, requests } = await serverThat((_, response) =>
      answerJson(response, 200, { results: [], last_seq: 0 }),
    );
    const db = new Couchlet(`${url}/db`);
    const local = new Couchlet('chooser', { adapter: 'memory' });
    for (const other of [{ selector: { a: 1 } }, { filter: 'app/mine' }, { view: 'app/notes' }]) {
      const options = { doc_ids: ['a'], ...other };
      await assert.rejects(async () => db.changes(options), { status: 400 });
      await assert.rejects(async () => local.replicate.from(db, options), { status: 400 });
    }
    assert.deepEqual(requests, []);
    await local.destroy();
    await db.changes({ doc_ids: ['a'], filter: '_doc_ids' });
    await db.changes({ doc_ids: ['a'], filter: () => true });
  });
});
