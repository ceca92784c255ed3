// What the types promise about the class itself, and about options of calls. Nothing here runs.

import Couchlet from 'couchlet';
import type { ActiveTask, ChangeFilter } from 'couchlet';

interface Note {
  text: string;
}

export function construction() {
  new Couchlet('notes', { adapter: 'indexeddb', deterministic_revs: false, prefix: 'app-' });
  class Notes extends Couchlet<Note> {
    constructor() {
      super('notes');
    }
  }
  new Notes().get('milk').then(({ text }) => text.trim());
}

export async function statics() {
  Couchlet.plugin({
    async count() {
      return (await this.info()).doc_count.toFixed();
    },
  }).plugin((Class) => Class.version.trim());
  (await Couchlet.allDbs()).map((name) => name.trim());
  Couchlet.allDbs((error, names) => error?.status ?? names?.length);
  const names = (task: ActiveTask) => task.name.trim() + (task.completed_items ?? 0).toFixed();
  Couchlet.activeTasks.list().map(names);
  const id = Couchlet.activeTasks.add({ name: 'tidying', total_items: 3 });
  Couchlet.activeTasks.update(id, { completed_items: 1 });
  Couchlet.activeTasks.get(id)?.updated_at?.trim();
  Couchlet.activeTasks.remove(id);
  Couchlet.debug.enable('couchlet:*');
  Couchlet.debug.disable();
  new Couchlet.Headers({ 'X-Tenant': 'seven' });
  Couchlet.once('destroyed', (name) => name.trim()).removeAllListeners('created');
  // @ts-expect-error: there is no such event
  Couchlet.on('opened', () => {});
  // @ts-expect-error: a plugin is an object or a function
  Couchlet.plugin('count');
}

export async function options(notes: Couchlet<Note>) {
  (await notes.id()).trim();
  await notes.put({ _id: 'milk', _rev: '1-a', text: '' }, { force: true });
  await notes.post({ text: '' }, { new_edits: false });
  await notes.remove('milk', { rev: '1-a' });
  await notes.remove({ _id: 'milk' }, { rev: '1-a' });
  // @ts-expect-error: it may be forced or not
  notes.put({ _id: 'milk', text: '' }, { force: 'yes' });
}

export async function filters(notes: Couchlet<Note>) {
  const isDone: ChangeFilter = (document, { query }) => document.done === query.done;
  await notes.changes({ filter: isDone, query_params: { done: true } });
  await notes.changes({ filter: 'notes/done', continuous: true, heartbeat: false, timeout: false });
  await notes.changes({ filter: '_view', view: 'notes/done', seq_interval: 100 });
  await notes.changes({ feed: 'longpoll', since: 'now', timeout: 1000 });
  // @ts-expect-error: there is no such feed
  notes.changes({ feed: 'eventsource' });
  // @ts-expect-error: a filter is a function or a name
  notes.changes({ filter: 5 });
}
