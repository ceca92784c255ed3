// The bad network in a box does what it is told, to the request that it is told, and nothing else.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { badNetwork } from 'couchlet/bad-network';
import { atEnd } from './endings.js';
import { eventually } from './eventually.js';
import { answerJson, misbehavingServer } from './misbehaving-server.js';

const kCommand = fileURLToPath(new URL('../../dist/command.js', import.meta.url));
const kSeeds = Array.from({ length: 20 }, (_, n) => n);

/** A server that answers with what it was asked, as JSON; and with "rest" more bytes. */
async function echo() {
  const server = await misbehavingServer(({ method, path, headers, body }, response) => {
    const rest = 'x'.repeat(Number(new URL(path, 'http://a').searchParams.get('rest')));
    const answer = { method, path, headers, body: body.toString(), rest };
    if (!path.includes('chunked')) return answerJson(response, 200, answer);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.write(JSON.stringify(answer), () => response.end());
  });
  atEnd(() => server.stop());
  return server;
}

/** @param {Partial<import('couchlet/bad-network').BadNetworkOptions>} conditions */
async function open(conditions) {
  const server = await echo();
  /** @type {import('couchlet/bad-network').BadNetworkLogEntry[]} */
  const log = [];
  const network = await badNetwork({
    to: server.url,
    log: (entry) => log.push(entry),
    ...conditions,
  });
  atEnd(() => network.close());
  return { server, network, log };
}

/** @param {string} url @param {RequestInit} [init] @returns {Promise<any>} */
async function ask(url, init) {
  const response = await fetch(url, init);
  return response.json();
}

/** @param {string} url @param {RequestInit} [init] */
async function outcome(url, init) {
  try {
    await ask(url, init);
    return 'answered';
  } catch {
    return 'failed';
  }
}

/** @param {Promise<unknown>} promise */
async function timeOf(promise) {
  const began = performance.now();
  await promise;
  return performance.now() - began;
}

describe('a network without faults', () => {
  test('hands on methods, paths, headers and bodies, and brings the answer back', async () => {
    const { network, log } = await open({});
    const body = 'ä'.repeat(100_000);
    const answer = await ask(`${network.url}/a/b?c=d%2Fe`, {
      method: 'PUT',
      body,
      headers: { 'x-tenant': 'seven' },
    });
    assert.equal(answer.method, 'PUT');
    assert.equal(answer.path, '/a/b?c=d%2Fe');
    assert.equal(answer.headers['x-tenant'], 'seven');
    assert.equal(answer.body, body);
    await eventually(() => assert.equal(log.length, 1));
    assert.deepEqual(
      { ...log[0], received: 0, took: 0 },
      {
        number: 1,
        method: 'PUT',
        path: '/a/b?c=d%2Fe',
        fault: null,
        up: 0,
        down: 0,
        status: 200,
        sent: 200_000,
        received: 0,
        took: 0,
      },
    );
  });

  test('appends to a path in the address, and logs in with its credentials', async () => {
    const server = await echo();
    const to = server.url.replace('//', '//ann:se%20cret@') + '/couch/';
    const network = await badNetwork({ to });
    atEnd(() => network.close());
    const answer = await ask(`${network.url}/notes`);
    assert.equal(answer.path, '/couch/notes');
    assert.equal(answer.headers.authorization, `Basic ${btoa('ann:se cret')}`);
    const own = await ask(`${network.url}/notes`, { headers: { authorization: 'Bearer x' } });
    assert.equal(own.headers.authorization, 'Bearer x');
  });

  test('says so where there is no server', async () => {
    const network = await badNetwork({ to: 'http://127.0.0.1:1' });
    atEnd(() => network.close());
    const response = await fetch(network.url);
    assert.equal(response.status, 502);
    assert.equal((await response.json()).error, 'bad_gateway');
  });
});

