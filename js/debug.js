// Couchlet.debug: shows calls ('couchlet:api') and requests to servers ('couchlet:http') on the
// console, for whoever looks for a mistake.
//
// What is enabled is a list of names, '*' standing for anything: 'couchlet:*', 'couchlet:http'. It
// is remembered in localStorage, as the debug package does it, so that a page can be loaded anew
// with it. In Node, DEBUG=couchlet:* enables it from outside.

const kStorageKey = 'debug';

/** @type {RegExp[]} */
let enabled = [];

/** @param {string} names */
function patternsOf(names) {
  return names
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((name) => name.replace(/^pouchdb:/, 'couchlet:')) // what a PouchDB app says
    .map((name) => name.split('*').map(escape).join('.*'))
    .map((source) => new RegExp(`^${source}$`));
}

/** @param {string} text */
function escape(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** @param {string | null} names */
function remember(names) {
  try {
    if (names === null) globalThis.localStorage.removeItem(kStorageKey);
    else globalThis.localStorage.setItem(kStorageKey, names);
  } catch {
    // There is no storage here: workers, Node, private windows.
  }
}

function remembered() {
  try {
    const { process } = /** @type {any} */ (globalThis);
    return process?.env?.DEBUG ?? globalThis.localStorage.getItem(kStorageKey) ?? '';
  } catch {
    return '';
  }
}

export const debug = {
  /** @param {string} names */
  enable(names) {
    enabled = patternsOf(names);
    remember(names);
  },

  disable() {
    enabled = [];
    remember(null);
  },

  /** @param {string} name */
  enabled: (name) => enabled.some((pattern) => pattern.test(name)),
};

/**
 * @param {'couchlet:api' | 'couchlet:http'} name
 * @param {...unknown} values
 */
export function log(name, ...values) {
  if (enabled.length > 0 && debug.enabled(name)) console.debug(name, ...values);
}

enabled = patternsOf(remembered());
