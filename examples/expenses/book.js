// The expenses, and all that is done with their database. An expense is a document:
//
//   { _id: 'expense:…', what: 'Train tickets', cents: 4250, payer: 'Ann', day: '2026-07-01' }
//
// with a photo of the receipt as its attachment 'receipt', if there is one.

import Database from './library.js';

const kPrefix = 'expense:';
const kReceipt = 'receipt';

const db = new Database('expenses');

const newId = () => `${kPrefix}${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;

/** The newest day first. */
const byDay = (a, b) => b.day.localeCompare(a.day) || b._id.localeCompare(a._id);

export async function allExpenses() {
  const range = { startkey: kPrefix, endkey: `${kPrefix}\ufff0` };
  const { rows } = await db.allDocs({ ...range, include_docs: true, conflicts: true });
  return rows.map(({ doc }) => doc).sort(byDay);
}

export function onChange(listener) {
  db.changes({ since: 'now', live: true }).on('change', listener);
}

/** Writes a new expense, or over the one whose revision `expense` has. */
export async function save(expense, receipt) {
  const { _conflicts, ...document } = expense;
  document._id ??= newId();
  if (receipt) {
    const photo = { content_type: receipt.type, data: receipt };
    document._attachments = { ...document._attachments, [kReceipt]: photo };
  }
  await db.put(document);
}

export const remove = ({ _id, _rev }) => db.remove(_id, _rev);

export const hasReceipt = (expense) => expense._attachments?.[kReceipt] !== undefined;

export const receiptOf = ({ _id, _rev }) => db.getAttachment(_id, kReceipt, { rev: _rev });

/** The versions of an expense that people have made without knowing of each other's. */
export async function versionsOf(id) {
  const { _conflicts = [], ...winner } = await db.get(id, { conflicts: true });
  const others = await Promise.all(_conflicts.map((rev) => db.get(id, { rev })));
  return [winner, ...others];
}

/** Settles a conflict: one of the versions stays, the others are removed. */
export async function keep(chosen, versions) {
  const [winner, ...others] = versions;
  const { _id, _rev } = chosen;
  if (_rev !== winner._rev) {
    const content = await db.get(_id, { rev: _rev, attachments: true });
    await db.put({ ...content, _rev: winner._rev });
  }
  await Promise.all(others.map((other) => db.remove(_id, other._rev)));
}

/** Both ways with the server, until it is cancelled. */
export const syncWith = (address) => db.sync(address, { live: true, retry: true });
