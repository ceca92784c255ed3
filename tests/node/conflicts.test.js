// db.conflicts() and db.resolve().

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind, onLocalKinds } from './database-kinds.js';

/** @param {string} digit */
const revision = (digit, generation = 1) => `${generation}-${digit.repeat(32)}`;

/**
 * A document with a leaf for each of the digits; the last one wins.
 *
 * @param {import('couchlet').default} db
 * @param {string} id
 * @param {string} digits
 */
async function putInConflict(db, id, digits = 'ab') {
  const docs = [...digits].map((digit) => ({ _id: id, _rev: revision(digit), by: digit }));
  assert.deepEqual(await db.bulkDocs(docs, { new_edits: false }), []);
}

/** @param {any} data a Blob, or Node's Buffer */
const textOf = (data) => new Blob([data]).text();

/** All leaves of a document, deleted or not, as "rev" or "rev deleted". */
async function leavesOf(db, id) {
  const leaves = await db.get(id, { open_revs: 'all' });
  return leaves.map(({ ok }) => `${ok._rev}${ok._deleted ? ' deleted' : ''}`).sort();
}

onEveryKind('conflicts', ({ open }) => {
  test('there are none', async () => {
    const db = open();
    assert.deepEqual(await db.conflicts(), []);
    await db.put({ _id: 'a' });
    assert.deepEqual(await db.conflicts(), []);
  });

  test('are listed with the winner, those with losing leaves that are alive', async () => {
    const db = open();
    await db.put({ _id: 'plain' });
    await putInConflict(db, 'two');
    await putInConflict(db, 'three', 'abc');
    await putInConflict(db, 'settled');
    await db.remove('settled', revision('a'));
    await putInConflict(db, 'gone');
    await db.remove('gone', revision('a'));
    await db.remove('gone', revision('b'));
    const found = await db.conflicts();
    const sorted = found.sort((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(sorted, [
      { id: 'three', rev: revision('c'), conflicts: [revision('b'), revision('a')] },
      { id: 'two', rev: revision('b'), conflicts: [revision('a')] },
    ]);
  });

  test('come one after another, and each once though they are written to meanwhile', async () => {
    const db = open();
    for (const id of ['a', 'b', 'c']) await putInConflict(db, id);
    const ids = [];
    for await (const { id, rev } of db.conflicts()) {
      ids.push(id);
      if (ids.length === 1) await db.put({ _id: id, _rev: rev, again: true });
    }
    assert.deepEqual(ids.sort(), ['a', 'b', 'c']);
  });

  test('are told to a callback too', async () => {
    const db = open();
    await putInConflict(db, 'a');
    const found = await new Promise((resolve, reject) => {
      db.conflicts((error, all) => (error ? reject(error) : resolve(all)));
    });
    assert.deepEqual(found.map(({ id }) => id), ['a']);
  });

  test('a signal ends the listing', async () => {
    const db = open();
    await putInConflict(db, 'a');
    const signal = AbortSignal.abort();
    await assert.rejects(async () => void (await db.conflicts({ signal })), { name: 'AbortError' });
  });
});

onEveryKind('resolve', ({ open }) => {
  test('the merge replaces the winner, and the losing leaves are removed', async () => {
    const db = open();
    await putInConflict(db, 'x', 'abc');
    const seen = [];
    const answer = await db.resolve('x', (winner, losers) => {
      seen.push(winner, losers);
      return { ...winner, by: [winner, ...losers].map(({ by }) => by).join('') };
    });
    assert.deepEqual(seen[0], { _id: 'x', _rev: revision('c'), by: 'c' });
    assert.deepEqual(seen[1].map(({ by }) => by), ['b', 'a']);
    const merged = await db.get('x', { conflicts: true });
    assert.deepEqual(merged, { _id: 'x', _rev: answer.rev, by: 'cba' });
    assert.match(answer.rev, /^2-/);
    const removed = [revision('b'), revision('a')];
    assert.deepEqual(answer, { ok: true, id: 'x', rev: answer.rev, removed });
    assert.deepEqual(await db.conflicts(), []);
  });

  test("'winner' removes the others only", async () => {
    const db = open();
    await putInConflict(db, 'x');
    const answer = await db.resolve('x', () => 'winner');
    assert.deepEqual(answer, { ok: true, id: 'x', rev: revision('b'), removed: [revision('a')] });
    assert.deepEqual(await db.get('x', { conflicts: true }), {
      _id: 'x',
      _rev: revision('b'),
      by: 'b',
    });
  });

  test('a losing document may be chosen as it is', async () => {
    const db = open();
    await putInConflict(db, 'x');
    const { rev } = await db.resolve('x', (_, [loser]) => loser);
    assert.deepEqual(await db.get('x', { conflicts: true }), { _id: 'x', _rev: rev, by: 'a' });
  });

  test('nothing returned leaves the conflict; a tombstone ends the document', async () => {
    const db = open();
    await putInConflict(db, 'x');
    assert.equal(await db.resolve('x', () => undefined), null);
    assert.equal((await db.conflicts()).length, 1);
    await db.resolve('x', (winner) => ({ ...winner, _deleted: true }));
    await assert.rejects(db.get('x'), { status: 404 });
    assert.deepEqual(await db.conflicts(), []);
  });

  test('without a conflict the function is not asked', async () => {
    const db = open();
    const { rev } = await db.put({ _id: 'x' });
    const answer = await db.resolve('x', () => assert.fail());
    assert.deepEqual(answer, { ok: true, id: 'x', rev, removed: [] });
    await assert.rejects(db.resolve('y', () => 'winner'), { status: 404 });
  });

  test('is begun again where somebody else writes in between', async () => {
    const db = open();
    await putInConflict(db, 'x');
    let tries = 0;
    await db.resolve('x', async (winner, losers) => {
      tries += 1;
      if (tries === 1) await db.put({ ...winner, by: 'somebody' });
      return { ...winner, by: `${winner.by} and ${losers[0].by}` };
    });
    assert.equal(tries, 2);
    const { by, _conflicts } = await db.get('x', { conflicts: true });
    assert.deepEqual([by, _conflicts], ['somebody and a', undefined]);
  });

  test('attachments of losing leaves can be taken over as the stubs that they are', async () => {
    const db = open();
    const attachment = (text) => ({ content_type: 'image/png', data: btoa(text) });
    await db.bulkDocs(
      [
        { _id: 'x', _rev: revision('b'), _attachments: { one: attachment('first') } },
        {
          _id: 'x',
          _rev: revision('a'),
          _attachments: { one: attachment('other'), two: attachment('second') },
        },
      ],
      { new_edits: false },
    );
    await db.resolve('x', (winner, [loser]) => ({
      ...winner,
      _attachments: { ...winner._attachments, two: loser._attachments.two },
    }));
    assert.equal(await textOf(await db.getAttachment('x', 'one')), 'first');
    assert.equal(await textOf(await db.getAttachment('x', 'two')), 'second');
    assert.deepEqual(await db.conflicts(), []);
  });

  test('says what is wrong with its arguments', async () => {
    const db = open();
    await putInConflict(db, 'x');
    await assert.rejects(db.resolve('x'), { status: 400 });
    await assert.rejects(db.resolve(1, () => 'winner'), { status: 400 });
    await assert.rejects(db.resolve('x', () => 'loser'), { status: 400 });
    assert.equal((await db.conflicts()).length, 1);
  });
});

onLocalKinds('resolve', ({ open }) => {
  test('two databases that resolve a conflict the same way make the same revisions', async () => {
    const [here, there] = [open(), open()];
    await putInConflict(here, 'x', 'abc');
    await putInConflict(there, 'x', 'cab');
    const merge = (winner, losers) => ({ ...winner, all: losers.map(({ by }) => by) });
    const [mine, yours] = [await here.resolve('x', merge), await there.resolve('x', merge)];
    assert.deepEqual(mine, yours);
    assert.deepEqual(await leavesOf(here, 'x'), await leavesOf(there, 'x'));
    assert.equal((await leavesOf(here, 'x')).length, 3);
    await here.sync(there);
    assert.deepEqual(await here.conflicts(), []);
    assert.equal((await leavesOf(there, 'x')).length, 3);
  });

  test('is one commit: one change, or none where something is refused', async () => {
    const db = open();
    await putInConflict(db, 'x', 'abc');
    const before = await leavesOf(db, 'x');
    const stop = db.validate((doc) => {
      if (doc._deleted) throw { forbidden: 'nothing goes' };
    });
    await assert.rejects(db.resolve('x', (winner) => winner), { status: 403 });
    assert.deepEqual(await leavesOf(db, 'x'), before);
    stop();
    const commits = [];
    const feed = db.changes({ live: true, since: 'now' });
    feed.on('change', (change) => commits.push(change));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await db.resolve('x', (winner) => winner);
    await new Promise((resolve) => setTimeout(resolve, 20));
    feed.cancel();
    assert.equal(commits.length, 1);
  });
});
