// Arguments of calls, in the forms that PouchDB documents: what is there, and what of it is a
// callback, a document, an id.

import { badRequest, idNotAString, missing, missingId, notAnObject, reservedId } from './errors.js';

const kPublicReservedId = /^_(design|local)\//;

/**
 * One that gets its id from the database if it has none.
 *
 * @param {any} document
 */
export function withIdOrNone(document) {
  checkDocument(document);
  if (document._id === null) {
    const { _id, ...nameless } = document;
    return nameless;
  }
  if (document._id !== undefined && typeof document._id !== 'string') throw idNotAString();
  return document;
}

/** @param {string} id */
const isReserved = (id) => id.startsWith('_') && !kPublicReservedId.test(id);

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
  if (isReserved(id)) throw reservedId(id);
}

/**
 * Of a document to read: with another name there can be none.
 *
 * @param {any} id
 */
export function checkIdToRead(id) {
  if (typeof id !== 'string') throw idNotAString();
  if (id === '' || isReserved(id)) throw missing(id);
}

/** @param {any} name */
export function checkAttachmentName(name) {
  if (typeof name !== 'string' || name === '') throw badRequest('An attachment needs a name');
}
