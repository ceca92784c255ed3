// What a sync has sent and what isn't settled: documents that the server has refused and, with
// split remotes, those that went into one database and have not been taken over into the other one,
// from which they come back. It is kept in a local document, so that it is known again at once after
// a restart, with or without a network:
//
//   { documents: { id: { revs: [rev, …], reason: why it was refused, if it was }, … } }
//
// What is edited again is not about these revisions any more, and is forgotten here: it waits to be
// sent, or is told of anew.

import { nothingIfMissing } from './errors.js';

/** @typedef {import('./local-database.js').LocalDatabase} LocalDatabase */
/** @typedef {import('./replication.js').Database} Database */
/** @typedef {{revs: string[], reason?: string}} Sent */
/** @typedef {Record<string, Sent>} SentById */
/** @typedef {(documents: SentById, database: LocalDatabase) => unknown} Change */
/**
 * @typedef {(revisions: Record<string, string[]>) => Promise<Record<string, object>>} FindMissing
 */

const kNever = new AbortController().signal;
const noop = () => {};

export class SentDocuments {
  /** How many there are, as far as it is known here. */
  count = 0;
  #local;
  #id;
  #changed;
  /** @type {Promise<unknown>} one after another */
  #turn = Promise.resolve();

  /**
   * @param {Database} local
   * @param {{push: Database, pull: Database}} remotes
   * @param {() => void} changed called when the count may have changed
   */
  constructor(local, remotes, changed) {
    this.#local = local;
    this.#id = `_local/couchlet-sent ${remotes.push.name()} ${remotes.pull.name()}`;
    this.#changed = changed;
  }

  /** Reads what an earlier session has left. */
  load() {
    this.#change(() => {}).catch(noop);
  }

  /** Resolves when all that was told has been stored, or could not be. */
  async stored() {
    await this.#turn;
  }

  /**
   * They are not in the database that they are to come back from.
   *
   * @param {Record<string, string[]>} revisions by document id
   */
  sent(revisions) {
    const store = (/** @type {SentById} */ documents) => {
      for (const [id, revs] of Object.entries(revisions)) documents[id] = { revs };
    };
    this.#change(store).catch(noop);
  }

  /** @param {{id?: string, rev?: string, reason: string}} refusal */
  refused({ id, rev, reason }) {
    if (id === undefined) return;
    /** @type {Change} */
    const store = async (documents, database) => {
      const known = documents[id]?.revs;
      const revs = rev ? [rev] : (known ?? (await leavesOf(database, [id]))[id] ?? []);
      documents[id] = { revs, reason };
    };
    this.#change(store).catch(noop);
  }

  /**
   * Forgets what has arrived.
   *
   * @param {FindMissing} findMissing asks the database that they are to come back from
   */
  async settle(findMissing) {
    await this.#change(async (documents, database) => {
      await forgetEdited(documents, database);
      const entries = Object.entries(documents);
      if (entries.length === 0) return;
      const missing = await findMissing(
        Object.fromEntries(entries.map(([id, { revs }]) => [id, revs])),
      );
      for (const [id] of entries) if (!missing[id]) delete documents[id];
    });
  }

  /** @returns {Promise<SentById>} */
  async list() {
    /** @type {SentById} */
    let listed = {};
    await this.#change(async (documents, database) => {
      await forgetEdited(documents, database);
      listed = { ...documents };
    });
    return listed;
  }

  /** @param {Change} change */
  #change(change) {
    const done = this.#turn.then(() => this.#store(change));
    this.#turn = done.catch(noop); // the next one is not about that
    return done;
  }

  /** @param {Change} change */
  async #store(change) {
    const database = await this.#local.database();
    const id = this.#id;
    if (database.adapter === 'http') return; // nobody waits there
    for (;;) {
      const stored = await read(database, id);
      const documents = { ...stored.documents };
      await change(documents, database);
      if (JSON.stringify(documents) === JSON.stringify(stored.documents)) {
        return this.#tell(documents);
      }
      try {
        await database.put(id, { ...stored, documents });
        return this.#tell(documents);
      } catch (error) {
        // Another tab was faster: decide again.
        if (/** @type {any} */ (error).status !== 409) throw error;
      }
    }
  }

  /** @param {SentById} documents */
  #tell(documents) {
    this.count = Object.keys(documents).length;
    this.#changed();
  }
}

/**
 * @param {LocalDatabase} database
 * @param {string} id
 * @returns {Promise<{_id: string, documents: SentById}>}
 */
async function read(database, id) {
  const kept = await database.get(id, {}).catch(nothingIfMissing);
  return kept ?? { _id: id, documents: {} };
}

/**
 * @param {LocalDatabase} database
 * @param {string[]} ids
 * @returns {Promise<Record<string, string[]>>}
 */
async function leavesOf(database, ids) {
  const { results } = await database.changes({ doc_ids: ids, style: 'all_docs' }, kNever);
  return Object.fromEntries(
    results.map((/** @type {any} */ { id, changes }) => [
      id,
      changes.map((/** @type {any} */ { rev }) => rev),
    ]),
  );
}

/**
 * @param {SentById} documents
 * @param {LocalDatabase} database
 */
async function forgetEdited(documents, database) {
  const ids = Object.keys(documents);
  if (ids.length === 0) return;
  const leaves = await leavesOf(database, ids);
  for (const id of ids) {
    const revs = documents[id].revs.filter((rev) => leaves[id]?.includes(rev));
    if (revs.length === 0) delete documents[id];
    else documents[id] = { ...documents[id], revs };
  }
}
