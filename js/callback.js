// Trailing callbacks, Node's way: callback(error, result). The promise is returned as well, and a
// failure that went to a callback doesn't count as an unhandled rejection.

/** @typedef {(error: any, result?: any) => void} Callback */

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {Callback | undefined} callback
 * @returns {Promise<T>}
 */
export function withCallback(promise, callback) {
  if (typeof callback === 'function') {
    promise.then(
      (result) => call(callback, null, result),
      (error) => call(callback, error),
    );
  }
  return promise;
}

/**
 * An exception of the callback is its author's to see (an uncaught error), not the promise's.
 *
 * @param {Callback} callback
 * @param {unknown[]} outcome
 */
function call(callback, ...outcome) {
  try {
    /** @type {Function} */ (callback)(...outcome);
  } catch (exception) {
    throwUncaught(exception);
  }
}

/** @param {unknown} exception */
export function throwUncaught(exception) {
  queueMicrotask(() => {
    throw exception;
  });
}
