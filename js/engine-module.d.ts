// Emscripten's glue as js/engine.js uses it (build/wasm/couchlet.mjs).

/** What the engine calls: the .library.js files in src/wasm. */
export interface EngineHost {
  texts: Map<number, { text: string; at: number }>;
  /** Attachments that a write under way may name. */
  staged: Map<number, Blob | Uint8Array>;
  /** For one more of them, or for anything else that has one. */
  newNumber(): number;
  /** What updateHash() takes. */
  bytes: Uint8Array;
  fetches: Map<number, (url: string, init: RequestInit) => Promise<Response>>;
  /** What _couchlet_get_at_once() has found. */
  found: string;
  /** Of changes feeds: which of these documents pass. */
  filters: Map<number, (documents: any[]) => boolean[]>;
  /** Makes a number of a text, by which the engine takes it. */
  handOver(text: string): number;
  /** Set by the module while it is being loaded: indexeddb_early.library.js. */
  openEarly?: (name: string) => () => void;
  complete(request: number, isOk: boolean, text: string): void;
  beginRows(request: number): void;
  expectRows(request: number, rows: number): void;
  takeRows(request: number, text: string): void;
  give(request: number, value: unknown): void;
  fail(request: number, error: object): void;
  changed(database: number): void;
  lost(database: number, text: string): void;
  replicated(replication: number, event: string, text: string): void;
  backOff(replication: number, former: number): number;
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
  HEAPU8: Uint8Array;
  _couchlet_id_room(): number;
  _couchlet_id_room_bytes(): number;
  _couchlet_get_at_once(database: number, idBytes: number): 0 | 1;
  giveBlob(request: number, database: number, digest: string): void;
  updateHash(hash: number): void;
  finishHash(hash: number): string;
  cancelRequest(request: number): void;
  replicate(
    request: number,
    source: number,
    sourceUrl: string,
    sourceFetch: number,
    target: number,
    targetUrl: string,
    targetFetch: number,
    origin: number,
    originUrl: string,
    originFetch: number,
    options: number,
  ): void;
  countPendingChanges(
    request: number,
    source: number,
    sourceUrl: string,
    target: number,
    targetUrl: string,
    origin: number,
    originUrl: string,
    options: number,
  ): void;
  cancelReplication(request: number): void;
  wakeReplication(request: number): void;
  checkReplication(request: number): void;
}

export default function createModule(settings: {
  host: EngineHost;
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
}): Promise<EngineModule>;
