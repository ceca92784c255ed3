// The notes in this browser's database. No page, no network: what is here works anywhere.
//
// Data goes one way. A change is written to the database; the database's changes feed tells of it,
// whoever made it (this window, another one, the server); the feed updates the notes in memory, and
// the page is drawn from those. So an edit of one's own and one from elsewhere take the same path.
//
// Two people, or two windows, can edit the same note at once. If they changed different fields, the
// edits are merged. If both changed the same field, both versions are kept, as a conflict between
// revisions just like one that replication makes, and a person chooses.

import { kContentFields, contentOf, generationOf, isSameContent, noteFrom } from './note.js';

/** @typedef {import('./note.js').Note} Note */
/** @typedef {import('./note.js').Content} Content */
/** @typedef {{id: string, note: Note | undefined, isOwn: boolean}} NoteChange */

export class Notes {
  /** @param {import('couchlet').default} db */
  constructor(db) {
    this.db = db;
    /** @type {Map<string, Note>} */
    this.byId = new Map();
    /** @type {Set<(change: NoteChange) => void>} */
    this.listeners = new Set();
    /** Revisions that this window wrote. @type {Set<string>} */
    this.ownRevisions = new Set();
    /** The note being written: the feed may tell of a write before the write has returned. */
    this.writing = '';
    /** Writes go one at a time, in the order they were asked for. */
    this.lastWrite = Promise.resolve();
  }

  /** Reads all notes, then follows the changes. */
  async open() {
    const { update_seq: since } = await this.db.info();
    const { rows } = await this.db.allDocs({ include_docs: true, conflicts: true });
    for (const { doc } of rows) if (doc && isNote(doc._id)) this.byId.set(doc._id, noteFrom(doc));
    this.feed = this.db
      .changes({ since, live: true, include_docs: true, conflicts: true })
      .on('change', (change) => this.#take(change));
  }

  close() {
    this.feed?.cancel();
  }

  /** @param {string} id */
  get(id) {
    return this.byId.get(id);
  }

  /** All notes, the one edited last first; before it those that somebody wrote without a time. */
  all() {
    const order = (/** @type {Note} */ { edited }) => edited || Infinity;
    const byTime = (/** @type {Note} */ a, /** @type {Note} */ b) =>
      order(a) === order(b) ? (a.id < b.id ? 1 : -1) : order(b) - order(a);
    return [...this.byId.values()].sort(byTime);
  }

  /** @param {(change: NoteChange) => void} listener */
  onChange(listener) {
    this.listeners.add(listener);
  }

  /** @param {import('couchlet').Change<Record<string, any>>} change */
  #take({ id, deleted, doc }) {
    if (!doc || !isNote(id)) return;
    const note = deleted ? undefined : noteFrom(doc);
    if (note) this.byId.set(id, note);
    else this.byId.delete(id);
    const isOwn = this.ownRevisions.has(doc._rev) || this.writing === id;
    for (const listener of this.listeners) listener({ id, note, isOwn });
  }

  /**
   * Saves what a person made of `base`, the note as it was when they began (or a new one, which has
   * no revision). Returns the note as it then is: merged with what others did to it meanwhile.
   * @param {Note} base
   * @param {Content} content
   * @returns {Promise<Note>}
   */
  save(base, content) {
    return this.#inTurn(base.id, () => this.#save(base, content));
  }

  /** @param {Note} base @param {Content} content @returns {Promise<Note>} */
  async #save(base, content) {
    const saved = await this.#put(base, content, base.rev);
    if (saved) return saved;
    const theirs = await this.#read(base.id);
    // Deleted elsewhere: who edits a note wants it.
    if (!theirs) return this.#save({ ...base, rev: '' }, content);
    const merged = mergeFields(base, content, theirs);
    if (merged) return isSameContent(merged, theirs) ? theirs : this.#save(theirs, merged);
    await this.#keepBeside(theirs, base, content);
    return /** @type {Promise<Note>} */ (this.#read(base.id));
  }

