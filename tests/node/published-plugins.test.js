// Plugins that were published for PouchDB, and that know nothing of couchlet, on couchlet: those
// that express-pouchdb brings along.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import Couchlet from 'couchlet';

const require = createRequire(createRequire(import.meta.url).resolve('express-pouchdb'));

/** @param {string[]} names of packages */
function withPlugins(...names) {
  const Class = Couchlet.defaults({ adapter: 'memory' });
  for (const name of names) Class.plugin(require(name));
  return new Class(randomUUID());
}

test('pouchdb-validation: validate functions of design documents are obeyed', async () => {
  const db = withPlugins('pouchdb-validation');
  await db.put({
    _id: '_design/d',
    validate_doc_update: 'function (doc) { if (doc.bad) throw { forbidden: "no bad ones" }; }',
  });
  const { ok, rev } = await db.validatingPut({ _id: 'a' });
  assert.equal(ok, true);
  const refusal = { status: 403, name: 'forbidden', message: 'no bad ones' };
  await assert.rejects(db.validatingPut({ _id: 'b', bad: true }), refusal);
  const answer = await db.validatingBulkDocs([{ _id: 'c', bad: true }, { _id: 'd' }]);
  assert.deepEqual(
    answer.map(({ id, error }) => [id, error]),
    [['c', true], ['d', undefined]], // prettier-ignore
  );
  assert.equal((await db.validatingRemove({ _id: 'a', _rev: rev })).ok, true);
});

test('pouchdb-show: show functions of design documents get documents', async () => {
  const db = withPlugins('pouchdb-show');
  const hello = 'function (doc) { return "I am " + doc._id; }';
  await db.put({ _id: '_design/d', shows: { hello } });
  await db.put({ _id: 'milk' });
  assert.equal((await db.show('d/hello/milk')).body, 'I am milk');
});

test('pouchdb-security: it keeps what it is told in a local document', async () => {
  const db = withPlugins('pouchdb-security');
  const security = { admins: { names: ['ann'], roles: [] } };
  assert.deepEqual(await db.getSecurity(), {});
  assert.deepEqual(await db.putSecurity(security), { ok: true });
  assert.deepEqual(await db.getSecurity(), security);
  assert.equal((await db.info()).doc_count, 0);
});
