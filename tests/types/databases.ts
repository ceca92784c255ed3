// What the types promise about databases and replication. Nothing here runs.

import Couchlet from 'couchlet';
import type { Replication, Sync } from 'couchlet';

interface Note {
  text: string;
}

export function construction() {
  new Couchlet('notes');
  new Couchlet<Note>('notes', { adapter: 'memory', revs_limit: 10, durability: 'strict' });
  new Couchlet({ name: 'notes', adapter: 'idb' });
  new Couchlet('notes', { cacheSize: 2 ** 24, memtableSize: 2 ** 20, persist: true });
  new Couchlet('https://couch.example/notes', {
    auth: { username: 'ann', password: 'secret' },
    skip_setup: true,
    fetch(url, init) {
      init.headers.set('X-Tenant', 'seven');
      return Couchlet.fetch(url, init);
    },
  });
  new Couchlet('https://couch.example/notes', { auth: { headers: { Authorization: 'Bearer a' } } });
  new Couchlet('https://couch.example/notes', {
    auth: async ({ again }) => (again ? { username: 'ann', password: 'secret' } : undefined),
  });
  // @ts-expect-error: that is no login
  new Couchlet('https://couch.example/notes', { auth: () => 'ann' });
  const InMemory = Couchlet.defaults({ adapter: 'memory' });
  new InMemory<Note>('notes').get('milk').then(({ text }) => text.trim());

  // @ts-expect-error: a name is needed
  new Couchlet();
  // @ts-expect-error: there is no such adapter
  new Couchlet('notes', { adapter: 'websql' });
}

export async function space(notes: Couchlet<Note>) {
  new Couchlet('notes', { auto_compaction: true });
  const { ok } = await notes.compact({ interval: 1000 });
  notes.compact((error, answer) => error?.status ?? answer?.ok === ok);
  const { deletedRevs: revs, documentWasRemovedCompletely: isGone } = await notes.purge('a', '1-a');
  revs.map((rev) => rev.trim()).includes(String(isGone));
  const { lost_revisions: lost, lost_documents: ids } = await notes.repair();
  ids.push(...lost.map(({ id }) => id));
  const { sizes } = await notes.info();
  sizes?.external.toFixed();
  // @ts-expect-error: a revision is needed
  notes.purge('a');
}

export function databaseEvents(notes: Couchlet<Note>) {
  notes.once('created', (database) => database.name).on('destroyed', () => {});
  Couchlet.on('created', (name) => name.trim());
  Couchlet.version.trim();
}

export async function status(notes: Couchlet<Note>) {
  const sync = notes.sync('https://couch.example/notes', { live: true });
  sync.on('status', ({ state, pending }) => state === 'offline' && pending.push?.toFixed());
  sync.push.on('status', ({ pending, lastSynced }) => pending ?? lastSynced?.toFixed());
  sync.wake();
  const split = notes.sync({ push: 'https://couch.example/inbox', pull: notes }, { live: true });
  for (const { id, state, reason } of await split.pendingDocs()) {
    id.padEnd(state === 'refused' ? (reason?.length ?? 0) : split.status.pending.unsettled);
  }
  const resolving = notes.sync('https://couch.example/notes', {
    resolve: (id, leaves) => (leaves.length > 2 ? 'winner' : { ...leaves[0], text: id }),
  });
  resolving.on('resolved', ({ removed }) => removed.length);
  resolving.on('unresolved', ({ id, error }) => [id, error.message]);
  // @ts-expect-error: a policy is a function
  notes.sync('https://couch.example/notes', { resolve: 'winner' });
  // @ts-expect-error: where to read from?
  notes.sync({ push: notes });
  sync.status.lastError?.status.toFixed();
  (await notes.pendingChanges('https://couch.example/notes', { doc_ids: ['milk'] })).toFixed();
  notes.pendingChanges(notes, (error, count) => error?.status ?? count?.toFixed());
  // @ts-expect-error: a remote is needed
  notes.pendingChanges();
}

export async function replication(notes: Couchlet<Note>) {
  const push: Replication<Note> = notes.replicate.to('https://couch.example/notes');
  push
    .on('change', ({ docs, docs_written: written }) => [docs?.[0]?.text.trim(), written.toFixed()])
    .on('active', () => {})
    .on('paused', (error) => error?.status)
    .on('denied', (error) => error.id)
    .on('complete', ({ status }) => status === 'cancelled')
    .on('error', (error) => error.reason);
  const { docs_read: read } = await push;
  read.toFixed();

  notes.replicate.from(new Couchlet('elsewhere'), { live: true, retry: true, doc_ids: ['milk'] });
  notes.replicate.from('https://couch.example/notes', { live: true, feed: 'continuous' });
  // @ts-expect-error: a live one has no such feed
  notes.replicate.from('https://couch.example/notes', { live: true, feed: 'normal' });
  Couchlet.replicate('here', 'there', { since: 0, checkpoint: 'target' }).cancel();
  // @ts-expect-error: not a database
  notes.replicate.to(5);
}

export async function syncing(notes: Couchlet<Note>, signal: AbortSignal) {
  const sync: Sync<Note> = notes.sync('https://couch.example/notes', {
    live: true,
    retry: true,
    push: { batch_size: 10 },
    signal,
  });
  sync.on('change', ({ direction, change }) => direction === 'push' && change.docs_written);
  sync.on('active', ({ direction }) => direction);
  sync.on('denied', ({ doc }) => doc.reason);
  sync.push.on('paused', () => {});
  for await (const { change } of sync) change.docs?.[0]?.text.trim();
  const { pull } = await Couchlet.sync('here', 'there');
  pull.end_time.trim();
}
