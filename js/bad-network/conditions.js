// The conditions on a bad network: what they are by themselves, and what they may be. A condition
// that is quietly not obeyed would make a test pass that should not.

/**
 * @typedef {object} Conditions
 * @property {number} seed
 * @property {number} latency milliseconds each way
 * @property {number} jitter milliseconds that a way may be longer or shorter
 * @property {number} rate bytes a second each way, of all requests together; 0: no limit
 * @property {number} drop the part of requests that never reach the server
 * @property {number} lose the part of answers that are lost after the server has acted
 * @property {number} cut the part of requests whose body, or whose answer's, ends in the middle
 * @property {number} stall the part of requests that nothing is heard of any more
 * @property {number} busy the part of requests that are answered with 503 or 429
 * @property {number} retryAfter seconds that these ask for; 0: they don't ask
 * @property {number} idle milliseconds without a byte after which an answer is cut; 0: never
 * @property {boolean} portal every request is answered with a captive portal's page
 * @property {boolean} offline
 */

/** @type {Conditions} */
export const kGood = {
  seed: 1,
  latency: 0,
  jitter: 0,
  rate: 0,
  drop: 0,
  lose: 0,
  cut: 0,
  stall: 0,
  busy: 0,
  retryAfter: 0,
  idle: 0,
  portal: false,
  offline: false,
};

/** @typedef {'drop' | 'lose' | 'cut' | 'stall' | 'busy'} Fault */

/** @type {Fault[]} what can happen to a request, at most one of them to each */
export const kFaults = ['drop', 'lose', 'cut', 'stall', 'busy'];

/** @param {string} reason */
const badCondition = (reason) => new TypeError(`A bad network's ${reason}`);

/**
 * @param {Conditions} present
 * @param {Record<string, unknown>} given members that aren't conditions don't matter
 * @returns {Conditions} the present ones, with those that were given
 */
export function changedConditions(present, given) {
  /** @type {Record<string, unknown>} */
  const changed = { ...present };
  for (const [name, good] of Object.entries(kGood)) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== typeof good) throw badCondition(`'${name}' must be a ${typeof good}`);
    if (typeof value === 'number') checkNumber(name, value);
    changed[name] = value;
  }
  const conditions = /** @type {Conditions} */ (changed);
  const sum = kFaults.reduce((total, fault) => total + conditions[fault], 0);
  if (sum > 1) throw badCondition(`${kFaults.join(' + ')} must be at most 1, not ${sum}`);
  return conditions;
}

/**
 * @param {string} name
 * @param {number} value
 */
function checkNumber(name, value) {
  const isPart = kFaults.includes(/** @type {Fault} */ (name));
  if (value >= 0 && value <= (isPart ? 1 : Number.MAX_SAFE_INTEGER)) return;
  if (name === 'seed' && Number.isFinite(value)) return;
  throw badCondition(`'${name}' must be ${isPart ? 'from 0 to 1' : '0 or more'}, not ${value}`);
}
