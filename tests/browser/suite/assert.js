// node:assert/strict, as far as the suites in tests/node use it, for a page.

class AssertionError extends Error {
  name = 'AssertionError';
}

/** @param {any} value */
function shown(value) {
  if (value instanceof RegExp || typeof value === 'function') return String(value);
  if (value instanceof Error) return `${value} ${JSON.stringify(value)}`;
  return JSON.stringify(value);
}

/** @param {string} [message] @param {string} [detail] @returns {never} */
function fail(message, detail = '') {
  throw new AssertionError([message, detail].filter(Boolean).join(': '));
}

/** @param {any} a @param {any} b */
function isDeepEqual(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof Set || a instanceof Map) return isDeepEqual([...a], [...b]);
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && isDeepEqual(a[name], b[name]));
}

/**
 * @param {any} value @param {any} expected a part of the error, a pattern, a function, a class
 */
function checkError(value, expected, message = '') {
  if (expected === undefined) return;
  if (expected instanceof RegExp) {
    if (!expected.test(String(value))) fail(message, `${shown(value)} is not ${expected}`);
  } else if (typeof expected === 'function') {
    const isClass = expected.prototype !== undefined && value instanceof expected;
    if (!isClass && expected(value) !== true) fail(message, `not this error: ${shown(value)}`);
  } else {
    for (const [name, part] of Object.entries(expected)) {
      const actual = value?.[name];
      const isIt = part instanceof RegExp ? part.test(actual) : isDeepEqual(actual, part);
      if (!isIt) fail(message, `${name} is ${shown(actual)}, not ${shown(part)}`);
    }
  }
}

/** @param {any} value @param {string} [message] */
function assert(value, message) {
  if (!value) fail(message, `${shown(value)} is not truthy`);
}

const methods = {
  ok: assert,

  /** @param {string} [message] */
  fail: (message) => fail(message ?? 'failed'),

  /** @param {any} a @param {any} b @param {string} [message] */
  equal(a, b, message) {
    if (!Object.is(a, b)) fail(message, `${shown(a)} is not ${shown(b)}`);
  },

  /** @param {any} a @param {any} b @param {string} [message] */
  notEqual(a, b, message) {
    if (Object.is(a, b)) fail(message, `${shown(a)} is no other`);
  },

  /** @param {any} a @param {any} b @param {string} [message] */
  deepEqual(a, b, message) {
    if (!isDeepEqual(a, b)) fail(message, `${shown(a)} is not like ${shown(b)}`);
  },

  /** @param {any} a @param {any} b @param {string} [message] */
  notDeepEqual(a, b, message) {
    if (isDeepEqual(a, b)) fail(message, `${shown(a)} is like the other`);
  },

  /** @param {string} text @param {RegExp} pattern @param {string} [message] */
  match(text, pattern, message) {
    if (!pattern.test(text)) fail(message, `${shown(text)} does not match ${pattern}`);
  },

  /** @param {string} text @param {RegExp} pattern @param {string} [message] */
  doesNotMatch(text, pattern, message) {
    if (pattern.test(text)) fail(message, `${shown(text)} matches ${pattern}`);
  },

  /** @param {Function} run @param {any} [expected] @param {string} [message] */
  throws(run, expected, message) {
    try {
      run();
    } catch (error) {
      return checkError(error, expected, message);
    }
    fail(message, 'nothing was thrown');
  },

  /**
   * @param {any} promise or a function that gives one
   * @param {any} [expected] @param {string} [message]
   */
  async rejects(promise, expected, message) {
    try {
      await (typeof promise === 'function' ? promise() : promise);
    } catch (error) {
      return checkError(error, expected, message);
    }
    fail(message, 'it was not rejected');
  },
};

export default Object.assign(assert, methods);
