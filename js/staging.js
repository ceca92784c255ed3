// Bytes of attachments on their way into a local database: they are hashed in pieces, so that the
// engine never has more than one in its memory, and wait for the commit that names them.
//
// A small one is stored as bytes, a large one as a Blob: Chromium puts a Blob into a file of its
// own, which costs a small one three times what a record does (docs/performance.md).

const kPieceBytes = 1 << 20;
const kLargestRecord = 60 * 1024; // kMaxRecordBytes, src/store/medium.h

/** @typedef {{number: number, digest: string, length: number}} Staged */

/**
 * @param {import('#engine-module').EngineModule} module
 * @param {import('#engine-module').EngineHost} host
 * @param {number} number that no other has
 * @param {Blob} blob
 * @returns {Promise<Staged>} until unstaged, the engine can store it
 */
export async function stage(module, host, number, blob) {
  let digest;
  let bytes = new Uint8Array();
  try {
    for (let at = 0; at < blob.size; at += kPieceBytes) {
      bytes = new Uint8Array(await blob.slice(at, at + kPieceBytes).arrayBuffer());
      host.bytes = bytes;
      module.updateHash(number);
    }
  } finally {
    host.bytes = new Uint8Array();
    digest = module.finishHash(number);
  }
  host.staged.set(number, blob.size <= kLargestRecord ? bytes : blob);
  return { number, digest, length: blob.size };
}
