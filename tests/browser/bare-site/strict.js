// What a page with a strict policy can do, told to the server: runForTest() is not allowed there.

import Couchlet from '/dist/couchlet.js';

const outcomeOf = async (promise) => {
  try {
    return (await promise).results.map(({ id }) => id);
  } catch ({ status, name, reason }) {
    return { status, name, reason };
  }
};

const db = Couchlet('strict');
await db.bulkDocs([
  { _id: 'a', done: true },
  { _id: 'b' },
  { _id: '_design/d', filters: { d: 'function (doc) { return doc.done; }' } },
]);
const told = {
  given: await outcomeOf(db.changes({ filter: (doc) => doc.done })),
  byIds: await outcomeOf(db.changes({ doc_ids: ['b'] })),
  kept: await outcomeOf(db.changes({ filter: 'd' })),
};
const headers = { 'Content-Type': 'application/json' };
await fetch('/told', { method: 'POST', headers, body: JSON.stringify(told) });
