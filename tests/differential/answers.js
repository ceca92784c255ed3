// What a call answers, made comparable: a value, or a failure with all that an app can see of it.

import process from 'node:process';

// PouchDB has calls that never answer.
const kPatienceMs = 2000;

// … and some that throw where nobody can catch it, perhaps after they have answered.
/** @type {((error: unknown) => void) | null} */
let onCrash = null;
/** @type {unknown} */
let lateCrash;
process.on('uncaughtException', (error) => {
  if (!/pouchdb/.test(String(error?.stack))) {
    console.error(error); // it is ours
    process.exit(1);
  }
  if (onCrash) onCrash(error);
  else lateCrash = error;
});

/** What PouchDB has thrown since the last time, after it had answered. */
export function takeLateCrash() {
  const crash = lateCrash;
  lateCrash = undefined;
  return crash;
}

/**
 * @param {any} database
 * @param {string} call
 * @param {any[]} args
 */
export async function answerOf(database, call, args) {
  let answer;
  try {
    answer = database[call](...args);
  } catch (error) {
    return { thrown: failure(error) };
  }
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, kPatienceMs, { never: true });
    const end = (/** @type {object} */ outcome) => {
      clearTimeout(timer);
      onCrash = null;
      resolve(outcome);
    };
    onCrash = (error) => end({ crashed: String(error) });
    Promise.resolve(answer).then(
      (value) => end({ value: plain(value) }),
      (error) => end({ rejected: failure(error) }),
    );
  });
}

/** @param {any} error */
function failure(error) {
  if (!(error instanceof Error)) return { isError: false, value: plain(error) };
  const { status, name, message, reason, docId, id, error: flag, missing } = /** @type {any} */ (
    error
  );
  return { isError: true, status, name, message, reason, docId, id, error: flag, missing };
}

/** @param {any} value a copy of it with failures and bytes in it in plain form */
export function plain(value) {
  if (value instanceof Error) return failure(value);
  if (Buffer.isBuffer(value)) return { buffer: value.toString('base64') };
  if (value instanceof Blob) return { blob: value.size, type: value.type };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
