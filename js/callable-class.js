// A class that may be called without `new`, as PouchDB may.

/**
 * @template {new (...args: any[]) => any} T
 * @param {T} Class
 * @returns {T}
 */
export function callable(Class) {
  const Callable = new Proxy(Class, {
    apply: (target, _this, args) => Reflect.construct(target, args),
  });
  Class.prototype.constructor = Callable;
  return Callable;
}
