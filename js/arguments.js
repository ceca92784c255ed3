// Arguments of calls, in the forms that PouchDB documents: what is there, and what of it is a
// callback, a document, an id.

import { badRequest, idNotAString, missingId, notAnObject, reservedId } from './errors.js';

const kPublicReservedId = /^_(design|local)\//;

/** @param {any} value */
export const isObject = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Takes the trailing callback off a call's arguments, if there is one.
 *
 * @param {any[]} rest
 * @returns {import('./callback.js').Callback | undefined}
 */
export function takeCallback(rest) {
  return typeof rest.at(-1) === 'function' ? rest.pop() : undefined;
}

/**
 * @param {string | Record<string, any>} nameOrOptions
 * @param {Record<string, any>} [options]
 * @returns {Record<string, any>} with the name among them
 */
export function withName(nameOrOptions, options) {
  const named = isObject(nameOrOptions)
    ? /** @type {Record<string, any>} */ (nameOrOptions)
    : { name: nameOrOptions };
  return { ...options, ...named };
}

/** @param {any} document */
export function checkDocument(document) {
  if (!isObject(document)) throw notAnObject();
}

/** @param {any} id */
export function checkId(id) {
  if (typeof id !== 'string') throw id === undefined || id === null ? missingId() : idNotAString();
  if (id === '') throw missingId();
  if (id.startsWith('_') && !kPublicReservedId.test(id)) throw reservedId();
}

/**
 * @param {any} docId
 * @param {any} name
 */
export function checkAttachmentName(docId, name) {
  if (typeof docId !== 'string') throw idNotAString();
  checkId(docId);
  if (typeof name !== 'string' || name === '') throw badRequest('An attachment needs a name');
}