describe('a slow network', () => {
  test('lets both ways take their time', async () => {
    const { network } = await open({ latency: 60 });
    const took = await timeOf(ask(network.url));
    assert.ok(took >= 119, `${took} ms`);
  });

  test('varies the time by the jitter', async () => {
    const { network, log } = await open({ latency: 20, jitter: 15 });
    for (let n = 0; n < 8; n += 1) await ask(network.url);
    await eventually(() => assert.equal(log.length, 8));
    const times = log.flatMap(({ up, down }) => [up, down]);
    assert.ok(new Set(times).size > 4, `${times}`);
    for (const time of times) assert.ok(time >= 5 && time <= 35, `${time}`);
  });

  test('carries so many bytes a second, of all requests together, each way', async () => {
    const { network } = await open({ rate: 200_000 });
    const down = [ask(`${network.url}/?rest=30000`), ask(`${network.url}/?rest=30000`)];
    const downTime = await timeOf(Promise.all(down));
    assert.ok(downTime >= 300, `${downTime} ms`);
    const init = { method: 'POST', body: 'x'.repeat(60_000) };
    // It is answered with as much.
    const bothTime = await timeOf(ask(network.url, init));
    assert.ok(bothTime >= 600, `${bothTime} ms`);
  });

  test("doesn't let a short answer wait for a long one", async () => {
    const { network } = await open({ rate: 100_000 });
    const long = ask(`${network.url}/?rest=100000`);
    await eventually(() => assert.equal(network.requests, 1));
    assert.equal(await Promise.race([ask(network.url).then(() => 'short'), long]), 'short');
    await long;
  });
});

describe('a network with faults', () => {
  test('drops requests before the server sees them', async () => {
    const { server, network, log } = await open({ drop: 1 });
    await assert.rejects(ask(network.url));
    await eventually(() => assert.deepEqual([log[0]?.fault, log[0]?.status], ['drop', undefined]));
    assert.equal(server.requests.length, 0);
  });

  test('loses answers after the server has acted', async () => {
    const { server, network } = await open({ lose: 1 });
    await assert.rejects(ask(network.url, { method: 'POST', body: 'a' }));
    assert.deepEqual(
      server.requests.map(({ body }) => body.toString()),
      ['a'],
    );
  });

  for (const kind of ['/?rest=5000', '/chunked?rest=5000', '/chunked']) {
    test(`cuts answers in the middle: ${kind}`, async () => {
      for (const seed of kSeeds.slice(0, 5)) {
        const { network, log } = await open({ cut: 1, seed });
        const response = await fetch(network.url + kind).catch(() => undefined);
        await assert.rejects(response ? response.text() : Promise.reject(new Error('no head')));
        await eventually(() => assert.equal(log[0]?.fault, 'cut'));
        assert.ok(log[0].received < 5700);
      }
    });
  }

  test('cuts requests in the middle, too', async () => {
    const arrived = new Set();
    for (const seed of kSeeds) {
      const { network, log } = await open({ cut: 1, seed });
      await assert.rejects(ask(network.url, { method: 'POST', body: 'x'.repeat(1000) }));
      await eventually(() => assert.equal(log[0]?.fault, 'cut'));
      arrived.add(log[0].sent < 1000 ? 'a part' : 'all');
    }
    assert.deepEqual([...arrived].sort(), ['a part', 'all']);
  });

  test('lets nothing more be heard of some requests', async () => {
    const { server, network } = await open({ stall: 1 });
    await assert.rejects(ask(network.url, { signal: AbortSignal.timeout(100) }), {
      name: 'TimeoutError',
    });
    assert.equal(server.requests.length, 0);
  });

  test('answers that there is too much to do, and when to come again', async () => {
    const statuses = new Set();
    for (const seed of kSeeds) {
      const { server, network } = await open({ busy: 1, retryAfter: 3, seed });
      const headers = { origin: 'http://app.example' };
      const response = await fetch(network.url, { method: 'POST', body: 'a', headers });
      statuses.add(response.status);
      assert.equal(response.headers.get('retry-after'), '3');
      assert.equal(response.headers.get('access-control-allow-origin'), 'http://app.example');
      assert.equal(server.requests.length, 0);
    }
    assert.deepEqual([...statuses].sort(), [429, 503]);
  });

  test('does what it does to as many requests as it was told', async () => {
    const { network, log } = await open({ drop: 0.2, busy: 0.3, seed: 1 });
    for (let n = 0; n < 200; n += 1) await outcome(network.url);
    await eventually(() => assert.equal(log.length, 200));
    const count = (/** @type {string | null} */ fault) =>
      log.filter((entry) => entry.fault === fault).length;
    assert.ok(Math.abs(count('drop') - 40) < 20, `${count('drop')}`);
    assert.ok(Math.abs(count('busy') - 60) < 24, `${count('busy')}`);
    assert.equal(count('drop') + count('busy') + count(null), 200);
  });

  test('does the same to the same request with the same seed', async () => {
    const runs = [];
    for (const seed of [3, 3, 4]) {
      const { network, log } = await open({ drop: 0.3, cut: 0.3, jitter: 5, latency: 5, seed });
      for (let n = 0; n < 30; n += 1) await outcome(network.url);
      await eventually(() => assert.equal(log.length, 30));
      log.sort((a, b) => a.number - b.number);
      runs.push(log.map(({ fault, up, down }) => ({ fault, up, down })));
    }
    assert.deepEqual(runs[0], runs[1]);
    assert.notDeepEqual(runs[0], runs[2]);
  });
});

