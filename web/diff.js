// What two texts have in common, by their longest common subsequence of words (to show the
// difference) or lines (to merge).
//
//   diff(words('a b d'), words('a c d'))  →  both 'a ', left 'b', right 'c', both ' d'

/** @typedef {{side: 'both' | 'left' | 'right', text: string}} Piece */

// The table has a cell for each pair of tokens. Beyond this, texts count as entirely different
// between their common beginning and end.
const kMaximumCells = 4_000_000;

/** Words and what is between them, each a token. @param {string} text */
export function words(text) {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** Lines with their line ends. @param {string} text */
export function lines(text) {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/**
 * @param {string[]} left tokens
 * @param {string[]} right tokens
 * @returns {Piece[]} neighbours have different sides
 */
export function diff(left, right) {
  let start = 0;
  while (start < left.length && left[start] === right[start]) start++;
  let end = 0;
  const shorter = Math.min(left.length, right.length) - start;
  while (end < shorter && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
  /** @type {Piece[]} */
  const pieces = [];
  for (const token of left.slice(0, start)) append(pieces, 'both', token);
  diffMiddle(left.slice(start, left.length - end), right.slice(start, right.length - end), pieces);
  for (const token of left.slice(left.length - end)) append(pieces, 'both', token);
  return pieces;
}

/** @param {string[]} left @param {string[]} right @param {Piece[]} pieces */
function diffMiddle(left, right, pieces) {
  const common = commonLengths(left, right);
  const width = right.length + 1;
  let i = 0;
  let j = 0;
  while (common && i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      append(pieces, 'both', left[i++]);
      j++;
    } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) {
      append(pieces, 'left', left[i++]);
    } else {
      append(pieces, 'right', right[j++]);
    }
  }
  while (i < left.length) append(pieces, 'left', left[i++]);
  while (j < right.length) append(pieces, 'right', right[j++]);
}

/**
 * At [i * (right.length + 1) + j]: how many tokens left[i…] and right[j…] have in common.
 * @param {string[]} left @param {string[]} right
 */
function commonLengths(left, right) {
  const width = right.length + 1;
  if ((left.length + 1) * width > kMaximumCells) return undefined;
  const common = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      common[i * width + j] =
        left[i] === right[j]
          ? common[(i + 1) * width + j + 1] + 1
          : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  return common;
}

/** @param {Piece[]} pieces @param {Piece['side']} side @param {string} text */
function append(pieces, side, text) {
  const last = pieces.at(-1);
  if (last?.side === side) last.text += text;
  else pieces.push({ side, text });
}

/**
 * A text to begin merging with: what both have, once, and at each difference first the one side's
 * lines and then the other's.
 * @param {string} left @param {string} right
 */
export function bothTexts(left, right) {
  const pieces = diff(lines(endLine(left)), lines(endLine(right)));
  return pieces.map(({ text }) => text).join('').replace(/\n$/, '');
}

/** @param {string} text */
function endLine(text) {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
