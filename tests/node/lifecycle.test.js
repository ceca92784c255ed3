import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';

import Couchlet from 'couchlet';
import { onEveryKind, onLocalKinds } from './database-kinds.js';
import { eventually } from './eventually.js';

onEveryKind('a database', ({ open, adapter }) => {
  test('info counts what is in it', async () => {
    const db = open();
    const empty = await db.info();
    assert.equal(empty.doc_count, 0);
    assert.equal(empty.adapter, adapter);
    await db.bulkDocs([{ _id: 'a' }, { _id: 'b' }]);
    await db.remove(await db.get('a'));
    const info = await db.info();
    assert.equal(info.doc_count, 1);
    assert.notEqual(info.update_seq, empty.update_seq);
    assert.equal(db.type(), adapter);
    assert.equal(db.adapter, adapter);
  });

  test('calls made at once are answered in their order', async () => {
    const db = open();
    const order = [];
    const note = (name) => () => order.push(name);
    const puts = ['a', 'b', 'c'].map((_id) => db.put({ _id }).then(note(_id)));
    await Promise.all(puts);
    if (adapter !== 'http') assert.deepEqual(order, ['a', 'b', 'c']);
    assert.equal((await db.info()).doc_count, 3);
  });

  test("'created' tells that it is open, on the database and on the class", async () => {
    const names = [];
    const listener = (name) => names.push(name);
    Couchlet.on('created', listener);
    const db = open();
    let opened;
    db.once('created', (database) => (opened = database));
    await db.info();
    Couchlet.off('created', listener);
    assert.equal(opened, db);
    assert.deepEqual(names, [db.name]);
  });

  test('closed, it refuses every call and says why', async () => {
    const db = open();
    await db.put({ _id: 'a' });
    let events = 0;
    db.on('closed', () => (events += 1));
    assert.equal(await db.close(), undefined);
    assert.equal(events, 1);
    const refusal = { status: 412, message: 'database is closed' };
    const calls = [
      () => db.put({ _id: 'b' }),
      () => db.post({}),
      () => db.get('a'),
      () => db.remove('a', '1-a'),
      () => db.bulkDocs([]),
      () => db.allDocs(),
      () => db.changes(),
      () => db.revsDiff({}),
      () => db.bulkGet({ docs: [] }),
      () => db.info(),
      () => db.replicate.to('elsewhere'),
      () => db.close(),
      () => db.destroy(),
    ];
    for (const call of calls) await assert.rejects(async () => call(), refusal);
  });

  test('destroyed, its documents are gone and it refuses every call', async () => {
    const db = open();
    await db.put({ _id: 'a' });
    const names = [];
    const listener = (name) => names.push(name);
    Couchlet.once('destroyed', listener);
    let events = 0;
    db.on('destroyed', () => (events += 1));
    assert.deepEqual(await db.destroy(), { ok: true });
    assert.deepEqual([events, names], [1, [db.name]]);
    await assert.rejects(db.get('a'), { message: 'database is destroyed' });
  });

  test('closing ends its feeds', async () => {
    const db = open();
    const feed = db.changes({ live: true, since: 'now' });
    await db.info();
    await db.close();
    assert.equal((await feed).status, 'cancelled');
  });
});

onLocalKinds('a local database', ({ open, adapter }) => {
  test('two instances of one name are the same database', async () => {
    const one = open();
    const other = new Couchlet(one.name, { adapter });
    await one.put({ _id: 'a', n: 1 });
    assert.equal((await other.get('a')).n, 1);
    await other.close();
    assert.equal((await one.get('a')).n, 1);
  });

  test('destroyed, it can be made anew under the same name', async () => {
    const name = randomUUID();
    const db = new Couchlet(name, { adapter });
    await db.put({ _id: 'a' });
    const { update_seq: before } = await db.info();
    assert.equal(before, 1);
    await db.destroy();
    const again = new Couchlet(name, { adapter });
    assert.equal((await again.info()).update_seq, 0);
    await assert.rejects(again.get('a'), { status: 404 });
    await again.destroy();
  });

  test('revs_limit bounds the past that is remembered', async () => {
    const db = open({ revs_limit: 3 });
    let rev;
    for (let n = 0; n < 6; n += 1) ({ rev } = await db.put({ _id: 'a', _rev: rev, n }));
    const { _revisions: past } = await db.get('a', { revs: true });
    assert.equal(past.start, 6);
    assert.equal(past.ids.length, 3);
  });
});

