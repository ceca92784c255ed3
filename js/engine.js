// The door to the engine: loads the WebAssembly module once for this page or worker, hands requests in
// and answers out. Texts go in as UTF-8 written straight into the module's memory, and come out as one
// string that is parsed once. What the methods are, src/wasm/request.cpp tells.

import createModule from '#engine-module';
import { toBlob } from './binary.js';
import { throwUncaught } from './callback.js';
import { CouchletError } from './errors.js';
import { RowList } from './row-list.js';
import { stage } from './staging.js';

/** @typedef {import('#engine-module').EngineModule} EngineModule */
/** @typedef {(url: string, init: RequestInit) => Promise<Response>} Fetch */
/** @typedef {(documents: any[]) => boolean[]} DocumentsFilter which of these pass */
/**
 * @typedef {object} ReplicationEvents
 * @property {(info: any) => void} change
 * @property {(error: CouchletError | null) => void} paused
 * @property {() => void} active
 * @property {(refused: any) => void} denied
 * @property {(sequence: any) => void} checkpoint
 * @property {(revisions: Record<string, string[]>) => void} lacking what the origin hasn't
 * @property {(former: number) => number} [backOff] the app's rule, where it has one
 */
/**
 * @typedef {object} Waiting
 * @property {(value: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {RowList} [list] of an answer with rows, those that have come
 */

// In the place of a wait that would be for ever; and of one that is none, where the engine has a rule
// of its own.
const kLongestWaitMs = 10 * 60 * 1000;
const kNoWait = -1;

/** @type {Map<number, Waiting>} */
const waiting = new Map();
/** @type {Map<number, ReplicationEvents>} */
const replications = new Map();
/** @type {Map<number, Set<() => void>>} */
const changeListeners = new Map();
/** @type {Map<number, (error: CouchletError) => void>} */
const lossListeners = new Map();
let lastNumber = 0;

/** @type {import('#engine-module').EngineHost} */
const host = {
  texts: new Map(),
  staged: new Map(),
  newNumber: () => ++lastNumber,
  bytes: new Uint8Array(),
  fetches: new Map(),
  found: '',
  filters: new Map(),
  handOver,

  complete(number, isOk, text) {
    const value = JSON.parse(text);
    const list = waiting.get(number)?.list;
    if (!isOk) host.fail(number, value);
    else host.give(number, list ? list.answer(value) : value);
  },

  beginRows(number) {
    const request = waiting.get(number);
    if (request) request.list = new RowList();
  },

  expectRows(number, rows) {
    waiting.get(number)?.list?.expect(rows);
  },

  takeRows(number, text) {
    waiting.get(number)?.list?.take(JSON.parse(text));
  },

  give(number, value) {
    const request = waiting.get(number);
    waiting.delete(number);
    request?.resolve(value);
  },

  fail(number, error) {
    const request = waiting.get(number);
    waiting.delete(number);
    request?.reject(CouchletError.fromJSON(error));
  },

  changed(database) {
    for (const listener of changeListeners.get(database) ?? []) listener();
  },

  lost(database, text) {
    lossListeners.get(database)?.(CouchletError.fromJSON(JSON.parse(text)));
    forget(database);
  },

  replicated(number, event, text) {
    const events = replications.get(number);
    const value = JSON.parse(text);
    if (event === 'paused') events?.paused(value && CouchletError.fromJSON(value));
    else events?.[/** @type {keyof ReplicationEvents} */ (event)]?.(value);
  },

  backOff(number, former) {
    try {
      const wait = Number(replications.get(number)?.backOff?.(former));
      if (wait >= 0) return Math.min(wait, kLongestWaitMs);
    } catch (exception) {
      throwUncaught(exception);
    }
    return kNoWait;
  },
};

/** @type {Promise<EngineModule> | undefined} */
let loading;

/** Loads the module, once; after a failure (no network, say) the next call tries again. */
function loadModule() {
  loading ??= instantiate().then(
    (module) => {
      host.openEarly = undefined;
      return module;
    },
    (cause) => {
      loading = undefined;
      throw new CouchletError(
        500,
        'engine_unavailable',
        `couchlet.wasm could not be loaded: ${cause.message ?? cause}`,
      );
    },
  );
  return loading;
}

/** @returns {Promise<EngineModule>} */
function instantiate() {
  return new Promise((resolve, reject) => {
    createModule({
      host,
      instantiateWasm(imports, receive) {
        loadWasm(imports).then(
          ({ instance, module }) => receive(instance, module),
          reject,
        );
        return {};
      },
    }).then(resolve, reject);
  });
}

