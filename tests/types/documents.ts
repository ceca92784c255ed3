// What the types promise about documents, proved by the compiler: each @ts-expect-error is an error
// that must be there. Nothing here runs.

import Couchlet from 'couchlet';
import type { AllDocsRow, Change, CouchletError, DocumentDetails, WriteResponse } from 'couchlet';

/** Fails to compile unless both are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
const isTrue = <T extends true>(): T | undefined => undefined;

interface Note {
  text: string;
  done: boolean;
}
type StoredNote = Note & { _id: string; _rev: string; _deleted?: true };

export async function writingAndReading(notes: Couchlet<Note>) {
  const answer = await notes.put({ _id: 'milk', text: 'Buy milk', done: false });
  isTrue<Same<typeof answer, WriteResponse>>();

  const note = await notes.get('milk');
  isTrue<Same<typeof note, StoredNote & DocumentDetails>>();
  await notes.put({ ...note, done: true });
  await notes.remove(note);
  await notes.remove('milk', note._rev);
  await notes.post({ text: 'Buy bread', done: false });

  // @ts-expect-error: a document to put has an _id
  await notes.put({ text: 'Buy milk', done: false });
  // @ts-expect-error: the content is checked
  await notes.put({ _id: 'milk', text: 5, done: false });
  // @ts-expect-error: there is no such option
  await notes.get('milk', { revisions: true });
  // @ts-expect-error: a removal by id needs the revision
  await notes.remove('milk');
}

export async function revisions(notes: Couchlet<Note>) {
  const { _conflicts: conflicts } = await notes.get('milk', { conflicts: true });
  isTrue<Same<typeof conflicts, string[] | undefined>>();

  for (const revision of await notes.get('milk', { open_revs: 'all', revs: true })) {
    if ('ok' in revision) revision.ok.text.trim();
    else revision.missing.trim();
  }
  const { milk } = await notes.revsDiff({ milk: ['1-a'] });
  milk?.missing.join();
  const { results } = await notes.bulkGet({ docs: [{ id: 'milk' }], revs: true });
  for (const entry of results[0]?.docs ?? []) {
    if ('ok' in entry) entry.ok.text.trim();
    else entry.error.reason.trim();
  }
}

export async function manyDocuments(notes: Couchlet<Note>) {
  for (const entry of await notes.bulkDocs([{ text: 'Buy milk', done: false }])) {
    if ('error' in entry) isTrue<Same<typeof entry, CouchletError>>();
    else entry.rev.trim();
  }
  await notes.bulkDocs({ docs: [{ _id: 'a', _rev: '1-a', text: '', done: true }] });
  await notes.bulkDocs([], { new_edits: false });

  const { rows, total_rows: count } = await notes.allDocs({ include_docs: true });
  isTrue<Same<typeof count, number>>();
  isTrue<Same<typeof rows, AllDocsRow<Note>[]>>();
  rows[0]?.doc?.text.trim();

  const { rows: found } = await notes.allDocs({ keys: ['milk'] });
  for (const row of found) {
    if (row.error) row.key.trim();
    else row.value.rev.trim();
  }
}

export async function untypedDocuments(db: Couchlet) {
  await db.put({ _id: 'anything', goes: ['here'] });
  // @ts-expect-error: a document to put has an _id
  await db.put({ goes: ['here'] });
  const document = await db.get('anything');
  document.goes.length;
}

export async function attachments(notes: Couchlet<Note>) {
  const note = { _id: 'milk', text: '', done: false };
  await notes.put({ ...note, _attachments: { photo: { data: new Blob([]) } } });
  await notes.put({ ...note, _attachments: { text: { content_type: 'text/plain', data: '' } } });
  await notes.put({ ...(await notes.get('milk')), done: true });
  // @ts-expect-error: neither data nor a stub
  await notes.put({ ...note, _attachments: { photo: { content_type: 'image/png' } } });
  const { _attachments: all = {} } = await notes.get('milk', { attachments: true, binary: true });
  all.photo?.digest.trim();
  const { rev } = await notes.putAttachment('milk', 'photo', new Uint8Array(), 'image/png');
  await notes.putAttachment('milk', 'photo', rev, new Blob([]));
  await notes.putAttachment('milk', 'photo', rev, '', 'image/png', (error, answer) => answer?.rev);
  const photo = await notes.getAttachment('milk', 'photo', { rev });
  photo.slice(0, 1).type.trim();
  notes.getAttachment<Uint8Array>('milk', 'photo', (error, bytes) => bytes?.byteLength);
  await notes.removeAttachment('milk', 'photo', rev);
}

export function callbacks(notes: Couchlet<Note>) {
  notes.get('milk', (error, note) => {
    if (error) error.status.toFixed();
    else note?.text.trim();
  });
  notes.put({ _id: 'milk', text: '', done: true }, (error, answer) => answer?.rev.trim());
  notes.allDocs((error, answer) => answer?.rows.length);
  notes.info((error, info) => info?.doc_count.toFixed());
  notes.changes({ since: 5 }, (error, answer) => answer?.last_seq);
  notes.destroy((error, answer) => answer?.ok);
}

export async function changes(notes: Couchlet<Note>) {
  const feed = notes.changes({ live: true, include_docs: true });
  feed.on('change', (change) => isTrue<Same<typeof change, Change<Note>>>());
  feed.on('change', ({ doc, seq }) => [doc?.text.trim(), seq]);
  feed.on('complete', ({ results }) => results.length);
  feed.on('error', (error) => error.reason.trim());
  // @ts-expect-error: there is no such event
  feed.on('changed', () => {});
  for await (const change of feed) change.changes[0]?.rev.trim();
  feed.cancel();

  const { results, last_seq: since } = await notes.changes();
  results[0]?.id.trim();
  await notes.changes({ since });
}

export async function modelsOfCalls(db: Couchlet, notes: Couchlet<Note>) {
  const note = await db.get<Note>('milk');
  isTrue<Same<typeof note, StoredNote & DocumentDetails>>();
  const { rows } = await db.allDocs<Note>({ include_docs: true });
  isTrue<Same<typeof rows, AllDocsRow<Note>[]>>();
  for await (const { doc } of db.changes<Note>({ include_docs: true })) doc?.text.trim();
  for await (const { doc } of db.scan<Note>({ include_docs: true })) doc?.text.trim();
  await db.put<Note>({ _id: 'milk', text: 'Buy milk', done: false });
  await db.bulkDocs<Note>([{ text: 'Buy milk', done: false }]);
  await notes.put<{ count: number }>({ _id: 'count', count: 1 });
  // @ts-expect-error: the content is checked
  await db.put<Note>({ _id: 'milk', text: 5, done: false });
  // @ts-expect-error: the content is checked
  await db.bulkDocs<Note>([{ text: 'Buy milk' }]);
  // @ts-expect-error: a note, unless it is said to be something else
  await notes.put({ _id: 'count', count: 1 });
}
