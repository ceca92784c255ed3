// Every place where two answers differ, but for revisions that are the same ones.

// Leaves of a tree that come in an order that nobody promises: in a row of style=all_docs, among
// conflicts, for open_revs.
const kLeaves = /\.(changes|_conflicts|_deleted_conflicts)$/;

/**
 * @param {string} path
 * @param {any[]} list
 */
function areLeaves(path, list) {
  if (path !== 'value') return kLeaves.test(path);
  return list.every((each) => typeof each.ok === 'object' || each.missing !== undefined);
}

/**
 * @typedef {object} Difference
 * @property {string} path of members
 * @property {any} ours undefined where there is nothing
 * @property {any} theirs
 * @property {any} [around] the object of ours that has this member
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
      walkLists(a, b, path);
    } else if (isObject(a) && isObject(b)) {
      walkMembers(a, b, path);
    } else if (!pairs.areSame(a, b)) {
      found.push({ path, ours: a, theirs: b });
    }
  }

  /** @param {any} leaf in one of the forms in which answers have leaves */
  function keyOf(leaf) {
    return pairs.inOurs(leaf.rev ?? leaf.ok?._rev ?? leaf.missing ?? leaf);
  }

  /**
   * @param {any[]} a
   * @param {any[]} b
   * @param {string} path
   */
  function walkLists(a, b, path) {
    if (a.length !== b.length) {
      found.push({ path: `${path}.length`, ours: a, theirs: b });
    } else if (areLeaves(path, a)) {
      const [leaves, others] = [a, b].map((list) =>
        list.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
      );
      leaves.forEach((leaf, i) => walk(leaf, others[i], `${path}[${i}]`));
    } else {
      a.forEach((element, i) => walk(element, b[i], `${path}[${i}]`));
    }
  }

  /**
   * @param {any} a
   * @param {any} b
   * @param {string} path
   */
  function walkMembers(a, b, path) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    for (const name of names) {
      const before = found.length;
      walk(a[name], b[name], path === '' ? name : `${path}.${name}`);
      found.slice(before).forEach((difference) => (difference.around ??= a));
    }
    const [id, ours, theirs] = [a.id ?? a._id, a.rev ?? a._rev, b.rev ?? b._rev];
    if (typeof id === 'string' && typeof ours === 'string' && typeof theirs === 'string') {
      pairs.add(id, ours, theirs);
    }
  }
}

/** @param {any} value */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
