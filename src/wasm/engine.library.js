// What engine.cpp and text_from_js.cpp call. The other end is js/engine.js, which sets Module.host:
//
//   texts: Map<number, {text: string, at: number}>   texts on their way in
//   complete(request, isOk, text)                    the answer to a request, or an error's JSON
//   beginRows(request)                               it is a list, which begins (again)
//   expectRows(request, rows)                        so many rows are to come at least
//   takeRows(request, text)                          some of them: row_pieces.h
//   found                                            the text that _couchlet_get_at_once() found
//   changed(database)                                its visible state has changed
//   lost(database, text)                             it is gone, and closed; the error's JSON
//   replicated(replication, event, text)             an event of a replication
//   backOff(replication, former)                     how long to wait, by the app's rule
addToLibrary({
  couchlet_text_length(id) {
    const entry = Module['host'].texts.get(id);
    return entry ? entry.text.length - entry.at : 0;
  },

  couchlet_text_encode__deps: ['$couchletEncoder'],
  couchlet_text_encode(id, to, capacity) {
    const entry = Module['host'].texts.get(id);
    const rest = entry.at === 0 ? entry.text : entry.text.slice(entry.at);
    const { read, written } = couchletEncoder.encodeInto(
      rest,
      HEAPU8.subarray(to, to + capacity),
    );
    entry.at += read;
    return written;
  },

  couchlet_text_forget(id) {
    Module['host'].texts.delete(id);
  },

  couchlet_complete__deps: ['$couchletDecode'],
  couchlet_complete(request, isOk, text, length) {
    Module['host'].complete(request, isOk !== 0, couchletDecode(text, length));
  },

  couchlet_rows_begin(request) {
    Module['host'].beginRows(request);
  },

  couchlet_rows_expect(request, rows) {
    Module['host'].expectRows(request, rows);
  },

  couchlet_rows__deps: ['$couchletDecode'],
  couchlet_rows(request, text, length) {
    Module['host'].takeRows(request, couchletDecode(text, length));
  },

  couchlet_found__deps: ['$couchletDecode'],
  couchlet_found(text, length) {
    Module['host'].found = couchletDecode(text, length);
  },

  couchlet_changed(database) {
    Module['host'].changed(database);
  },

  couchlet_lost__deps: ['$couchletDecode'],
  couchlet_lost(database, text, length) {
    Module['host'].lost(database, couchletDecode(text, length));
  },

  couchlet_replicated__deps: ['$couchletDecode'],
  couchlet_replicated(replication, event, length, text, textLength) {
    Module['host'].replicated(
      replication,
      couchletDecode(event, length),
      couchletDecode(text, textLength),
    );
  },

  couchlet_back_off(replication, former) {
    return Module['host'].backOff(replication, former);
  },

  $couchletEncoder: 'new TextEncoder()',
  $couchletDecoder: 'new TextDecoder()',
  $couchletDecode__deps: ['$couchletDecoder'],
  $couchletDecode: (at, length) => couchletDecoder.decode(HEAPU8.subarray(at, at + length)),
});
