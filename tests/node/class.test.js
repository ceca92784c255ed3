// The class itself: its constructor in all forms, defaults, plugins, and what it tells of all
// databases.

import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import Couchlet from 'couchlet';
import { couchDB } from './couchdb-server.js';

const server = await couchDB();
after(() => server.clear());

const MemoryCouchlet = Couchlet.defaults({ adapter: 'memory' });

describe('the constructor', () => {
  test('takes a name, a name and options, or options with a name', async () => {
    const name = randomUUID();
    const forms = [
      new Couchlet(name, { adapter: 'memory' }),
      new Couchlet({ name, adapter: 'memory' }),
      new MemoryCouchlet(name),
    ];
    for (const db of forms) {
      assert.equal(db.name, name);
      assert.equal(db.adapter, 'memory');
      assert.equal(db.type(), 'memory');
      assert.equal((await db.info()).db_name, name);
    }
  });

  test('may be called without new', async () => {
    const db = Couchlet(randomUUID(), { adapter: 'memory' });
    assert.ok(db instanceof Couchlet);
    assert.equal(db.constructor, Couchlet);
    assert.ok(MemoryCouchlet(randomUUID()) instanceof MemoryCouchlet);
  });

  test('refuses what is no name, and an adapter that there is not', () => {
    for (const name of [undefined, '', 5, null, {}]) {
      const refusal = { status: 400, message: /^Missing\/invalid DB name/ };
      assert.throws(() => new Couchlet(name), refusal);
    }
    assert.throws(() => new Couchlet('a', { adapter: 'websql' }), {
      status: 400,
      message: /^Invalid Adapter: websql/,
    });
  });

  test("knows PouchDB's other names of adapters", async () => {
    const local = new Couchlet(randomUUID(), { adapter: 'indexeddb' });
    assert.equal(local.adapter, 'idb');
    await local.destroy();
    const address = server.newDatabase();
    assert.equal(new Couchlet(address, { adapter: 'https', skip_setup: true }).adapter, 'http');
  });

  test('refuses values that options may not have', () => {
    const wrong = [
      { deterministic_revs: 'no' },
      { auto_compaction: 1 },
      { revs_limit: 0 },
    ];
    for (const options of wrong) {
      const name = Object.keys(options)[0];
      assert.throws(() => new MemoryCouchlet(randomUUID(), options), {
        status: 400,
        message: new RegExp(name),
      });
    }
  });

  test('a class derived from it has its own methods, and is one', async () => {
    class Notes extends Couchlet {
      constructor(name) {
        super(name, { adapter: 'memory' });
      }
      async count() {
        return (await this.info()).doc_count;
      }
    }
    const notes = new Notes(randomUUID());
    await notes.put({ _id: 'a' });
    assert.equal(await notes.count(), 1);
    assert.ok(notes instanceof Notes && notes instanceof Couchlet);
    assert.equal(notes.constructor, Notes);
  });
});

describe('options of local databases', () => {
  test('deterministic_revs: the same edit is the same revision, or with false never', async () => {
    const revOf = async (options) => {
      const db = new MemoryCouchlet(randomUUID(), options);
      return (await db.put({ _id: 'a', n: 1 })).rev;
    };
    assert.equal(await revOf({}), await revOf({ deterministic_revs: true }));
    const random = await revOf({ deterministic_revs: false });
    assert.match(random, /^1-[0-9a-f]{32}$/);
    assert.notEqual(random, await revOf({ deterministic_revs: false }));
    assert.notEqual(random, await revOf({}));
  });

  test('revs_limit: so many revisions are remembered', async () => {
    const db = new MemoryCouchlet(randomUUID(), { revs_limit: 2 });
    let { rev } = await db.put({ _id: 'a' });
    for (let n = 1; n <= 3; n += 1) ({ rev } = await db.put({ _id: 'a', _rev: rev, n }));
    const { _revisions } = await db.get('a', { revs: true });
    assert.equal(_revisions.start, 4);
    assert.equal(_revisions.ids.length, 2);
  });

  test('auto_compaction: what is superseded loses its content, and info says so', async () => {
    const db = new MemoryCouchlet(randomUUID(), { auto_compaction: true });
    const { rev } = await db.put({ _id: 'a' });
    await db.put({ _id: 'a', _rev: rev, n: 1 });
    await assert.rejects(db.get('a', { rev }), { status: 404, message: 'missing' });
    assert.equal((await db.info()).auto_compaction, true);
  });
});

