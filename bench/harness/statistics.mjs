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
