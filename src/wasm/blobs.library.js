// Attachments on this side of the module: Blobs that never go through its memory, but in the pieces
// that the engine asks for. A small one is kept as its bytes: js/staging.js says why.
//
// A medium registers here where its blobs are: read(key) resolves to a Blob or bytes, or to
// undefined. Those of the databases in memory are on shelves (memory_shelf.h), one for each.
addToLibrary({
  // By the medium's address.
  $couchletBlobSources: 'new Map()',

  $couchletLargestRecord: '60 * 1024', // kMaxRecordBytes, store/medium.h

  // What is stored of bytes in the module's memory. A part of a Blob is read without the rest.
  $couchletBlobOf__deps: ['$couchletLargestRecord'],
  $couchletBlobOf(at, length) {
    const bytes = HEAPU8.slice(at, at + length);
    return length > couchletLargestRecord ? new Blob([bytes]) : bytes;
  },

  // Part of a blob as bytes, or undefined.
  $couchletBlobPart: async (blob, offset, length) => {
    if (!(blob instanceof Blob)) return blob?.subarray(offset, offset + length);
    return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
  },

  // Answers a request of js/engine.js with the whole Blob, or undefined.
  couchlet_blob_give__deps: ['$couchletBlobSources', '$couchletIdbError', '$UTF8ToString'],
  couchlet_blob_give(medium, key, request) {
    couchletBlobSources
      .get(medium)(UTF8ToString(key))
      .then(
        (blob) => Module['host'].give(request, blob),
        (cause) => Module['host'].fail(request, couchletIdbError(cause)),
      );
  },

  $couchletShelves: 'new Map()',

  couchlet_shelf_make__deps: ['$couchletShelves'],
  couchlet_shelf_make(shelf) {
    couchletShelves.set(shelf, new Map());
  },

  couchlet_shelf_remove__deps: ['$couchletShelves'],
  couchlet_shelf_remove(shelf) {
    couchletShelves.delete(shelf);
  },

  couchlet_shelf_serve__deps: ['$couchletBlobSources', '$couchletShelves'],
  couchlet_shelf_serve(shelf, medium) {
    const blobs = couchletShelves.get(shelf);
    couchletBlobSources.set(medium, async (key) => blobs.get(key));
  },

  couchlet_shelf_end_service__deps: ['$couchletBlobSources'],
  couchlet_shelf_end_service(medium) {
    couchletBlobSources.delete(medium);
  },

  couchlet_shelf_has__deps: ['$couchletShelves', '$UTF8ToString'],
  couchlet_shelf_has: (shelf, key) => Number(couchletShelves.get(shelf).has(UTF8ToString(key))),

  couchlet_shelf_put__deps: ['$couchletBlobOf', '$couchletShelves', '$UTF8ToString'],
  couchlet_shelf_put(shelf, key, bytes, length) {
    couchletShelves.get(shelf).set(UTF8ToString(key), couchletBlobOf(bytes, length));
  },

  couchlet_shelf_put_staged__deps: ['$couchletShelves', '$UTF8ToString'],
  couchlet_shelf_put_staged(shelf, key, staged) {
    couchletShelves.get(shelf).set(UTF8ToString(key), Module['host'].staged.get(staged));
  },

  couchlet_shelf_delete__deps: ['$couchletShelves', '$UTF8ToString'],
  couchlet_shelf_delete(shelf, key) {
    couchletShelves.get(shelf).delete(UTF8ToString(key));
  },

  couchlet_shelf_read__deps: [
    '$couchletBlobPart',
    '$couchletShelves',
    '$UTF8ToString',
    'couchlet_shelf_answer',
    'couchlet_shelf_room',
  ],
  couchlet_shelf_read(shelf, key, offset, length, answer) {
    const blob = couchletShelves.get(shelf).get(UTF8ToString(key));
    couchletBlobPart(blob, offset, length).then(
      (bytes) => {
        if (bytes) HEAPU8.set(bytes, _couchlet_shelf_room(answer, bytes.length));
        _couchlet_shelf_answer(answer, 1);
      },
      () => _couchlet_shelf_answer(answer, 0),
    );
  },

  // browser_stage.cpp: a Blob that grows by pieces, each of which the browser keeps where it likes.
  couchlet_stage_begin() {
    const { newNumber, staged } = Module['host'];
    const number = newNumber();
    staged.set(number, new Blob([]));
    return number;
  },

  couchlet_stage_append(number, bytes, length) {
    const { staged } = Module['host'];
    staged.set(number, new Blob([staged.get(number), HEAPU8.slice(bytes, bytes + length)]));
  },

  couchlet_stage_release(number) {
    Module['host'].staged.delete(number);
  },

  // The bytes that js/engine.js has put there for one call.
  couchlet_bytes_length: () => Module['host'].bytes.length,
  couchlet_bytes_copy(to) {
    HEAPU8.set(Module['host'].bytes, to);
  },
});