describe('a prefix', () => {
  test('keeps databases of one name apart, and is not in the name', async () => {
    const name = randomUUID();
    const [A, B] = ['a-', 'b-'].map((prefix) => MemoryCouchlet.defaults({ prefix }));
    const [a, b] = [new A(name), new B(name)];
    await a.put({ _id: 'only in a' });
    assert.equal(a.name, name);
    assert.equal((await a.info()).db_name, name);
    assert.equal((await b.info()).doc_count, 0);
    assert.equal((await new MemoryCouchlet(`a-${name}`).info()).doc_count, 1);
  });

  test('may be the address of a server', async () => {
    const address = server.newDatabase();
    const name = address.split('/').at(-1);
    const Remote = Couchlet.defaults({ prefix: server.url });
    const db = new Remote(name);
    assert.equal(db.adapter, 'http');
    await db.put({ _id: 'a' });
    assert.equal((await new Couchlet(address).info()).doc_count, 1);
    // A whole address stands for itself.
    assert.equal(new Remote(address, { skip_setup: true }).name, db.name);
  });
});

describe('Couchlet.defaults', () => {
  test('are kept by classes made of it, and give way to options', async () => {
    const Limited = MemoryCouchlet.defaults({ revs_limit: 3, auto_compaction: true });
    const db = new Limited(randomUUID(), { auto_compaction: false });
    assert.equal(db.adapter, 'memory');
    assert.equal((await db.info()).auto_compaction, false);
    assert.ok(db instanceof Limited && db instanceof MemoryCouchlet && db instanceof Couchlet);
    const other = new Limited(randomUUID());
    assert.equal((await other.info()).auto_compaction, true);
  });

  test('hold for databases that a replication is given by name', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    await new MemoryCouchlet(a).put({ _id: 'x' });
    await MemoryCouchlet.replicate(a, b);
    assert.equal((await new MemoryCouchlet(b).info()).doc_count, 1);
  });
});

describe('Couchlet.plugin', () => {
  test("an object's members become methods, with the database as this", async () => {
    const Class = MemoryCouchlet.defaults({});
    const before = new Class(randomUUID());
    assert.equal(Class.plugin({ own() { return this; } }), Class); // prettier-ignore
    const db = new Class(randomUUID());
    assert.equal(db.own(), db);
    assert.equal(before.own(), before);
    const Derived = Class.defaults({});
    assert.equal(typeof new Derived(randomUUID()).own, 'function');
    assert.equal(MemoryCouchlet.prototype.own, undefined);
  });

  test('a function gets the class; plugins can be chained', () => {
    const Class = MemoryCouchlet.defaults({});
    let given;
    Class.plugin((one) => (given = one)).plugin({ two: () => 2 });
    assert.equal(given, Class);
    assert.equal(Class.prototype.two(), 2);
  });

  test('what is neither is refused', () => {
    for (const wrong of [{}, 'x', null, undefined, 5]) {
      assert.throws(() => MemoryCouchlet.plugin(wrong), {
        message: /^Invalid plugin: got ".*", expected an object or a function$/,
      });
    }
  });

  test('one that replaces bulkDocs sees all writes of documents, and may refuse them', async () => {
    const { bulkDocs } = Couchlet.prototype;
    const seen = [];
    const Checked = MemoryCouchlet.defaults({}).plugin({
      bulkDocs(request, options, callback) {
        const docs = Array.isArray(request) ? request : request.docs;
        for (const { _id, _deleted } of docs) seen.push(_deleted ? `${_id} is deleted` : _id);
        if (docs.some(({ bad }) => bad)) return callback(new Error('bad'));
        return bulkDocs.call(this, request, options, callback);
      },
    });
    const db = new Checked(randomUUID());
    const { rev } = await db.put({ _id: 'a' });
    await db.post({ _id: 'b' });
    await db.bulkDocs([{ _id: 'c' }]);
    const { rev: second } = await db.putAttachment('a', 'x', rev, btoa('x'), 'text/plain');
    const { rev: third } = await db.removeAttachment('a', 'x', second);
    await db.put({ _id: '_local/l' });
    assert.match((await db.remove('a', third)).rev, /^4-/);
    assert.deepEqual(seen, ['a', 'b', 'c', 'a', 'a', 'a is deleted']);
    await assert.rejects(db.put({ _id: 'd', bad: true }), { message: 'bad' });
    await assert.rejects(db.put({ _id: 'b' }), { status: 409, name: 'conflict', docId: 'b' });
    assert.deepEqual(
      (await db.allDocs()).rows.map(({ id }) => id),
      ['b', 'c'],
    );
  });
});

