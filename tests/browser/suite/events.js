// Of node:events, for a page: the values of the next event; an 'error' event is a rejection.

/** @param {any} emitter @param {string} event @returns {Promise<any[]>} */
export function once(emitter, event) {
  return new Promise((resolve, reject) => {
    emitter.once(event, (/** @type {any[]} */ ...values) => resolve(values));
    if (event !== 'error') emitter.once('error', reject);
  });
}