test('what was written to IndexedDB is there when the database is opened again', async () => {
  const name = randomUUID();
  const before = new Couchlet(name);
  await before.bulkDocs(Array.from({ length: 200 }, (_, n) => ({ _id: `${n}`, n })));
  await before.put({ _id: '_local/settings', theme: 'dark' });
  const changes = await before.changes();
  await before.close();

  const after = new Couchlet(name);
  assert.equal((await after.info()).doc_count, 200);
  assert.equal((await after.get('123')).n, 123);
  assert.equal((await after.get('_local/settings')).theme, 'dark');
  assert.deepEqual(await after.changes(), changes);
  await after.destroy();
});

test('where there is no IndexedDB every call says so, and what to do', async (t) => {
  const { indexedDB } = globalThis;
  delete globalThis.indexedDB;
  t.after(() => (globalThis.indexedDB = indexedDB));
  const db = new Couchlet('nowhere');
  for (const call of [() => db.get('a'), () => db.info()]) {
    await assert.rejects(call, { name: 'indexeddb_unavailable', message: /adapter: 'memory'/ });
  }
  await db.close();
});

test('an option that a local database may not have is refused, with what it may be', () => {
  const wrong = [
    ['durability', 'safe', /"relaxed" or "strict", not safe/],
    ['durability', true, /"relaxed" or "strict"/],
    ['cacheSize', '8 MB', /a whole number from 0 to/],
    ['cacheSize', -1, /a whole number/],
    ['cacheSize', 2 ** 40, /a whole number from 0 to 1073741824/],
    ['memtableSize', 0, /a whole number from 1 to/],
    ['memtableSize', NaN, /a whole number/],
    ['revs_limit', 0, /a whole number from 1 to/],
    ['revs_limit', 1.5, /a whole number/],
    ['revs_limit', null, /a whole number/],
    ['persist', 'yes', /true or false/],
  ];
  for (const [option, value, message] of wrong) {
    const expected = { status: 400, name: 'bad_request', message };
    assert.throws(() => new Couchlet('a', { [option]: value }), expected, option);
  }
});

test('options of local databases are no concern of remote ones', async () => {
  const WithOptions = Couchlet.defaults({ cacheSize: 'large', durability: 'strict' });
  assert.equal(new WithOptions('https://couch.example/a', { skip_setup: true }).adapter, 'http');
});

for (const [what, storage, answer] of [
  ['grants it', { persist: async () => true }, true],
  ['does not grant it', { persist: async () => false }, false],
  ['fails', { persist: () => Promise.reject(new TypeError('no')) }, false],
  ['tells workers only how it is', { persisted: async () => true }, true],
  ['knows no such thing', undefined, false],
]) {
  test(`persist: true asks the browser; info tells the answer where it ${what}`, async (t) => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    Object.defineProperty(globalThis, 'navigator', { value: { storage }, configurable: true });
    t.after(() => {
      delete globalThis.navigator;
      if (before) Object.defineProperty(globalThis, 'navigator', before);
    });
    const db = new Couchlet(randomUUID(), { persist: true });
    await eventually(async () => assert.equal((await db.info()).persisted, answer));
    const other = new Couchlet(db.name);
    assert.ok(!('persisted' in (await other.info())));
    await Promise.all([db.destroy(), other.close()]);
  });
}

test('a name is needed, and a known adapter', () => {
  for (const name of [undefined, null, '', 5, {}]) {
    assert.throws(() => new Couchlet(name), { name: 'bad_request', message: /needs a name/ });
  }
  assert.throws(() => new Couchlet('a', { adapter: 'websql' }), { message: /websql/ });
});

test('the name can be one of the options', async () => {
  const db = new Couchlet({ name: randomUUID(), adapter: 'memory' });
  await db.put({ _id: 'a' });
  assert.equal(db.adapter, 'memory');
  await db.destroy();
});

test('defaults makes a class with other options, which can still be given', async () => {
  const InMemory = Couchlet.defaults({ adapter: 'memory' });
  const name = randomUUID();
  const db = new InMemory(name);
  assert.ok(db instanceof Couchlet);
  assert.deepEqual([db.name, db.adapter], [name, 'memory']);
  assert.equal(new InMemory({ name }).adapter, 'memory');
  assert.equal(new InMemory('https://couch.example/a', { adapter: 'http' }).adapter, 'http');
  const created = once(db, 'created');
  await db.destroy();
  assert.equal((await created)[0], db);
});

test('a class made by defaults replicates with databases of its own kind, by name', async () => {
  const InMemory = Couchlet.defaults({ adapter: 'memory' });
  const [source, target] = [new InMemory(randomUUID()), new InMemory(randomUUID())];
  await source.put({ _id: 'a' });
  await source.replicate.to(target.name);
  assert.equal((await target.get('a'))._id, 'a');
  await target.put({ _id: 'b' });
  await source.sync(target.name);
  assert.equal((await source.get('b'))._id, 'b');
  await InMemory.replicate(source.name, target.name);
  await Promise.all([source.destroy(), target.destroy()]);
});
