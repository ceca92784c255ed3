// Emscripten's glue as js/engine.js uses it (build/wasm/couchlet.mjs).

/** What the engine calls: src/wasm/engine.library.js and src/wasm/fetch_client.library.js. */
export interface EngineHost {
  texts: Map<number, { text: string; at: number }>;
  fetches: Map<number, (url: string, init: RequestInit) => Promise<Response>>;
  complete(request: number, isOk: boolean, text: string): void;
  changed(database: number): void;
  lost(database: number, text: string): void;
  replicated(replication: number, event: string, text: string): void;
}

export interface EngineModule {
  open(request: number, name: string, options: number): void;
  close(request: number, database: number): void;
  destroy(request: number, database: number): void;
  request(
    request: number,
    database: number,
    method: string,
    options: number,
    payload: number,
  ): void;
  cancelRequest(request: number): void;
  replicate(
    request: number,
    source: number,
    sourceUrl: string,
    sourceFetch: number,
    target: number,
    targetUrl: string,
    targetFetch: number,
    options: number,
  ): void;
  cancelReplication(request: number): void;
  wakeReplication(request: number): void;
}

export default function createModule(settings: {
  host: EngineHost;
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
}): Promise<EngineModule>;