  /**
   * Writes the note on top of `rev`; undefined if that isn't the note's revision any more.
   * @param {Note} base @param {Content} content @param {string} rev
   */
  async #put(base, content, rev) {
    const stored = { _id: base.id, ...(rev && { _rev: rev }), ...documentOf(base, content) };
    try {
      const { rev: written } = await this.db.put(stored);
      this.ownRevisions.add(written);
      return noteFrom({ ...stored, _rev: written });
    } catch (error) {
      if (/** @type {any} */ (error).status === 409) return undefined;
      throw error;
    }
  }

  /**
   * Stores a second version, made from `base` apart from `theirs`, as a conflicting revision.
   * @param {Note} theirs @param {Note} base @param {Content} content
   */
  async #keepBeside(theirs, base, content) {
    const { _revisions } = await this.db.get(theirs.id, { rev: theirs.rev, revs: true });
    const history = _revisions?.ids ?? [];
    const shared = history.indexOf(base.rev.split('-')[1]);
    const ids = [randomRevisionHash(), ...(shared < 0 ? [] : history.slice(shared))];
    const start = generationOf(base.rev) + 1;
    const revision = { _rev: `${start}-${ids[0]}`, _revisions: { start, ids } };
    const stored = { _id: base.id, ...revision, ...documentOf(base, content) };
    await this.db.bulkDocs([stored], { new_edits: false });
  }

  /** @param {string} id @returns {Promise<Note | undefined>} */
  async #read(id) {
    try {
      return noteFrom(await this.db.get(id, { conflicts: true }));
    } catch (error) {
      if (/** @type {any} */ (error).status === 404) return undefined;
      throw error;
    }
  }

  /**
   * Deletes a note with all its versions. Returns the note, for `restore`.
   * @param {string} id
   * @returns {Promise<Note | undefined>}
   */
  remove(id) {
    return this.#inTurn(id, async () => {
      const note = await this.#read(id);
      if (note) await this.#removeRevisions(id, [...note.conflicts, note.rev]);
      return note;
    });
  }

  /** Brings a deleted note back. @param {Note} note @returns {Promise<Note>} */
  restore(note) {
    return this.save({ ...note, rev: '' }, contentOf(note));
  }

  /**
   * All versions of a note: the one shown everywhere first, then those in conflict with it.
   * @param {Note} note
   * @returns {Promise<Note[]>}
   */
  versions(note) {
    const revisions = [note.rev, ...note.conflicts];
    return Promise.all(
      revisions.map(async (rev) => noteFrom(await this.db.get(note.id, { rev }))),
    );
  }

  /**
   * Ends a conflict: `content` becomes the note, and of the versions that were looked at the others
   * go. A version that came meanwhile stays, and is shown as a conflict again.
   * @param {Note[]} versions as `versions` returned them
   * @param {Content} content
   */
  resolve([winner, ...others], content) {
    return this.#inTurn(winner.id, async () => {
      if (!isSameContent(winner, content)) await this.#save(winner, content);
      await this.#removeRevisions(winner.id, others.map(({ rev }) => rev));
    });
  }

  /** @param {string} id @param {string[]} revisions leaves, the winning one last */
  async #removeRevisions(id, revisions) {
    for (const rev of revisions) {
      const removed = await this.db.remove(id, rev);
      this.ownRevisions.add(removed.rev);
    }
  }

  /**
   * @template T
   * @param {string} id
   * @param {() => Promise<T>} write
   * @returns {Promise<T>}
   */
  #inTurn(id, write) {
    const done = this.lastWrite.then(() => {
      this.writing = id;
      return write();
    });
    this.lastWrite = done.then(() => {}, () => {}).then(() => void (this.writing = ''));
    return done;
  }
}

/** A design document is the server's business. @param {string} id */
function isNote(id) {
  return !id.startsWith('_design/');
}

/** @param {Note} base @param {Content} content */
function documentOf(base, content) {
  return { ...base.document, ...content, edited: new Date().toISOString() };
}

/**
 * Both people's changes together; undefined if both changed the same field, differently.
 * @param {Content} base @param {Content} mine @param {Content} theirs
 * @returns {Content | undefined}
 */
export function mergeFields(base, mine, theirs) {
  const merged = contentOf(/** @type {Note} */ (theirs));
  for (const field of kContentFields) {
    if (mine[field] === base[field] || mine[field] === theirs[field]) continue;
    if (theirs[field] !== base[field]) return undefined;
    Object.assign(merged, { [field]: mine[field] });
  }
  return merged;
}

/** As long as the hashes that CouchDB makes. */
function randomRevisionHash() {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
