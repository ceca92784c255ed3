// JSON text out of what an app hands over, with an error that says what is wrong with it.

import { CouchletError } from './errors.js';

/** @param {unknown} value */
export function stringify(value) {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const reason = `This can't be written as JSON: ${/** @type {Error} */ (cause).message}`;
    throw new CouchletError(400, 'bad_request', reason, { cause });
  }
}