describe('a bulkDocs that was replaced, and replications', () => {
  const { bulkDocs } = Couchlet.prototype;

  /** @param {(docs: any[]) => any[] | Error} check */
  const checked = (check) =>
    MemoryCouchlet.defaults({}).plugin({
      async bulkDocs(request, ...rest) {
        const docs = check(Array.isArray(request) ? request : request.docs);
        if (docs instanceof Error) throw docs;
        return bulkDocs.call(this, docs, ...rest);
      },
    });

  test('what a replication brings goes through it, attachments and conflicts too', async () => {
    const seen = [];
    const Watched = checked((docs) => (seen.push(...docs.map(({ _id }) => _id)), docs));
    const source = new MemoryCouchlet(randomUUID());
    await source.bulkDocs([{ _id: 'a' }, { _id: '_design/d' }]);
    const { rev } = await source.putAttachment('b', 'x', btoa('hello'), 'text/plain');
    await source.put({ _id: 'a', _rev: `1-${'0'.repeat(32)}` }, { force: true });
    const target = new Watched(randomUUID());
    const { docs_written } = await target.replicate.from(source);
    assert.equal(docs_written, 4);
    assert.deepEqual(seen.sort(), ['_design/d', 'a', 'a', 'b']);
    assert.equal((await target.get('b'))._rev, rev);
    assert.equal(String(await target.getAttachment('b', 'x')), 'hello');
    assert.equal((await target.get('a', { conflicts: true }))._conflicts.length, 1);
  });

  test('checkpoints hold, and an ordinary replication goes on from them', async () => {
    const seen = [];
    const Watched = checked((docs) => (seen.push(...docs), docs));
    const source = new MemoryCouchlet(randomUUID());
    await source.put({ _id: 'a' });
    const target = new Watched(randomUUID());
    await target.replicate.from(source);
    const again = await target.replicate.from(source);
    assert.equal(again.docs_read, 0);
    assert.equal(seen.length, 1);
    const plain = await new MemoryCouchlet(target.name).replicate.from(source);
    assert.equal(plain.docs_read, 0);
  });

  test('documents that it refuses are denied; if it fails, so does the replication', async () => {
    const source = new MemoryCouchlet(randomUUID());
    await source.bulkDocs([{ _id: 'good' }, { _id: 'bad' }]);
    const Choosy = MemoryCouchlet.defaults({}).plugin({
      async bulkDocs({ docs }, options) {
        const good = docs.filter(({ _id }) => _id === 'good');
        await bulkDocs.call(this, good, options);
        return [{ id: 'bad', error: true, name: 'forbidden', message: 'not this one' }];
      },
    });
    const denied = [];
    const replication = new Choosy(randomUUID()).replicate.from(source);
    replication.on('denied', ({ id, name, reason }) => denied.push({ id, name, reason }));
    const { docs_written, doc_write_failures } = await replication;
    assert.deepEqual([docs_written, doc_write_failures], [1, 1]);
    assert.deepEqual(denied, [{ id: 'bad', name: 'forbidden', reason: 'not this one' }]);

    const Failing = checked(() => new Error('no'));
    await assert.rejects(async () => new Failing(randomUUID()).replicate.from(source), {
      message: /no/,
    });
  });

  test('a sync with a server pulls through it and pushes as ever', async () => {
    const seen = [];
    const Watched = checked((docs) => (seen.push(...docs.map(({ _id }) => _id)), docs));
    const remote = new Couchlet(server.newDatabase());
    await remote.put({ _id: 'there' });
    const local = new Watched(randomUUID());
    await local.put({ _id: 'here' });
    await local.sync(remote);
    assert.deepEqual(seen, ['here', 'there']);
    assert.equal((await remote.info()).doc_count, 2);
    assert.equal((await local.info()).doc_count, 2);
  });
});

