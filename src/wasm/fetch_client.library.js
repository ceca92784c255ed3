// What fetch_client.cpp calls: an exchange is one request and its answer, known by its address. The
// fetch functions are in Module.host.fetches: Map<number, (url, init) => Promise<Response>>.
addToLibrary({
  $couchletExchanges: 'new Map()',

  // A string on the stack of the module, for the length of a call.
  $couchletWithStrings__deps: ['$stackSave', '$stackRestore', '$stringToUTF8OnStack'],
  $couchletWithStrings(strings, call) {
    const stack = stackSave();
    call(...strings.map((string) => stringToUTF8OnStack(string)));
    stackRestore(stack);
  },

  $couchletFetchProblem(exchange, cause) {
    if (exchange.isLate) {
      return { name: 'timeout', reason: `No answer from ${exchange.origin} in time.` };
    }
    const what = cause?.message ?? cause;
    if (cause?.name === 'CouchletUnreadable') return { name: 'attachment_unreadable', reason: what };
    return { name: 'network', reason: `No connection to ${exchange.origin}: ${what}` };
  },

  // Ends an exchange with an error, once.
  $couchletFetchFail__deps: [
    '$couchletExchanges',
    '$couchletFetchProblem',
    '$couchletWithStrings',
    'couchlet_fetch_failed',
  ],
  $couchletFetchFail(address, exchange, cause) {
    if (couchletExchanges.get(address) !== exchange) return;
    couchletExchanges.delete(address);
    exchange.abort.abort();
    clearTimeout(exchange.timer);
    const { name, reason } = couchletFetchProblem(exchange, cause);
    couchletWithStrings([name, reason], (...at) => _couchlet_fetch_failed(address, ...at));
  },

  // Starts the clock for the next thing that has to come from the server.
  $couchletFetchWatch__deps: ['$couchletFetchFail'],
  $couchletFetchWatch(address, exchange, timeout) {
    clearTimeout(exchange.timer);
    if (timeout <= 0) return;
    exchange.timer = setTimeout(() => {
      exchange.isLate = true;
      couchletFetchFail(address, exchange);
    }, timeout);
  },

  // An attachment of that length. Anything else would make nonsense of the body around it.
  $couchletFetchAttachment__deps: ['$couchletBlobSources'],
  $couchletFetchAttachment: async (attachment, medium) => {
    const { digest, length, staged } = attachment;
    const read = couchletBlobSources.get(medium);
    const blob =
      staged !== 0
        ? Module['host'].staged.get(staged)
        : await read?.(digest).catch(() => undefined);
    if (blob && (blob.size ?? blob.length) === length) return blob;
    const error = new Error(`The attachment ${digest} is not there as a whole.`);
    error.name = 'CouchletUnreadable';
    throw error;
  },

  // The body with its attachments: a Blob of which only the text is in memory.
  $couchletFetchMixed__deps: ['$couchletFetchAttachment'],
  $couchletFetchMixed: async (bytes, attachments, medium) => {
    const pieces = [];
    let at = 0;
    for (const attachment of attachments) {
      pieces.push(bytes.subarray(at, attachment.position));
      pieces.push(await couchletFetchAttachment(attachment, medium));
      at = attachment.position;
    }
    return new Blob([...pieces, bytes.subarray(at)]);
  },

  // The body, gzipped where that is wanted and can be done, in which case the headers say so.
  $couchletFetchBody(bytes, headers, isGzipWanted) {
    if (bytes.length === 0) return Promise.resolve(undefined);
    if (!isGzipWanted || typeof CompressionStream !== 'function') return Promise.resolve(bytes);
    const gzipped = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
    return new Response(gzipped).arrayBuffer().then((buffer) => {
      headers['Content-Encoding'] = 'gzip';
      return new Uint8Array(buffer);
    });
  },

  couchlet_fetch_start__deps: [
    '$couchletExchanges',
    '$couchletFetchBody',
    '$couchletFetchFail',
    '$couchletFetchMixed',
    '$couchletFetchWatch',
    '$couchletWithStrings',
    '$UTF8ToString',
    'couchlet_fetch_header',
    'couchlet_fetch_head',
  ],
  couchlet_fetch_start(
    address,
    fetchId,
    method,
    url,
    headers,
    body,
    bodyLength,
    attachmentsJson,
    medium,
    isGzipWanted,
    headersTimeout,
    timeout,
  ) {
    const urlText = UTF8ToString(url);
    const exchange = {
      abort: new AbortController(),
      origin: urlText.split('/', 3).join('/'),
      timeout,
      timer: undefined,
      isLate: false,
      reader: null,
    };
    couchletExchanges.set(address, exchange);
    const fetch = Module['host'].fetches.get(fetchId);
    couchletFetchWatch(address, exchange, headersTimeout);
    const init = {
      method: UTF8ToString(method),
      headers: JSON.parse(UTF8ToString(headers)),
      // Nothing here is asked for twice, and a browser makes requests for one URL that might be
      // cached wait for each other: two tabs' longpolls, say.
      cache: 'no-store',
      signal: exchange.abort.signal,
    };
    // A copy: a view would change under the request as the module goes on.
    const bytes = HEAPU8.slice(body, body + bodyLength);
    const attachments = JSON.parse(UTF8ToString(attachmentsJson));
    const made =
      attachments.length > 0
        ? couchletFetchMixed(bytes, attachments, medium)
        : couchletFetchBody(bytes, init.headers, isGzipWanted !== 0);
    made
      .then((sent) => fetch(urlText, { ...init, body: sent }))
      .then((response) => {
        if (couchletExchanges.get(address) !== exchange) return;
        clearTimeout(exchange.timer);
        exchange.reader = response.body?.getReader() ?? null;
        response.headers.forEach((value, name) => {
          couchletWithStrings([name, value], (...at) => _couchlet_fetch_header(address, ...at));
        });
        _couchlet_fetch_head(address, response.status);
      })
      .catch((cause) => couchletFetchFail(address, exchange, cause));
  },

  // The next bytes, at least one. A stream of somebody else's making may give empty pieces, which
  // would look like the end.
  $couchletFetchNext(reader) {
    if (!reader) return Promise.resolve({ done: true });
    return reader
      .read()
      .then((piece) =>
        !piece.done && piece.value.length === 0 ? couchletFetchNext(reader) : piece,
      );
  },

  couchlet_fetch_read__deps: [
    '$couchletExchanges',
    '$couchletFetchFail',
    '$couchletFetchNext',
    '$couchletFetchWatch',
    'couchlet_fetch_room',
    'couchlet_fetch_chunk',
  ],
  couchlet_fetch_read(address) {
    const exchange = couchletExchanges.get(address);
    couchletFetchWatch(address, exchange, exchange.timeout);
    couchletFetchNext(exchange.reader)
      .then(({ done, value }) => {
        if (couchletExchanges.get(address) !== exchange) return;
        clearTimeout(exchange.timer);
        if (!done) {
          // The memory may grow, and HEAPU8 be another one, when room is made.
          const at = _couchlet_fetch_room(address, value.length);
          HEAPU8.set(value, at);
        }
        _couchlet_fetch_chunk(address);
      })
      .catch((cause) => couchletFetchFail(address, exchange, cause));
  },

  couchlet_fetch_abort__deps: ['$couchletExchanges'],
  couchlet_fetch_abort(address) {
    const exchange = couchletExchanges.get(address);
    if (!exchange) return;
    couchletExchanges.delete(address);
    clearTimeout(exchange.timer);
    exchange.abort.abort();
  },
});
