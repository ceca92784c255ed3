// Which revision of one side is which of the other: couchlet's revision ids are CouchDB's and
// differ from PouchDB's. Pairs are learned from answers as they come: what stands in the same place
// and has the same generation is the same revision.
//
// PouchDB makes a hash of the document's id too, and CouchDB doesn't: theirs has one ours, while
// ours may have several of theirs. So a text of theirs is translated to ours and then compared.

const kRevision = /^(\d+)-([0-9a-f]{32})$/;
const kHash = /^[0-9a-f]{32}$/;
const kUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * @typedef {object} Side
 * @property {any} database
 * @property {(id: string, back: number) => string | undefined} revision
 */

export class RevisionPairs {
  /** @type {Map<string, string>} theirs to ours; hashes and generated ids too */
  #ours = new Map();
  /** @type {Map<string, {ours: string, theirs: string}[]>} by document, in order of appearance */
  #ofDocument = new Map();

  /**
   * @param {any} database
   * @param {'ours' | 'theirs'} name
   * @returns {Side}
   */
  side(database, name) {
    return { database, revision: (id, back) => this.#ofDocument.get(id)?.at(-1 - back)?.[name] };
  }

  /**
   * Whether two texts tell the same revision, as far as can be known. Of what is new it is learned.
   *
   * @param {unknown} ours
   * @param {unknown} theirs
   */
  areSame(ours, theirs) {
    if (typeof theirs !== 'string' || typeof ours !== 'string') return false;
    const known = this.#ours.get(theirs);
    if (known !== undefined) return known === ours;
    const areHashes = kHash.test(ours) && kHash.test(theirs);
    const areGeneratedIds = kUuid.test(ours) && kUuid.test(theirs);
    if (areHashes || areGeneratedIds) return this.#learn(ours, theirs);
    const [a, b] = [kRevision.exec(ours), kRevision.exec(theirs)];
    if (!a || !b || a[1] !== b[1]) return false;
    this.#learn(a[2], b[2]);
    return this.#learn(ours, theirs);
  }

  /** @param {string} theirs a revision, or already ours */
  inOurs(theirs) {
    return this.#ours.get(theirs) ?? theirs;
  }

  /**
   * @param {string} id
   * @param {string} ours
   * @param {string} theirs
   */
  add(id, ours, theirs) {
    if (!kRevision.test(ours) || !kRevision.test(theirs)) return;
    if (!this.#ofDocument.has(id)) this.#ofDocument.set(id, []);
    const pairs = this.#ofDocument.get(id);
    if (!pairs.some((pair) => pair.theirs === theirs)) pairs.push({ ours, theirs });
  }

  /**
   * Hashes decide which of two leaves of one generation wins, and theirs may decide otherwise than
   * ours: from there on the two sides may differ.
   */
  areInSameOrder() {
    return [...this.#ofDocument.values()].every((pairs) =>
      pairs.every((a) =>
        pairs.every(
          (b) =>
            generation(a.ours) !== generation(b.ours) ||
            a.ours < b.ours === a.theirs < b.theirs,
        ),
      ),
    );
  }

  /**
   * @param {string} ours
   * @param {string} theirs
   */
  #learn(ours, theirs) {
    this.#ours.set(theirs, ours);
    return true;
  }
}

/** @param {string} revision */
const generation = (revision) => revision.split('-')[0];