describe('what the class tells', () => {
  test('created and destroyed, with the name; listeners as in Node', async () => {
    const told = [];
    const created = (name) => told.push(['created', name]);
    const destroyed = (name) => told.push(['destroyed', name]);
    assert.equal(MemoryCouchlet.on('created', created), MemoryCouchlet);
    Couchlet.once('destroyed', destroyed);
    assert.ok(Couchlet.listeners('created').includes(created));
    const count = Couchlet.listenerCount('created');
    const db = new MemoryCouchlet(randomUUID());
    await db.destroy();
    const other = new MemoryCouchlet(randomUUID());
    await other.destroy();
    Couchlet.removeListener('created', created);
    assert.equal(Couchlet.listenerCount('created'), count - 1);
    assert.deepEqual(told, [
      ['created', db.name],
      ['destroyed', db.name],
      ['created', other.name],
    ]);
  });

  test('allDbs lists the databases in IndexedDB and in memory, also by callback', async () => {
    const prefix = `${randomUUID()}-`;
    const Class = Couchlet.defaults({ prefix });
    const stored = new Class('b, stored');
    const held = new Class('a, held', { adapter: 'memory' });
    await Promise.all([stored.info(), held.info()]);
    assert.deepEqual(await Class.allDbs(), ['a, held', 'b, stored']);
    assert.ok((await Couchlet.allDbs()).includes(`${prefix}b, stored`));
    await held.destroy();
    const listed = await new Promise((resolve) => Class.allDbs((_error, names) => resolve(names)));
    assert.deepEqual(listed, ['b, stored']);
    await stored.close();
    assert.deepEqual(await Class.allDbs(), ['b, stored']);
    await new Class('b, stored').destroy();
    assert.deepEqual(await Class.allDbs(), []);
  });

  test('activeTasks shows what is going on, until it is over', async () => {
    const [source, target] = [new MemoryCouchlet(randomUUID()), new MemoryCouchlet(randomUUID())];
    const names = () => Couchlet.activeTasks.list().map(({ name }) => name);
    await source.bulkDocs(Array.from({ length: 10 }, (_, n) => ({ _id: `${n}` })));
    const compaction = source.compact();
    assert.deepEqual(names(), ['database_compaction']);
    await compaction;
    const replication = source.replicate.to(target);
    let during;
    replication.on('change', () => ([during] = source.activeTasks.list()));
    await replication;
    assert.equal(during.name, `replication from ${source.name}`);
    assert.equal(during.completed_items, 10);
    assert.equal(during.total_items, 10);
    assert.equal(during.created_at, new Date(during.created_at).toISOString());
    assert.deepEqual(names(), []);
  });

  test('an app may have active tasks of its own', () => {
    const { activeTasks } = Couchlet;
    const id = activeTasks.add({ name: 'tidying', total_items: 3 });
    activeTasks.update(id, { completed_items: 1 });
    const { created_at: from, updated_at: to, ...task } = activeTasks.get(id);
    assert.deepEqual(task, { id, name: 'tidying', total_items: 3, completed_items: 1 });
    assert.ok(from <= to);
    activeTasks.remove(id);
    activeTasks.update(id, { completed_items: 2 });
    assert.equal(activeTasks.get(id), undefined);
    assert.deepEqual(activeTasks.list(), []);
  });

  test('debug shows calls and requests, and only what is enabled', async (t) => {
    const shown = [];
    t.mock.method(console, 'debug', (...values) => shown.push(values.slice(0, 3)));
    const db = new MemoryCouchlet(randomUUID());
    const remote = new Couchlet(server.newDatabase());
    await db.info();
    assert.deepEqual(shown, []);
    Couchlet.debug.enable('couchlet:api');
    await db.info();
    await remote.info();
    assert.deepEqual(shown, [
      ['couchlet:api', db.name, 'info'],
      ['couchlet:api', remote.name, 'info'],
    ]);
    Couchlet.debug.enable('pouchdb:http'); // a PouchDB app's word for it
    await remote.info();
    assert.deepEqual(shown.at(-1), ['couchlet:http', 'GET', remote.name]);
    Couchlet.debug.enable('*');
    assert.ok(Couchlet.debug.enabled('couchlet:api'));
    Couchlet.debug.disable();
    const before = shown.length;
    await db.info();
    assert.equal(shown.length, before);
  });

  test('version, fetch and Headers are there', async () => {
    assert.match(Couchlet.version, /^\d+\.\d+\.\d+$/);
    assert.equal(Couchlet.Headers, Headers);
    const { origin } = new URL(server.url); // without credentials, which fetch refuses
    assert.equal((await Couchlet.fetch(origin)).ok, true);
  });
});
