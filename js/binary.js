// Bytes in the forms that apps have them in: a Blob in browsers, a Buffer in Node (which is what
// apps get, as with PouchDB), any array buffer or view of one, base64 text.

import { badRequest } from './errors.js';

const { Buffer, process } = /** @type {any} */ (globalThis);
const isNode = process?.versions?.node !== undefined && Buffer !== undefined;

/** @typedef {Blob | ArrayBuffer | ArrayBufferView} Binary */

/**
 * @param {unknown} value
 * @returns {value is Binary}
 */
export function isBinary(value) {
  return value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

/**
 * A copy, as it is now. A File becomes a plain Blob: its name is not ours to keep.
 *
 * @param {Binary} binary
 * @param {string} [type]
 */
export function toBlob(binary, type) {
  if (binary instanceof Blob) return binary.slice(0, binary.size, type ?? binary.type);
  return new Blob([/** @type {BlobPart} */ (binary)], { type });
}

/**
 * @param {string} base64
 * @param {string} [type]
 */
export function blobOfBase64(base64, type) {
  let text;
  try {
    text = atob(base64);
  } catch {
    throw badRequest('Attachment is not a valid base64 string');
  }
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return new Blob([bytes], { type });
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
export async function base64Of(blob) {
  if (isNode) return Buffer.from(await blob.arrayBuffer()).toString('base64');
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = /** @type {string} */ (reader.result);
      resolve(url.slice(url.indexOf(',') + 1)); // data:type;base64,…
    };
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/**
 * What an app gets.
 *
 * @param {Blob} blob
 * @returns {Promise<any>} the Blob, in Node a Buffer with its type
 */
export async function forApp(blob) {
  if (!isNode) return blob;
  const buffer = Buffer.from(await blob.arrayBuffer());
  // As with PouchDB; hidden, so that it is equal to a Buffer of the same bytes.
  return Object.defineProperty(buffer, 'type', { value: blob.type });
}