describe('while it runs', () => {
  test('it goes offline, which breaks open connections, and online again', async () => {
    const { network } = await open({ stall: 1 });
    const hanging = outcome(network.url);
    await eventually(() => assert.equal(network.requests, 1));
    network.change({ offline: true, stall: 0 });
    assert.equal(await hanging, 'failed');
    assert.equal(await outcome(network.url), 'failed');
    assert.equal(network.requests, 1);
    network.change({ offline: false });
    assert.equal(await outcome(network.url), 'answered');
    assert.equal(network.conditions.offline, false);
  });

  test('a captive portal answers everything with its page', async () => {
    const { server, network } = await open({ portal: true });
    const response = await fetch(`${network.url}/notes/_changes`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(await response.text(), /^<!doctype html>/);
    assert.equal(server.requests.length, 0);
    network.change({ portal: false });
    assert.equal(await outcome(network.url), 'answered');
  });

  test('an answer that says nothing for a while is cut', async () => {
    const silent = await misbehavingServer((_, response) => response.write('{'));
    atEnd(() => silent.stop());
    const network = await badNetwork({ to: silent.url, idle: 60 });
    atEnd(() => network.close());
    assert.ok((await timeOf(outcome(network.url))) >= 59);
  });

  test('what is no condition is refused', async () => {
    const to = 'http://127.0.0.1:1';
    for (const wrong of [{ drop: 1.5 }, { drop: -1 }, { drop: '0.5' }, { latency: NaN }]) {
      await assert.rejects(badNetwork({ to, .../** @type {any} */ (wrong) }), TypeError);
    }
    await assert.rejects(badNetwork({ to, drop: 0.6, cut: 0.6 }), /at most 1/);
    for (const address of ['', 'ftp://a', undefined]) {
      await assert.rejects(badNetwork({ to: /** @type {any} */ (address) }), /address/);
    }
    const { network } = await open({});
    assert.throws(() => network.change({ cut: 2 }), /'cut' must be from 0 to 1/);
  });
});

describe('couchlet bad-network', () => {
  /** @param {string[]} args */
  function start(...args) {
    const child = spawn(process.execPath, [kCommand, ...args]);
    atEnd(async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    });
    /** @type {string[]} */
    const lines = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => lines.push(line));
    }
    const find = (/** @type {RegExp} */ pattern) =>
      eventually(() => {
        const line = lines.find((each) => pattern.test(each));
        assert.ok(line, lines.join('\n'));
        return line;
      });
    return { child, lines, find };
  }

  test('tells its address, logs what it does, and is changed by what is typed', async () => {
    const server = await echo();
    const { child, find } = start(
      ...['bad-network', '--to', server.url, '--rate', '50k', '--drop', '1', '--seed', '7'],
    );
    const [url] = /http:\S+/.exec(await find(/is a bad network to/)) ?? [];
    assert.equal(await outcome(`${url}/a`), 'failed');
    assert.match(await find(/^#1 /), /^#1 DROP - GET \/a /);
    child.stdin.write('cold\ndrop 0\n');
    await find(/No condition is called 'cold'/);
    await eventually(async () => assert.equal(await outcome(`${url}/b`), 'answered'));
    await find(/^#\d+ ok 200 GET \/b /);
    child.stdin.write('offline\n');
    await eventually(async () => assert.equal(await outcome(`${url}/c`), 'failed'));
  });

  test('says how it is used, and what is wrong', async () => {
    const usage = start();
    await usage.find(/--latency MS/);
    const help = start('bad-network', '--help');
    await help.find(/--latency MS/);
    const wrong = start('bad-network', '--to', 'http://127.0.0.1:1', '--drop', '2');
    await wrong.find(/'drop' must be from 0 to 1/);
    const unknown = start('bad-network', '--wind', '2');
    await unknown.find(/--wind/);
    const codes = [];
    for (const { child } of [usage, help, wrong, unknown]) {
      if (child.exitCode === null) await once(child, 'exit');
      codes.push(child.exitCode);
    }
    assert.deepEqual(codes, [1, 0, 1, 1]);
  });
});
