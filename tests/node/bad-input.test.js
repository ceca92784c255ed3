// What an app may hand over by mistake: each is refused with an error that says so, and nothing is
// written; or it is odd but right, and comes back as it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onEveryKind, onLocalKinds } from './database-kinds.js';

const kRev = `1-${'a'.repeat(32)}`;

/** @param {number} depth of arrays in the document */
function nested(depth) {
  /** @type {any} */
  let value = [];
  for (let level = 1; level < depth; level += 1) value = [value];
  return { _id: 'deep', value };
}

onEveryKind('refused before anything is asked', ({ open }) => {
  /**
   * @param {(db: import('couchlet').default) => Promise<unknown>} call
   * @param {{status: number, name: string, message?: string | RegExp}} expected
   */
  async function isRefused(call, expected) {
    const db = open();
    await assert.rejects(call(db), expected);
    assert.equal((await db.info()).doc_count, 0);
  }

  const notDocuments = {
    undefined: undefined,
    null: null,
    text: 'a',
    number: 1,
    array: [],
    true: true,
  };
  for (const [name, value] of Object.entries(notDocuments)) {
    test(`${name} is no document`, async () => {
      const expected = {
        status: 400,
        name: 'bad_request',
        message: 'Document must be a JSON object',
        error: true,
      };
      await isRefused((db) => db.put(value), expected);
      await isRefused((db) => db.post(value), expected);
      await isRefused((db) => db.bulkDocs([{ _id: 'a' }, value]), expected);
    });
  }

  test('a document to put has an id, a text that is not empty', async () => {
    const expected = { status: 412, name: 'missing_id', message: '_id is required for puts' };
    for (const _id of [undefined, null, '']) await isRefused((db) => db.put({ _id }), expected);
    for (const _id of [1, true, {}, ['a']]) {
      await isRefused((db) => db.put({ _id }), {
        status: 400,
        name: 'bad_request',
        message: '_id field must contain a string',
      });
    }
  });

  test('ids that begin with an underscore are reserved', async () => {
    for (const id of ['_', '_a', '_all_docs', '_designs/a', '_local', '_design']) {
      const expected = {
        status: 400,
        name: 'bad_request',
        message: 'Only reserved document ids may start with underscore.',
      };
      await isRefused((db) => db.put({ _id: id }), expected);
      await isRefused((db) => db.post({ _id: id }), expected);
      await isRefused((db) => db.get(id), { status: 404, name: 'not_found', docId: id });
      await isRefused((db) => db.remove(id, kRev), expected);
    }
  });

  test('get and remove want an id', async () => {
    for (const id of [undefined, null, 5, {}]) {
      await isRefused((db) => db.get(id), { status: 400, name: 'bad_request' });
    }
    for (const wrong of [undefined, null, 5, {}]) {
      await isRefused((db) => db.remove(wrong), { status: 412, name: 'missing_id' });
    }
  });

  test('bulkDocs, bulkGet and allDocs want lists', async () => {
    const expected = { status: 400, name: 'bad_request', message: "Missing JSON list of 'docs'" };
    for (const wrong of [undefined, null, 'a', {}, { docs: 'a' }]) {
      await isRefused((db) => db.bulkDocs(wrong), expected);
      await isRefused((db) => db.bulkGet(wrong), expected);
    }
    await isRefused((db) => db.allDocs({ keys: 'a' }), {
      status: 400,
      name: 'bad_request',
      message: 'options.keys must be an array',
    });
  });

  test('what JSON cannot hold is named', async () => {
    /** @type {any} */
    const circle = { _id: 'circle' };
    circle.self = circle;
    for (const document of [circle, { _id: 'big', n: 10n }]) {
      const expected = {
        status: 400,
        name: 'bad_request',
        message: /^This can't be written as JSON/,
      };
      await isRefused((db) => db.put(document), expected);
      await isRefused((db) => db.post(document), expected);
      await isRefused((db) => db.bulkDocs([document]), expected);
    }
  });

  test('a getter that throws is told by its own words', async () => {
    const document = {
      _id: 'a',
      get value() {
        throw new Error('no value today');
      },
    };
    await isRefused((db) => db.put(document), { status: 400, message: /no value today/ });
  });
});

