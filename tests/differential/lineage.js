// Revisions that a replication may bring: always the same five branches, so that what comes twice,
// early or with a part of its past fits together. The hashes are chosen: it is known which wins.
//
//   1-0 ─ 2-0 ─ 3-0 ─ 4-0
//    │     ├─── 3-a ─ 4-a
//    │     └─── 3-3 (deleted)
//    └─── 2-5 ─ 3-5 (deleted) ─ 4-5
//   1-f ─ 2-f (deleted)

/** @type {Record<string, {root: number, stem?: string, last: number, deleted: number[]}>} */
const kBranches = {
  0: { root: 1, last: 4, deleted: [] },
  5: { root: 2, stem: '0', last: 4, deleted: [3] },
  a: { root: 3, stem: '0', last: 4, deleted: [] },
  3: { root: 3, stem: '0', last: 3, deleted: [3] },
  f: { root: 1, last: 2, deleted: [2] },
};

/**
 * Of no two revisions alike, as with real ones.
 *
 * @param {string} letter
 * @param {number} generation
 */
function hashOf(letter, generation) {
  // At one end or the other of all hashes: against one that was made of a document's content the
  // order is then the same on both sides.
  const end = letter < 'a' ? '000' : 'fff';
  return `${end}${letter.repeat(28)}${generation}`;
}

/**
 * @param {string} letter
 * @param {number} generation
 */
function history(letter, generation) {
  const hashes = [];
  for (let branch = letter, g = generation; g > 0; g -= 1) {
    while (g < kBranches[branch].root) branch = kBranches[branch].stem;
    hashes.push(hashOf(branch, g));
  }
  return hashes;
}

/** @param {import('./random.js').Random} random */
export function lineageRevision(random) {
  const letter = random.pick(Object.keys(kBranches));
  const { root, last } = kBranches[letter];
  const generation = root + random.below(last - root + 1);
  return { letter, generation, rev: `${generation}-${hashOf(letter, generation)}` };
}

/**
 * What a replication brings in one sequence. A revision comes with as much of its past each time,
 * and only now and then after what descends from it.
 */
export class Replica {
  /** @type {Map<string, Record<string, any>>} by id and revision */
  #brought = new Map();
  /** @type {Set<string>} ids and revisions of which nothing but the id has come */
  #named = new Set();

  /**
   * @param {import('./random.js').Random} random
   * @param {string} id
   */
  documentOf(random, id) {
    let chosen = lineageRevision(random);
    while (this.#named.has(id + chosen.rev) && random.chance(0.97)) {
      chosen = lineageRevision(random);
    }
    const key = id + chosen.rev;
    if (!this.#brought.has(key)) this.#brought.set(key, this.#bring(random, id, chosen));
    return this.#brought.get(key);
  }

  /**
   * @param {import('./random.js').Random} random
   * @param {string} id
   * @param {ReturnType<typeof lineageRevision>} chosen
   */
  #bring(random, id, { letter, generation, rev }) {
    /** @type {Record<string, any>} */
    const document = { _id: id, _rev: rev, text: `${generation} of ${letter}` };
    if (kBranches[letter].deleted.includes(generation)) document._deleted = true;
    if (random.chance(0.7)) {
      const ids = history(letter, generation);
      const known = random.chance(0.7) ? ids.length : 1 + random.below(ids.length);
      document._revisions = { start: generation, ids: ids.slice(0, known) };
      ids.slice(1, known).forEach((hash, i) => {
        const ancestor = `${id}${generation - 1 - i}-${hash}`;
        if (!this.#brought.has(ancestor)) this.#named.add(ancestor);
      });
    }
    return document;
  }
}
