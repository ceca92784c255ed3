// What the server hasn't got. First, the notes that wait: those in the changes feed after the last
// sequence that replication has pushed.
//
//   sequence:  1 … 40 | 41 42 43        "2 changes waiting", if 41 and 43 are the same note and
//                pushed ^                42 is one that was just pulled from the server
//
// A pulled note has a new local sequence too, but its revision came from the server, so it isn't
// waiting. Second, the notes that the server refused: replication goes on without them, until they
// are changed.
//
// Both are kept in a `_local` document, which lives and dies with the database and is never
// replicated: after a reload without a network all is known at once.

/** @typedef {import('couchlet').Sequence} Sequence */
/**
 * @typedef {object} Mark
 * @property {Sequence} pushed how far was pushed
 * @property {number} at when both sides were last known to be the same; 0 if never
 * @property {Record<string, string>} refused why, by the note's id
 */

const kMarkId = '_local/note-book-pushed';

export class Waiting {
  /** @param {import('couchlet').default} db */
  constructor(db) {
    this.db = db;
    /** @type {Mark} */
    this.mark = { pushed: 0, at: 0, refused: {} };
    /** Ids with revisions that came from the server in this session. @type {Set<string>} */
    this.pulled = new Set();
  }

  async open() {
    const { pushed, at, refused } = (await this.#stored()) ?? this.mark;
    this.mark = { pushed, at, refused };
  }

  /**
   * Everything up to this sequence is on the server.
   * @param {Sequence} pushed
   * @param {number} [at] the time, if that makes both sides the same
   */
  async pushedTo(pushed, at = this.mark.at) {
    this.mark = { ...this.mark, pushed, at };
    await this.#store();
  }

  /** @param {string} id @param {string} reason the server's */
  async refuse(id, reason) {
    this.mark.refused[id] = reason;
    await this.#store();
  }

  /** The note has changed, so the server will be asked again. @param {string} id */
  async forgetRefusal(id) {
    if (!(id in this.mark.refused)) return;
    delete this.mark.refused[id];
    await this.#store();
  }

  /** @returns {Promise<void>} */
  async #store() {
    const stored = await this.#stored();
    try {
      await this.db.put({ _id: kMarkId, ...(stored && { _rev: stored._rev }), ...this.mark });
    } catch (error) {
      if (/** @type {any} */ (error).status !== 409) throw error;
      // Stored at the same time, here or in another window: the last one counts.
      await this.#store();
    }
  }

  /** These came from the server. @param {{_id: string, _rev: string}[]} documents */
  pulledFrom(documents) {
    for (const { _id, _rev } of documents) this.pulled.add(`${_id} ${_rev}`);
  }

  /** @returns {Promise<Set<string>>} ids of the notes that wait */
  async ids() {
    const { results } = await this.db.changes({ since: this.mark.pushed, style: 'all_docs' });
    const waiting = results.filter(({ id, changes }) =>
      changes.some(({ rev }) => !this.pulled.has(`${id} ${rev}`)),
    );
    return new Set(waiting.map(({ id }) => id));
  }

  /** @returns {Promise<(Mark & {_rev: string}) | undefined>} */
  async #stored() {
    try {
      const { _rev, pushed, at, refused = {} } = await this.db.get(kMarkId);
      return { _rev, pushed, at, refused };
    } catch (error) {
      if (/** @type {any} */ (error).status === 404) return undefined;
      throw error;
    }
  }
}