onLocalKinds('refused by the engine', ({ open }) => {
  test('members that begin with an underscore are the database’s own', async () => {
    const db = open();
    await assert.rejects(db.put({ _id: 'a', _mine: 1 }), {
      status: 400,
      name: 'doc_validation',
      message: 'Bad special document member: _mine',
      docId: 'a',
    });
    const answer = await db
      .bulkDocs([{ _id: 'a', _mine: 1 }, { _id: 'b' }])
      .catch((error) => error);
    // CouchDB refuses the request, PouchDB the document: in no case is the bad one written.
    assert.ok(answer.name === 'doc_validation' || answer[0].name === 'doc_validation');
    await assert.rejects(db.get('a'), { status: 404 });
  });

  test('revisions are N-hash', async () => {
    const db = open();
    for (const _rev of ['x', '1', '-a', '1-', 'a-1', '0-a', '1.5-a', '-1-a', 5, {}, true]) {
      await assert.rejects(
        db.put({ _id: 'a', _rev }),
        ({ status, name }) => (status === 400 && name === 'bad_request') || status === 409,
        `${JSON.stringify(_rev)}`,
      );
    }
    await db.put({ _id: 'a' });
    await assert.rejects(db.get('a', { rev: 'x' }), ({ status }) => status === 400);
    await assert.rejects(db.get('a', { open_revs: ['x'] }), { status: 400, name: 'bad_request' });
    await assert.rejects(db.get('a', { open_revs: 'some' }), { status: 400 });
    assert.equal((await db.changes()).last_seq, 1);
  });

  test('with new_edits false a document brings its revision', async () => {
    const db = open();
    const answers = await db
      .bulkDocs([{ _id: 'a' }], { new_edits: false })
      .catch((error) => [error]);
    assert.equal(answers[0].status, 400);
    await assert.rejects(db.get('a'), { status: 404 });
  });

  test('_revisions that are no past are refused', async () => {
    const db = open();
    for (const _revisions of [5, {}, { start: 'a', ids: [] }, { start: 1, ids: ['a', 'b', 'c'] }]) {
      const [entry] = await db
        .bulkDocs([{ _id: 'a', _rev: kRev, _revisions }], { new_edits: false })
        .catch((error) => [error]);
      assert.equal(entry?.status, 400, JSON.stringify(_revisions));
    }
    assert.equal((await db.info()).doc_count, 0);
  });

  test('documents nested too deeply are refused, and less deep ones are not', async () => {
    const db = open();
    for (const depth of [600, 3000]) {
      await assert.rejects(db.put(nested(depth)), { status: 400, name: 'bad_request' });
    }
    await db.put(nested(400));
    assert.deepEqual((await db.get('deep')).value, nested(400).value);
  });

  test('half of a surrogate pair is refused, in ids, in names and in texts', async () => {
    const db = open();
    for (const half of ['\ud800', 'a\udc00b', '\udc00\ud800', '\ud83d']) {
      for (const document of [{ _id: half }, { _id: 'a', half }, { _id: 'a', [half]: 1 }]) {
        await assert.rejects(db.put(document), { status: 400, name: 'bad_request' });
      }
      await assert.rejects(db.get(half), { status: 400 });
      await assert.rejects(db.remove(half, kRev), { status: 400 });
    }
    assert.equal((await db.info()).update_seq, 0);
  });

  test('options of the wrong type are named', async () => {
    const db = open();
    const calls = {
      limit: () => db.allDocs({ limit: 'many' }),
      skip: () => db.allDocs({ skip: -1 }),
      descending: () => db.allDocs({ descending: 'yes' }),
      since: () => db.changes({ since: 'yesterday' }),
      doc_ids: () => db.changes({ doc_ids: 'a' }),
    };
    for (const [name, call] of Object.entries(calls)) {
      await assert.rejects(
        async () => call(),
        ({ status, message }) => status === 400 && message.includes(name),
        name,
      );
    }
  });

  test('a document that says it is another kind of thing with toJSON is what it says', async () => {
    const db = open();
    await db.put({ _id: 'a', when: new Date(0), toJSON: undefined });
    assert.equal((await db.get('a')).when, '1970-01-01T00:00:00.000Z');
    await assert.rejects(db.put({ _id: 'b', toJSON: () => 5 }), { status: 400 });
    await assert.rejects(db.put({ _id: 'b', toJSON: () => undefined }), { status: 400 });
    await assert.rejects(db.get('b'), { status: 404 });
  });
});

