// Medians, and what one peer's measurements say about another's.

/** @param {number[]} values not empty */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @param {number[]} values
 * @returns {{median: number, low: number, high: number} | undefined} undefined for no values
 */
export function summary(values) {
  if (values.length === 0) return undefined;
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/**
 * How many times `peer` is of `base`, round by round. The rounds of one run share what else the
 * machine was doing, so the ratio of a round says more than that of two medians.
 *
 * @param {(number | undefined)[]} peer by round
 * @param {(number | undefined)[]} base by round
 */
export function ratios(peer, base) {
  const found = [];
  for (const [round, value] of peer.entries()) {
    const other = base[round];
    if (value !== undefined && other) found.push(value / other);
  }
  return summary(found);
}

/**
 * The value that the share `at` of all values is not above.
 *
 * @param {number[]} values not empty
 * @param {number} at 0 to 1
 */
export function percentile(values, at) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(at * sorted.length) - 1)];
}

/**
 * For the order of the rounds: nobody is always the first.
 *
 * @template T
 * @param {T[]} items
 * @param {number} by
 */
export const rotated = (items, by) => items.map((_, i) => items[(i + by) % items.length]);