/** @param {WebAssembly.Imports} imports */
async function loadWasm(imports) {
  const url = new URL('couchlet.wasm', import.meta.url);
  if (url.protocol === 'file:') return WebAssembly.instantiate(await readFile(url), imports);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  // Streaming compilation insists on the right media type, which not every server gives.
  if (response.headers.get('content-type')?.startsWith('application/wasm')) {
    return WebAssembly.instantiateStreaming(response, imports);
  }
  return WebAssembly.instantiate(await response.arrayBuffer(), imports);
}

/**
 * Node has no fetch for files. Its file system is asked for in a way that bundlers don't follow.
 *
 * @param {URL} url
 * @returns {Promise<BufferSource>}
 */
async function readFile(url) {
  const { process } = /** @type {any} */ (globalThis);
  return process.getBuiltinModule('node:fs').promises.readFile(url);
}

/**
 * @param {string} text
 * @returns {number} what the engine takes it by; 0 for no text
 */
function handOver(text) {
  if (text === '') return 0;
  const id = ++lastNumber;
  host.texts.set(id, { text, at: 0 });
  return id;
}

/**
 * Starts something and waits for what `complete` says of it.
 *
 * @param {(number: number) => void} start
 * @param {number} [number]
 * @returns {Promise<any>}
 */
function call(start, number = ++lastNumber) {
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    try {
      start(number);
    } catch (cause) {
      waiting.delete(number);
      reject(new CouchletError(500, 'engine_failed', `The engine failed: ${cause}`));
    }
  });
}

/**
 * @template T
 * @param {DocumentsFilter | undefined} filter
 * @param {(number: number | undefined) => Promise<T>} use what the engine knows it by meanwhile
 * @returns {Promise<T>}
 */
async function withFilter(filter, use) {
  if (!filter) return use(undefined);
  const number = ++lastNumber;
  host.filters.set(number, filter);
  try {
    return await use(number);
  } finally {
    host.filters.delete(number);
  }
}

/** @param {number} database that is not open any more */
function forget(database) {
  changeListeners.delete(database);
  lossListeners.delete(database);
}

/** For an attachment that is named before its bytes are staged. */
export const newStagedNumber = () => ++lastNumber;

const encoder = new TextEncoder();

/** An open local database. */
export class EngineDatabase {
  #module;
  #idRoom;
  #idRoomEnd;

  /**
   * @param {EngineModule} module
   * @param {number} number
   */
  constructor(module, number) {
    this.#module = module;
    this.#idRoom = module._couchlet_id_room();
    this.#idRoomEnd = this.#idRoom + module._couchlet_id_room_bytes();
    this.number = number;
  }

  /**
   * A document that the engine has in memory: no request has to be made and waited for.
   *
   * @param {string} id
   * @returns {any} undefined if it isn't there, if it has to be read first, and where something is
   *   wrong: a request tells
   */
  getAtOnce(id) {
    const room = this.#module.HEAPU8.subarray(this.#idRoom, this.#idRoomEnd);
    const { read, written } = encoder.encodeInto(id, room);
    if (read < id.length || !this.#module._couchlet_get_at_once(this.number, written)) {
      return undefined;
    }
    const document = JSON.parse(host.found);
    // An id that is no well-formed Unicode was replaced by another one.
    return document._id === id ? document : undefined;
  }

