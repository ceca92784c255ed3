// Plugins, as PouchDB has them: an object whose members become methods of all databases (of a class
// and of those that are derived from it), or a function that does with the class as it likes.

import { isObject } from './arguments.js';
import { badRequest } from './errors.js';

/**
 * @param {any} Class
 * @param {any} plugin
 */
export function install(Class, plugin) {
  if (typeof plugin === 'function') {
    plugin(Class);
  } else if (isObject(plugin) && Object.keys(plugin).length > 0) {
    for (const [name, value] of Object.entries(plugin)) {
      // Defined, not assigned: also in the place of what has only a getter.
      Object.defineProperty(Class.prototype, name, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    }
  } else {
    throw badRequest(`Invalid plugin: got "${plugin}", expected an object or a function`);
  }
}
