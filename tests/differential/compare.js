// Every place where two answers differ, but for revisions that are the same ones.

/**
 * @typedef {object} Difference
 * @property {string} path of members, with [] for elements of a list
 * @property {any} ours undefined where there is nothing
 * @property {any} theirs
 */

/**
 * @param {any} ours
 * @param {any} theirs
 * @param {import('./revision-pairs.js').RevisionPairs} pairs
 * @returns {Difference[]}
 */
export function differences(ours, theirs, pairs) {
  /** @type {Difference[]} */
  const found = [];
  walk(ours, theirs, '');
  return found;

  /**
   * @param {any} a
   * @param {any} b
   * @param {string} path
   */
  function walk(a, b, path) {
    if (Object.is(a, b)) {
      if (typeof a === 'string') pairs.areSame(a, b);
    } else if (Array.isArray(a) && Array.isArray(b)) {
      if (a.length !== b.length) found.push({ path: `${path}.length`, ours: a, theirs: b });
      else a.forEach((element, i) => walk(element, b[i], `${path}[]`));
    } else if (isObject(a) && isObject(b)) {
      walkMembers(a, b, path);
    } else if (!pairs.areSame(a, b)) {
      found.push({ path, ours: a, theirs: b });
    }
  }

  /**
   * @param {any} a
   * @param {any} b
   * @param {string} path
   */
  function walkMembers(a, b, path) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    for (const name of names) walk(a[name], b[name], path === '' ? name : `${path}.${name}`);
    const [id, ours, theirs] = [a.id ?? a._id, a.rev ?? a._rev, b.rev ?? b._rev];
    if (typeof id === 'string' && typeof ours === 'string' && typeof theirs === 'string') {
      pairs.add(id, ours, theirs);
    }
  }
}

/** @param {any} value */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
