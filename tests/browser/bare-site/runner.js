// Runs a test's functions, in a page and in every kind of worker: a function comes as its source,
// and its result goes back as JSON text. A worker gets { source, args } with a port for the answer.

globalThis.runForTest = async (source, args) => {
  const result = await (0, eval)(`(${source})`)(...args);
  return JSON.stringify(result) ?? 'null';
};

// In the page: has a worker run a function.
globalThis.runInWorker = (worker, source, args) =>
  new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data: { text, error } }) => {
      if (error === undefined) resolve(text);
      else reject(new Error(error));
    };
    worker.postMessage({ source, args }, [port2]);
  });

// What a call that has to fail fails with.
globalThis.failureOf = (promise) =>
  promise.then(
    (value) => ({ succeeded: value }),
    ({ status, name, reason }) => ({ status, name, reason }),
  );

{
  const answer = async ({ data: { source, args }, ports: [port] }) => {
    try {
      port.postMessage({ text: await runForTest(source, args) });
    } catch (error) {
      port.postMessage({ error: `${error}\n${error?.stack ?? ''}` });
    }
  };
  const isWorker = typeof document === 'undefined';
  if (isWorker && 'onconnect' in self) {
    self.onconnect = ({ ports: [port] }) => (port.onmessage = answer);
  } else if (isWorker) {
    // A service worker may be ended as soon as nothing asks it to wait.
    self.addEventListener('message', (event) => {
      const answered = answer(event);
      event.waitUntil?.(answered);
    });
  }
}
