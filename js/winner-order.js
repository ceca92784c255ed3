// The order in which the leaves of a document that are alive would win: the longer history, then the
// higher digest. Every replica has the same.

/**
 * For sort(): the one that wins first.
 *
 * @param {string} a
 * @param {string} b
 */
export function inWinnerOrder(a, b) {
  const generations = Number.parseInt(b, 10) - Number.parseInt(a, 10);
  if (generations !== 0) return generations;
  return a > b ? -1 : Number(a < b);
}
