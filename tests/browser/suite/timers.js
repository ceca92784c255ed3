// Of node:timers/promises, for a page.

/** @param {number} milliseconds @param {any} [value] */
export const setTimeout = (milliseconds, value) =>
  new Promise((resolve) => globalThis.setTimeout(resolve, milliseconds, value));
