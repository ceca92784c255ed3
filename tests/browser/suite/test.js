// node:test, as far as the suites in tests/node use it, for a page: suites one after another, tests
// one after another, hooks of the suites around them. runAll() runs what has been described.

/** @typedef {Record<string, Function[]>} Hooks */
/** @typedef {{name: string, body?: Function, entries: any[], hooks: Hooks}} Suite */
/** @typedef {{path: string, error?: string, skipped?: string}} Outcome */

const kPatienceMs = 60_000;

/** @param {string} name @param {Function} [body] @returns {Suite} */
const newSuite = (name, body) => ({
  name,
  body,
  entries: [],
  hooks: { before: [], beforeEach: [], afterEach: [], after: [] },
});

const root = newSuite('');
let current = root;

/** @param {string} name @param {Function} body */
export function describe(name, body) {
  current.entries.push(newSuite(name, body));
}

/** @param {string} name @param {[Function] | [{skip?: boolean | string}, Function]} rest */
export function test(name, ...rest) {
  const [{ skip }, run] = rest.length === 2 ? rest : [{ skip: false }, rest[0]];
  const reason = skip === true ? 'skipped' : skip;
  current.entries.push({ name, run, reason });
}

export default test;
export const it = test;
export const before = (/** @type {Function} */ hook) => current.hooks.before.push(hook);
export const beforeEach = (/** @type {Function} */ hook) => current.hooks.beforeEach.push(hook);
export const afterEach = (/** @type {Function} */ hook) => current.hooks.afterEach.push(hook);
export const after = (/** @type {Function} */ hook) => current.hooks.after.push(hook);

/** What a test gets: skip(), after() and mock.method(), which is undone after it. */
class TestContext {
  /** @type {string | undefined} */
  skipped;
  /** @type {Function[]} */
  undo = [];

  /** @param {string} reason */
  skip(reason) {
    this.skipped = reason;
  }

  /** @param {Function} undo */
  after(undo) {
    this.undo.push(undo);
  }

  mock = {
    /** @param {any} object @param {string} name @param {Function} replacement */
    method: (object, name, replacement) => {
      const original = object[name];
      let calls = 0;
      object[name] = function (/** @type {any[]} */ ...args) {
        calls += 1;
        return replacement.apply(this, args);
      };
      this.undo.push(() => (object[name] = original));
      return { mock: { callCount: () => calls } };
    },
  };
}

/** @param {Function[]} hooks */
async function call(hooks) {
  for (const hook of hooks) await hook();
}

/** @param {Promise<unknown>} promise */
async function inTime(promise) {
  /** @type {any} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('It takes too long')), kPatienceMs);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/**
 * @param {{name: string, run: Function, reason?: string}} entry
 * @param {Suite[]} suites around it
 * @returns {Promise<Outcome>}
 */
async function runTest({ name, run, reason }, suites) {
  const path = [...suites.map((suite) => suite.name), name].filter(Boolean).join(' > ');
  if (reason) return { path, skipped: reason };
  const context = new TestContext();
  /** @type {Outcome} */
  const outcome = { path };
  try {
    for (const { hooks } of suites) await call(hooks.beforeEach);
    await inTime((async () => run(context))());
    outcome.skipped = context.skipped;
  } catch (error) {
    outcome.error = describeError(error);
  }
  for (const undo of context.undo) await undo();
  try {
    for (const { hooks } of suites.toReversed()) await call(hooks.afterEach);
  } catch (error) {
    outcome.error ??= `after it: ${describeError(error)}`;
  }
  return outcome;
}

/** @param {any} error */
const describeError = (error) => `${error?.name}: ${error?.message}\n${error?.stack}`;

/** @param {Suite} suite @param {Suite[]} around @returns {Promise<Outcome[]>} */
async function runSuite(suite, around) {
  const suites = [...around, suite];
  current = suite;
  await suite.body?.();
  await call(suite.hooks.before);
  const outcomes = [];
  for (const entry of suite.entries) {
    if (entry.run) outcomes.push(await runTest(entry, suites));
    else outcomes.push(...(await runSuite(entry, suites)));
  }
  await call(suite.hooks.after);
  return outcomes;
}

/** @returns {Promise<Outcome[]>} */
export const runAll = () => runSuite(root, []);