  /**
   * @param {string} method
   * @param {object} [options] what JSON can hold
   * @param {string} [payload] text of a document or a request
   * @param {AbortSignal} [signal] ends a waiting request, which then answers with what it has
   * @returns {Promise<any>}
   */
  request(method, options, payload = '', signal) {
    const number = ++lastNumber;
    const cancel = () => this.#module.cancelRequest(number);
    const answer = call(() => {
      const optionsText = options ? handOver(JSON.stringify(options)) : 0;
      this.#module.request(number, this.number, method, optionsText, handOver(payload));
    }, number);
    if (!signal) return answer;
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel);
    return answer.finally(() => signal.removeEventListener('abort', cancel));
  }

  /**
   * A request whose payload may name attachments by numbers of newStagedNumber().
   *
   * @param {string} method
   * @param {object} options
   * @param {string} payload
   * @param {Map<number, Blob>} blobs
   * @returns {Promise<any>}
   */
  async requestWithBlobs(method, options, payload, blobs) {
    try {
      const staged = [];
      for (const [number, blob] of blobs) {
        staged.push(await stage(this.#module, host, number, blob));
      }
      return await this.request(method, { ...options, staged }, payload);
    } finally {
      for (const number of blobs.keys()) host.staged.delete(number);
    }
  }

  /**
   * @param {string} digest
   * @param {string} type
   * @returns {Promise<Blob | undefined>} none if nothing refers to it
   */
  async blob(digest, type) {
    const blob = await call((number) => this.#module.giveBlob(number, this.number, digest));
    return blob && toBlob(blob, type);
  }

  /**
   * Calls `listener` whenever the visible state has changed, by this context or by another.
   *
   * @param {() => void} listener
   * @returns {() => void} stops that
   */
  onChange(listener) {
    const listeners = changeListeners.get(this.number) ?? new Set();
    changeListeners.set(this.number, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * Calls `listener` if the database is lost while it is open: destroyed in another tab, say. It is
   * then not open any more.
   *
   * @param {(error: CouchletError) => void} listener
   */
  onLost(listener) {
    lossListeners.set(this.number, listener);
  }

  /** @returns {Promise<void>} */
  close() {
    forget(this.number);
    return call((number) => this.#module.close(number, this.number));
  }

  /** @returns {Promise<void>} */
  destroy() {
    forget(this.number);
    return call((number) => this.#module.destroy(number, this.number));
  }
}

/**
 * @param {string} name
 * @param {{adapter?: string}} options what src/wasm/open_options.h tells of
 * @returns {Promise<EngineDatabase>}
 */
export async function openDatabase(name, options) {
  const loaded = loadModule();
  // While the module is on its way, IndexedDB can be so too.
  const takeBack = options.adapter === 'idb' ? host.openEarly?.(name) : undefined;
  try {
    const module = await loaded;
    const database = await call((number) =>
      module.open(number, name, handOver(JSON.stringify(options))),
    );
    return new EngineDatabase(module, database);
  } finally {
    takeBack?.();
  }
}

/** @typedef {EngineDatabase | {url: string, fetch: Fetch}} Side */

/**
 * What a replication goes between. With an origin, what that has already is not carried to the
 * target (src/replicate/split_peer.h).
 *
 * @typedef {object} Sides
 * @property {Side} source
 * @property {Side} target
 * @property {Side} [origin]
 */

/**
 * @param {Side | undefined} side
 * @returns {[number: number, url: string]}
 */
function nameOfSide(side) {
  if (side instanceof EngineDatabase) return [side.number, ''];
  return [0, side?.url ?? ''];
}

/**
 * @param {Side | undefined} side
 * @returns {number} by which the engine knows its fetch; 0: it has none
 */
function lendFetch(side) {
  if (!side || side instanceof EngineDatabase) return 0;
  const number = ++lastNumber;
  host.fetches.set(number, side.fetch);
  return number;
}

/**
 * What a replication has still to carry, as far as can be told without a request: see
 * src/replicate/pending_changes.h. The source or the target is an open local database.
 *
 * @param {Sides} sides
 * @param {object} options what JSON can hold; `lists_waiting` asks for the documents, too
 * @param {DocumentsFilter} [filter] of the source's changes
 * @returns {Promise<{count: number | null, refused: number, since: any, saved_at: string,
 *   waiting?: {id: string, rev: string}[]}>}
 */
export async function countPendingChanges({ source, target, origin }, options, filter) {
  const module = await loadModule();
  return withFilter(filter, (filterNumber) =>
    call((number) =>
      module.countPendingChanges(
        number,
        ...nameOfSide(source),
        ...nameOfSide(target),
        ...nameOfSide(origin),
        handOver(JSON.stringify({ ...options, filter_function: filterNumber })),
      ),
    ),
  );
}

/**
 * @param {Sides} sides
 * @param {object} options what JSON can hold
 * @param {ReplicationEvents} events
 * @param {DocumentsFilter} [filter] of the source's changes
 * @returns {Promise<{done: Promise<any>, cancel: () => void, wake: () => void, check: () => void}>}
 *   as soon as it runs
 */
export async function startReplication({ source, target, origin }, options, events, filter) {
  const module = await loadModule();
  const fetches = [source, target, origin].map(lendFetch);
  const number = ++lastNumber;
  replications.set(number, events);
  const hasRule = events.backOff !== undefined;
  const done = withFilter(filter, (filterNumber) => {
    const functions = { filter_function: filterNumber, back_off_function: hasRule };
    return call(
      () =>
        module.replicate(
          number,
          ...nameOfSide(source),
          fetches[0],
          ...nameOfSide(target),
          fetches[1],
          ...nameOfSide(origin),
          fetches[2],
          handOver(JSON.stringify({ ...options, ...functions })),
        ),
      number,
    );
  }).finally(() => {
    replications.delete(number);
    for (const fetch of fetches) host.fetches.delete(fetch);
  });
  return {
    done,
    cancel: () => module.cancelReplication(number),
    wake: () => module.wakeReplication(number),
    check: () => module.checkReplication(number),
  };
}
