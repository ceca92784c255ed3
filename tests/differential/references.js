// What an operation can say only when it is run, as each side has its own: a revision that came
// earlier in the sequence, a document as it is now. They stand in an operation's arguments and are
// replaced for each side before the call.

import { inspect } from 'node:util';

import { answerOf } from './answers.js';

const kNoSuchHash = 'e'.repeat(32);

export const kNoSuchRevision = `1-${kNoSuchHash}`;

/** @typedef {import('./revision-pairs.js').Side} Side */

/** A revision of the document, counted back from the newest one that this sequence has seen. */
export class Rev {
  /**
   * @param {string} id
   * @param {number} back
   * @param {string | undefined} otherwise where there is no such revision
   */
  constructor(id, back, otherwise) {
    Object.assign(this, { id, back, otherwise });
  }

  /** @param {Side} side */
  resolve(side) {
    return side.revision(this.id, this.back) ?? this.otherwise;
  }

  [inspect.custom]() {
    return `rev(${inspect(this.id)}, ${this.back})`;
  }
}

/** A document that a replication brings as the successor of a revision that was made here. */
export class Successor {
  /**
   * @param {string} id
   * @param {number} back
   * @param {string} hash of the successor
   * @param {object} body
   */
  constructor(id, back, hash, body) {
    Object.assign(this, { id, back, hash, body });
  }

  /** @param {Side} side */
  resolve(side) {
    const parent = side.revision(this.id, this.back) ?? kNoSuchRevision;
    const [generation, hash] = parent.split('-');
    const start = Number(generation) + 1;
    return {
      _id: this.id,
      _rev: `${start}-${this.hash}`,
      _revisions: { start, ids: [this.hash, hash] },
      ...this.body,
    };
  }

  [inspect.custom]() {
    return `successor(${inspect(this.id)}, ${this.back}, ${this.hash}, ${inspect(this.body)})`;
  }
}

/** The document as `get` answers it, with these members changed; for read, modify, write. */
export class Present {
  /**
   * @param {string} id
   * @param {object} [changes]
   */
  constructor(id, changes = {}) {
    this.id = id;
    this.changes = changes;
  }

  /** @param {Side} side */
  async resolve(side) {
    const { value } = await answerOf(side.database, 'get', [this.id]);
    return { _id: this.id, ...value, ...(await resolved(this.changes, side)) };
  }

  [inspect.custom]() {
    return `{ ...(await get(${inspect(this.id)})), ...${inspect(this.changes)} }`;
  }
}

/** The revision of the document as it is now; none if it isn't there. */
export class PresentRev {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
  }

  /** @param {Side} side */
  async resolve(side) {
    const { value } = await answerOf(side.database, 'get', [this.id]);
    return value?._rev;
  }

  [inspect.custom]() {
    return `(await get(${inspect(this.id)}))?._rev`;
  }
}

/**
 * A copy of a value with references replaced; it can be given away.
 *
 * @param {any} value
 * @param {Side} side
 * @returns {Promise<any>}
 */
export async function resolved(value, side) {
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.resolve === 'function') return value.resolve(side);
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (Array.isArray(value)) {
    const copy = [];
    for (const element of value) copy.push(await resolved(element, side));
    return copy;
  }
  const copy = {};
  for (const [name, member] of Object.entries(value)) copy[name] = await resolved(member, side);
  return copy;
}