onEveryKind('odd, and all right', ({ open, isCouchDB }) => {
  test('a document may have members of any name', async () => {
    const db = open();
    // express-pouchdb loses a member of this name.
    const prototype = isCouchDB ? '"__proto__":{"a":1},' : '';
    const text =
      '{"_id":"a","":1,"constructor":{"a":1},"length":0,"$":[],"\\u0000":"\\u0000",' +
      `"inner":{${prototype}"_id":"b","_mine":2}}`;
    await db.put(JSON.parse(text));
    const { _rev: _, ...document } = await db.get('a');
    assert.deepEqual(document, JSON.parse(text));
  });

  test('text of every kind comes back as it was', async () => {
    const db = open();
    const texts = [
      '',
      '\u0000\u0001\u001f\u007f',
      '"\\/\b\f\n\r\t',
      '\u2028\u2029',
      '\ufffe\uffff\ufeff',
      'ä€😀',
      '\u{10ffff}',
      'a\u0301',
    ];
    await db.put({ _id: 'a', texts });
    assert.deepEqual((await db.get('a')).texts, texts);
  });

  test('numbers come back as they were', async () => {
    const db = open();
    const numbers = [0, 1, -1, 0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 2 ** 53 - 1, 1e100];
    await db.put({ _id: 'a', numbers });
    assert.deepEqual((await db.get('a')).numbers, numbers);
  });

  test('what JSON leaves out is left out', async () => {
    const db = open();
    await db.put({
      _id: 'a',
      nothing: undefined,
      call: () => {},
      list: [undefined, NaN, Infinity],
    });
    const { _rev: _, ...document } = await db.get('a');
    assert.deepEqual(document, { _id: 'a', list: [null, null, null] });
  });

  test('a document of more than a megabyte', async () => {
    const db = open();
    const text = 'ä😀\\"\n'.repeat(150_000);
    const { rev } = await db.put({ _id: 'large', text });
    assert.deepEqual(await db.get('large'), { _id: 'large', _rev: rev, text });
  });
});

onLocalKinds('ids', ({ open }) => {
  const ids = [
    ...Array.from({ length: 0x7f }, (_, code) => `a${String.fromCharCode(code)}b`),
    ' ',
    '.',
    '..',
    '/',
    '%2F',
    'ä',
    '😀',
    '\u{10ffff}',
    '\ufffd',
    '\uffff',
    'constructor',
    'x'.repeat(5000),
  ];

  test('every odd character names a document of its own', async () => {
    const db = open();
    const answers = await db.bulkDocs(ids.map((_id, n) => ({ _id, n })));
    assert.deepEqual(
      answers.filter((entry) => 'error' in entry),
      [],
    );
    for (const [n, id] of ids.entries()) {
      const document = await db.get(id);
      assert.deepEqual([document._id, document.n], [id, n]);
      assert.deepEqual(
        (await db.allDocs({ key: id })).rows.map((row) => row.id),
        [id],
      );
    }
    const { rows } = await db.allDocs({ keys: ids, include_docs: true });
    assert.deepEqual(
      rows.map((row) => row.doc?.n),
      ids.map((_, n) => n),
    );
    await Promise.all(ids.map(async (id) => db.remove(await db.get(id))));
    assert.equal((await db.info()).doc_count, 0);
  });
});
