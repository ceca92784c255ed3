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

  // Ends an exchange with an error, once.
  $couchletFetchFail__deps: ['$couchletExchanges', '$couchletWithStrings', 'couchlet_fetch_failed'],
  $couchletFetchFail(address, exchange, cause) {
    if (couchletExchanges.get(address) !== exchange) return;
    couchletExchanges.delete(address);
    exchange.abort.abort();
    clearTimeout(exchange.timer);
    const name = exchange.isLate ? 'timeout' : 'network';
    const reason = exchange.isLate
      ? `No answer from ${exchange.origin} in time.`
      : `No connection to ${exchange.origin}: ${cause?.message ?? cause}`;
    couchletWithStrings([name, reason], (...at) => _couchlet_fetch_failed(address, ...at));
  },

  // Starts the clock for the next thing that has to come from the server.
  $couchletFetchWatch__deps: ['$couchletFetchFail'],
  $couchletFetchWatch(address, exchange) {
    clearTimeout(exchange.timer);
    if (exchange.timeout <= 0) return;
    exchange.timer = setTimeout(() => {
      exchange.isLate = true;
      couchletFetchFail(address, exchange);
    }, exchange.timeout);
  },

  couchlet_fetch_start__deps: [
    '$couchletExchanges',
    '$couchletFetchFail',
    '$couchletFetchWatch',
    '$couchletWithStrings',
    '$UTF8ToString',
    'couchlet_fetch_header',
    'couchlet_fetch_head',
  ],
  couchlet_fetch_start(address, fetchId, method, url, headers, body, bodyLength, timeout) {
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
    couchletFetchWatch(address, exchange);
    const init = {
      method: UTF8ToString(method),
      headers: JSON.parse(UTF8ToString(headers)),
      // A copy: a view would change under the request as the module goes on.
      body: bodyLength > 0 ? HEAPU8.slice(body, body + bodyLength) : undefined,
      signal: exchange.abort.signal,
    };
    Promise.resolve()
      .then(() => fetch(urlText, init))
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

  couchlet_fetch_read__deps: [
    '$couchletExchanges',
    '$couchletFetchFail',
    '$couchletFetchWatch',
    'couchlet_fetch_room',
    'couchlet_fetch_chunk',
  ],
  couchlet_fetch_read(address) {
    const exchange = couchletExchanges.get(address);
    const reading = exchange.reader ? exchange.reader.read() : Promise.resolve({ done: true });
    couchletFetchWatch(address, exchange);
    reading
      .then(({ done, value }) => {
        if (couchletExchanges.get(address) !== exchange) return;
        clearTimeout(exchange.timer);
        if (!done) HEAPU8.set(value, _couchlet_fetch_room(address, value.length));
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
