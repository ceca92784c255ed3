// Calls that are given up: a call with a signal ends with the signal's reason as soon as it is
// aborted, as fetch does. What was asked for may still happen, where it was asked for already.

const noop = () => {};

// AbortSignal has had a reason, and throwIfAborted(), for less long than what else is needed.

/** @param {AbortSignal} signal that is aborted */
const reasonOf = (signal) =>
  signal.reason ?? new DOMException('This call was given up', 'AbortError');

/** @param {AbortSignal | undefined} signal */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw reasonOf(signal);
}

/**
 * Also one of another frame.
 *
 * @param {any} value
 * @returns {value is AbortSignal}
 */
const isSignal = (value) =>
  typeof value?.aborted === 'boolean' && typeof value.addEventListener === 'function';

/**
 * Takes the signal off a call's arguments: a member of the last one, its options. (A document has
 * none: JSON can't hold it.)
 *
 * @param {any[]} args without the callback
 * @returns {AbortSignal | undefined}
 */
export function takeSignal(args) {
  if (!isSignal(args.at(-1)?.signal)) return undefined;
  const { signal, ...options } = args.pop();
  if (Object.keys(options).length > 0) args.push(options);
  return signal;
}

/**
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<T>} call not made if the signal is aborted already
 * @returns {Promise<T>}
 */
export function untilAborted(signal, call) {
  if (!signal) return call();
  if (signal.aborted) return Promise.reject(reasonOf(signal));
  let giveUp = noop;
  const aborted = new Promise((_, reject) => (giveUp = () => reject(reasonOf(signal))));
  signal.addEventListener('abort', giveUp);
  const outcome = (async () => call())();
  return Promise.race([outcome, aborted]).finally(() =>
    signal.removeEventListener('abort', giveUp),
  );
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function pause(milliseconds, signal) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const sleep = () => new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)));
  return untilAborted(signal, sleep).finally(() => clearTimeout(timer));
}
