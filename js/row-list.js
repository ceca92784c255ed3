// The rows of a list (allDocs, changes), as the engine hands them over: piece by piece and in any
// order. src/wasm/row_pieces.h tells what a piece is. A row that says nothing but what its document
// says comes as that document.

/** @param {any} doc */
const rowOfDocument = (doc) => ({ id: doc._id, key: doc._id, value: { rev: doc._rev }, doc });

/**
 * @param {number} seq
 * @param {any} doc
 */
const changeOfDocument = (seq, doc) => ({
  seq,
  id: doc._id,
  changes: [{ rev: doc._rev }],
  doc,
});

export class RowList {
  /** @type {any[]} */
  rows = [];

  /** It has so many rows at the least. @param {number} count */
  expect(count) {
    if (count > this.rows.length) this.rows.length = count;
  }

  /** @param {any[]} piece */
  take(piece) {
    for (let i = 0; i < piece.length; ) {
      const place = piece[i];
      if (place < 0) {
        this.rows[-1 - place] = piece[i + 1];
        i += 2;
      } else if (typeof piece[i + 1] === 'number') {
        this.rows[place] = changeOfDocument(piece[i + 1], piece[i + 2]);
        i += 3;
      } else {
        this.rows[place] = rowOfDocument(piece[i + 1]);
        i += 2;
      }
    }
  }

  /**
   * @param {any} others the rest of the answer
   * @returns {any}
   */
  answer(others) {
    const isOfChanges = 'last_seq' in others;
    return isOfChanges ? { results: this.rows, ...others } : { ...others, rows: this.rows };
  }
}
