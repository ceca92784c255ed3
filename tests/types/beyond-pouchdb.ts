// What the types promise about the calls that PouchDB doesn't have. Nothing here runs.

import Couchlet from 'couchlet';
import type { Conflict, CouchletError, Document, Listing, WriteResponse } from 'couchlet';

/** Fails to compile unless both are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
const isTrue = <T extends true>(): T | undefined => undefined;

interface Note {
  text: string;
  done: boolean;
}

export async function updating(notes: Couchlet<Note>, signal: AbortSignal) {
  const answer = await notes.update('milk', (note) => {
    isTrue<Same<typeof note, Document<Note> | undefined>>();
    return { text: note?.text ?? '', done: true };
  });
  isTrue<Same<typeof answer, WriteResponse | null>>();
  await notes.update('milk', async (note) => note && { ...note, done: true }, { signal });
  await notes.update('milk', () => {});
  notes.update('milk', () => null, (error, written) => written?.rev.trim());
  // @ts-expect-error: the content is checked
  await notes.update('milk', () => ({ text: 5, done: true }));
  // @ts-expect-error: a function is needed
  await notes.update('milk', { text: '', done: true });
}

export async function conflicts(notes: Couchlet<Note>, signal: AbortSignal) {
  const listing = notes.conflicts({ signal });
  isTrue<Same<typeof listing, Listing<Conflict>>>();
  for await (const { id, rev, conflicts: others } of listing) [id, rev, ...others].join();
  (await notes.conflicts()).length.toFixed();
  notes.conflicts((error, all) => all?.[0]?.id.trim());

  const answer = await notes.resolve('milk', (winner, losers) => ({
    ...winner,
    text: losers.map(({ text }) => text).join(),
  }));
  answer?.removed.join();
  await notes.resolve('milk', () => 'winner');
  await notes.resolve('milk', async (_, [loser]) => loser, { signal });
  // @ts-expect-error: there is no such answer
  await notes.resolve('milk', () => 'loser');
}

export async function scans(notes: Couchlet<Note>) {
  for await (const { id, doc } of notes.scan({ include_docs: true, batch_size: 10 })) {
    [id, doc?.text.trim()].join();
  }
  (await notes.scan({ startkey: 'a', limit: 5 }))[0]?.value.rev.trim();
  // @ts-expect-error: allDocs is for keys
  notes.scan({ keys: ['milk'] });
}

async function* documents() {
  yield { text: 'Buy milk', done: false };
}

export async function streams(notes: Couchlet<Note>, signal: AbortSignal) {
  const listing = notes.bulkDocs(documents(), { signal });
  isTrue<Same<typeof listing, Listing<WriteResponse | CouchletError>>>();
  for await (const entry of listing) if ('error' in entry) entry.reason.trim();
  (await notes.bulkDocs({ docs: new Set([{ text: '', done: true }]) })).length.toFixed();
  const plain = notes.bulkDocs([{ text: '', done: true }], { all_or_nothing: true });
  isTrue<Same<typeof plain, Promise<(WriteResponse | CouchletError)[]>>>();
  // @ts-expect-error: the content is checked
  notes.bulkDocs([{ text: 5, done: true }].values());
}

export function validation(notes: Couchlet<Note>) {
  const stop = notes.validate(
    (newDoc, oldDoc, userCtx, secObj) => {
      if (!newDoc._deleted && newDoc.text === oldDoc?.text) throw { forbidden: 'as it was' };
      if (!userCtx.roles.includes(secObj.role)) throw { unauthorized: userCtx.name };
    },
    { userCtx: () => ({ name: 'ann' }), secObj: { role: 'editor' } },
  );
  stop();
  // @ts-expect-error: roles are texts
  notes.validate(() => {}, { userCtx: { roles: [5] } });
}

export async function migration(pouch: object, signal: AbortSignal) {
  const notes = await Couchlet.fromPouchDB<Note>(pouch, {
    name: 'notes',
    adapter: 'memory',
    local_ids: ['settings'],
    onProgress: ({ documents: count, pending, done }) => [count + (pending ?? 0), done],
    signal,
  });
  (await notes.get('milk')).text.trim();
  // @ts-expect-error: a database is needed
  Couchlet.fromPouchDB();
}

export async function givingUp(notes: Couchlet<Note>, signal: AbortSignal) {
  const note = await notes.get('milk', { signal });
  await notes.put(note, { signal });
  await notes.post(note, { signal });
  await notes.remove(note, { signal });
  await notes.remove('milk', note._rev, { signal });
  await notes.allDocs({ signal });
  await notes.bulkGet({ docs: [{ id: 'milk' }], signal });
  await notes.revsDiff({ milk: ['1-a'] }, { signal });
  await notes.info({ signal });
  await notes.compact({ signal });
  await notes.purge('milk', '1-a', { signal });
  await notes.putAttachment('milk', 'photo', '1-a', new Blob([]), 'image/png', { signal });
  await notes.getAttachment('milk', 'photo', { signal });
  await notes.removeAttachment('milk', 'photo', '1-a', { signal });
  // @ts-expect-error: it is the signal, not its controller
  await notes.get('milk', { signal: new AbortController() });
}
