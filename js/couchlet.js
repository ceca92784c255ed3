// Couchlet: the class that apps use. It reads arguments in all the forms that PouchDB documents,
// and hands each call to a LocalDatabase (the engine) or a RemoteDatabase (a server), which answer
// alike.
//
// Every method returns a promise and takes a callback as its last argument.

import { blobOfBase64, forApp, isBinary, toBlob } from './binary.js';
import { withCallback } from './callback.js';
import { Changes } from './changes.js';
import {
  badRequest,
  CouchletError,
  databaseIs,
  idNotAString,
  missingId,
  notAnObject,
  reservedId,
  throwAbout,
} from './errors.js';
import { EventEmitter } from './event-emitter.js';
import { LocalDatabase } from './local-database.js';
import { RemoteDatabase } from './remote-database.js';
import { pendingChanges, Replication, Sync } from './replication.js';

/** @typedef {import('./callback.js').Callback} Callback */
/** @typedef {Record<string, any>} Options */

// Of an attachment that tells no type; CouchDB's.
const kDefaultType = 'application/octet-stream';

const kPublicReservedId = /^_(design|local)\//;

/** @param {any} value */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param {any} document */
function checkDocument(document) {
  if (!isObject(document)) throw notAnObject();
}

/** @param {any} id */
function checkId(id) {
  if (typeof id !== 'string') throw id === undefined || id === null ? missingId() : idNotAString();
  if (id === '') throw missingId();
  if (id.startsWith('_') && !kPublicReservedId.test(id)) throw reservedId();
}

/**
 * @param {any} docId
 * @param {any} name
 */
function checkAttachmentName(docId, name) {
  if (typeof docId !== 'string') throw idNotAString();
  checkId(docId);
  if (typeof name !== 'string' || name === '') throw badRequest('An attachment needs a name');
}

/** @param {any} attachment bytes, or base64 */
function blobOf(attachment) {
  if (isBinary(attachment)) return toBlob(attachment);
  if (typeof attachment === 'string') return blobOfBase64(attachment);
  throw badRequest('An attachment is a Blob, an array buffer, a Buffer or base64 text');
}

/**
 * Takes the trailing callback off a call's arguments, if there is one.
 *
 * @param {any[]} rest
 * @returns {Callback | undefined}
 */
function takeCallback(rest) {
  return typeof rest.at(-1) === 'function' ? rest.pop() : undefined;
}

/**
 * @template T
 * @param {string} docId
 * @param {Promise<T>} answer
 * @returns {Promise<T>} an error names the document
 */
function about(docId, answer) {
  return answer.catch((error) => throwAbout(error, docId));
}

/**
 * Nobody else has this database: nobody is to be told if it can't be closed.
 *
 * @param {Replication | Sync} feed
 * @param {Couchlet} database
 */
function closeAfter(feed, database) {
  const close = () => database.close().catch(() => {});
  feed.then(close, close);
}

/**
 * @param {string | Options} nameOrOptions
 * @param {Options} [options]
 * @returns {Options} with the name among them
 */
function withName(nameOrOptions, options) {
  const named = isObject(nameOrOptions)
    ? /** @type {Options} */ (nameOrOptions)
    : { name: nameOrOptions };
  return { ...options, ...named };
}

/** @param {CouchletError} loss */
const isDestruction = (loss) => loss.name === 'precondition_failed';

/** What the class itself emits: 'created' and 'destroyed', with the database's name. */
const classEvents = new EventEmitter();

class Couchlet extends EventEmitter {
  static version = '0.1.0';

  /** @type {LocalDatabase | RemoteDatabase} */
  #database;
  /** @type {'open' | 'closed' | 'destroyed'} */
  #state = 'open';
  /** @type {CouchletError | null} why it is not there any more */
  #loss = null;
  /** @type {Set<import('./feed.js').Feed>} what has to end before the database closes */
  #feeds = new Set();

  /**
   * @param {string | Options} nameOrOptions
   * @param {Options} [namedOptions]
   */
  constructor(nameOrOptions, namedOptions) {
    super();
    const { name, ...options } = withName(nameOrOptions, namedOptions);
    if (typeof name !== 'string' || name === '') {
      throw badRequest('A database needs a name: new Couchlet(name)');
    }
    const isAddress = /^https?:\/\//i.test(name);
    const { adapter = isAddress ? 'http' : 'idb' } = options;
    const onOpen = () => {
      this.emit('created', this);
      classEvents.emit('created', this.name);
    };
    if (adapter === 'http') {
      this.#database = new RemoteDatabase(name, options, onOpen);
    } else if (adapter === 'idb' || adapter === 'memory') {
      this.#database = new LocalDatabase(name, { ...options, adapter }, onOpen, (error) =>
        this.#lose(error),
      );
    } else {
      throw badRequest(`Invalid Adapter: ${adapter} (there are 'idb', 'memory' and 'http')`);
    }
    this.name = this.#database.name;
    this.adapter = this.#database.adapter;
  }

  type() {
    return this.adapter;
  }

  /**
   * @param {any} document
   * @param {...any} rest [options], [callback]
   */
  put(document, ...rest) {
    return this.#answer(takeCallback(rest), (database) => {
      checkDocument(document);
      checkId(document._id);
      return about(document._id, database.put(document._id, document));
    });
  }

  /**
   * @param {any} document
   * @param {...any} rest [options], [callback]
   */
  post(document, ...rest) {
    return this.#answer(takeCallback(rest), (database) => {
      checkDocument(document);
      if (document._id !== undefined) checkId(document._id);
      return database.post(document);
    });
  }

  /**
   * @param {any} id
   * @param {...any} rest [options], [callback]
   */
  get(id, ...rest) {
    return this.#answer(takeCallback(rest), (database) => {
      if (typeof id !== 'string') throw idNotAString();
      checkId(id);
      return about(id, database.get(id, rest[0] ?? {}));
    });
  }

  /**
   * @param {...any} args document, [options], [callback]; or id, rev, [options], [callback]
   */
  remove(...args) {
    return this.#answer(takeCallback(args), (database) => {
      const [document, revOrOptions] = args;
      const isById = typeof document === 'string';
      const id = isById ? document : document?._id;
      checkId(id);
      return about(id, database.remove(id, isById ? revOrOptions : document._rev));
    });
  }

  /**
   * @param {any} request documents, or {docs, new_edits}
   * @param {...any} rest [options], [callback]
   */
  bulkDocs(request, ...rest) {
    return this.#answer(takeCallback(rest), async (database) => {
      const { docs, new_edits: newEdits } = Array.isArray(request)
        ? { docs: request }
        : (request ?? {});
      if (!Array.isArray(docs)) throw badRequest("Missing JSON list of 'docs'");
      docs.forEach(checkDocument);
      const entries = await database.bulkDocs(docs, rest[0]?.new_edits ?? newEdits ?? true);
      return entries.map((/** @type {any} */ entry) =>
        entry.error ? CouchletError.fromJSON(entry) : entry,
      );
    });
  }

  /** @param {...any} rest [options], [callback] */
  allDocs(...rest) {
    return this.#answer(takeCallback(rest), (database) => {
      const options = rest[0] ?? {};
      if (options.keys !== undefined && !Array.isArray(options.keys)) {
        throw badRequest('options.keys must be an array');
      }
      return database.allDocs(options);
    });
  }

  /** @param {...any} args revisions by document id, [callback] */
  revsDiff(...args) {
    return this.#answer(takeCallback(args), (database) => database.revsDiff(args[0]));
  }

  /** @param {...any} args {docs, revs}, [callback] */
  bulkGet(...args) {
    return this.#answer(takeCallback(args), (database) => {
      const { docs, ...options } = args[0] ?? {};
      if (!Array.isArray(docs)) throw badRequest("Missing JSON list of 'docs'");
      return database.bulkGet(docs, options);
    });
  }

  /**
   * @param {string} docId
   * @param {string} attachmentId
   * @param {...any} args [rev], attachment, type, [callback]; the type can be left to a Blob
   */
  putAttachment(docId, attachmentId, ...args) {
    return this.#answer(takeCallback(args), (database) => {
      checkAttachmentName(docId, attachmentId);
      const hasRev = args.length > 2 || isBinary(args[1]);
      const [rev, attachment, type] = hasRev ? args : [undefined, ...args];
      const blob = blobOf(attachment);
      const contentType = type || blob.type || kDefaultType;
      return about(
        docId,
        database.putAttachment(docId, attachmentId, rev ?? undefined, blob, contentType),
      );
    });
  }

  /**
   * @param {string} docId
   * @param {string} attachmentId
   * @param {...any} args [{rev}], [callback]
   */
  getAttachment(docId, attachmentId, ...args) {
    return this.#answer(takeCallback(args), (database) => {
      checkAttachmentName(docId, attachmentId);
      const blob = database.getAttachment(docId, attachmentId, args[0] ?? {});
      return about(docId, blob.then(forApp));
    });
  }

  /**
   * @param {string} docId
   * @param {string} attachmentId
   * @param {...any} args rev, [callback]
   */
  removeAttachment(docId, attachmentId, ...args) {
    return this.#answer(takeCallback(args), (database) => {
      checkAttachmentName(docId, attachmentId);
      return about(docId, database.removeAttachment(docId, attachmentId, args[0] ?? undefined));
    });
  }

  /** @param {...any} args [callback] */
  info(...args) {
    return this.#answer(takeCallback(args), (database) => database.info());
  }

  /** @param {...any} args [options], [callback] */
  compact(...args) {
    return this.#answer(takeCallback(args), (database) => database.compact(args[0] ?? {}));
  }

  /**
   * @param {any} id
   * @param {...any} rest rev, [callback]
   */
  purge(id, ...rest) {
    return this.#answer(takeCallback(rest), (database) => {
      checkId(id);
      return about(id, database.purge(id, rest[0]));
    });
  }

  /** @param {...any} args [callback] */
  repair(...args) {
    return this.#answer(takeCallback(args), (database) => database.repair());
  }

  /** @param {...any} args [options], [callback] */
  changes(...args) {
    const callback = takeCallback(args);
    const changes = new Changes(this.#side, args[0] ?? {}, callback);
    this.#endsBeforeClosing(changes);
    return changes;
  }

  get replicate() {
    const Class = /** @type {typeof Couchlet} */ (this.constructor);
    return {
      /**
       * @param {any} target
       * @param {...any} rest [options], [callback]
       */
      to: (target, ...rest) => Class.replicate(this, target, ...rest),
      /**
       * @param {any} source
       * @param {...any} rest [options], [callback]
       */
      from: (source, ...rest) => Class.replicate(source, this, ...rest),
    };
  }

  /**
   * @param {any} other
   * @param {...any} rest [options], [callback]
   */
  sync(other, ...rest) {
    return /** @type {typeof Couchlet} */ (this.constructor).sync(this, other, ...rest);
  }

  /**
   * @param {any} remote a Couchlet, a name or a URL
   * @param {...any} rest [options], [callback]
   */
  pendingChanges(remote, ...rest) {
    const Class = /** @type {typeof Couchlet} */ (this.constructor);
    const other = typeof remote === 'string' ? new Class(remote) : remote;
    if (!(#side in Object(other))) throw badRequest('A remote is a Couchlet, a name or a URL');
    return this.#answer(takeCallback(rest), async () => {
      try {
        return await pendingChanges(this.#side, other.#side, rest[0] ?? {});
      } finally {
        if (other !== remote) await other.close();
      }
    });
  }

  /** @param {...any} args [callback] */
  close(...args) {
    return this.#answer(takeCallback(args), async (database) => {
      this.#state = 'closed';
      await this.#endFeeds();
      await database.close();
      this.emit('closed');
    });
  }

  /** @param {...any} args [options], [callback] */
  destroy(...args) {
    return this.#answer(takeCallback(args), async (database) => {
      this.#state = 'destroyed';
      await this.#endFeeds();
      try {
        await database.destroy();
      } catch (error) {
        this.#state = 'open';
        throw error;
      }
      this.emit('destroyed');
      classEvents.emit('destroyed', this.name);
      return { ok: true };
    });
  }

  // The class

  /**
   * @param {any} source a Couchlet, a name or a URL
   * @param {any} target the same
   * @param {...any} rest [options], [callback]
   * @returns {Replication}
   */
  static replicate(source, target, ...rest) {
    return Couchlet.#between(this, Replication, source, target, rest);
  }

  /**
   * @param {any} local a Couchlet, a name or a URL
   * @param {any} remote the same
   * @param {...any} rest [options], [callback]
   * @returns {Sync}
   */
  static sync(local, remote, ...rest) {
    return Couchlet.#between(this, Sync, local, remote, rest);
  }

  /**
   * A class whose databases have these options, unless they are given others.
   *
   * @param {Options} defaults
   */
  static defaults(defaults) {
    return class extends this {
      /**
       * @param {string | Options} name
       * @param {Options} [options]
       */
      constructor(name, options) {
        super({ ...defaults, ...withName(name, options) });
      }
    };
  }

  /**
   * @param {'created' | 'destroyed'} event
   * @param {(name: string) => void} listener
   */
  static on(event, listener) {
    classEvents.on(event, listener);
    return this;
  }

  /**
   * @param {'created' | 'destroyed'} event
   * @param {(name: string) => void} listener
   */
  static once(event, listener) {
    classEvents.once(event, listener);
    return this;
  }

  /**
   * @param {'created' | 'destroyed'} event
   * @param {(name: string) => void} listener
   */
  static off(event, listener) {
    classEvents.off(event, listener);
    return this;
  }

  /**
   * The fetch that remote databases use, for a custom one to call.
   *
   * @param {string} url
   * @param {RequestInit} [init]
   */
  static fetch(url, init) {
    return globalThis.fetch(url, init);
  }

  /**
   * Databases that were made for the replication alone are closed with its end.
   *
   * @template {Replication | Sync} Kind
   * @param {typeof Couchlet} Class of databases that are given by name
   * @param {new (a: any, b: any, options: Options, callback?: Callback) => Kind} FeedClass
   * @param {any} first
   * @param {any} second
   * @param {any[]} rest
   */
  static #between(Class, FeedClass, first, second, rest) {
    const callback = takeCallback(rest);
    const [a, b] = [first, second].map((side) =>
      typeof side === 'string' ? new Class(side) : side,
    );
    if (!(#side in Object(a)) || !(#side in Object(b))) {
      throw badRequest('Replication goes between databases: each a Couchlet, a name or a URL');
    }
    const feed = new FeedClass(a.#side, b.#side, rest[0] ?? {}, callback);
    for (const [given, database] of [
      [first, a],
      [second, b],
    ]) {
      database.#endsBeforeClosing(feed);
      if (given !== database) closeAfter(feed, database);
    }
    return feed;
  }

  /** What feeds may call; refused, like all else, once the database is closed. */
  #side = {
    /**
     * @param {Options} options
     * @param {AbortSignal} signal
     */
    changes: async (options, signal) => this.#inUse().changes(options, signal),
    /** @returns {Promise<any>} */
    peer: async () => this.#inUse().peer(),
  };

  /**
   * @template T
   * @param {Callback | undefined} callback
   * @param {(database: LocalDatabase | RemoteDatabase) => Promise<T>} call
   */
  #answer(callback, call) {
    /** @type {Promise<T>} */
    let answer;
    try {
      answer = call(this.#inUse());
    } catch (error) {
      answer = Promise.reject(error);
    }
    return withCallback(answer, callback);
  }

  #inUse() {
    if (this.#loss) {
      const { status, name, reason } = this.#loss;
      throw new CouchletError(status, name, reason); // a new one: it may come to name a document
    }
    if (this.#state !== 'open') throw databaseIs(this.#state);
    return this.#database;
  }

  /** @param {import('./feed.js').Feed} feed */
  #endsBeforeClosing(feed) {
    const end = () => this.#feeds.delete(feed);
    this.#feeds.add(feed);
    feed.then(end, end);
  }

  /** @param {CouchletError} error */
  #lose(error) {
    this.#loss = error;
    for (const feed of this.#feeds) feed.abandon(error);
    if (isDestruction(error)) {
      this.emit('destroyed');
      classEvents.emit('destroyed', this.name);
    } else {
      this.emit('lost', error);
    }
  }

  async #endFeeds() {
    for (const feed of this.#feeds) feed.cancel();
    await Promise.allSettled(this.#feeds);
  }
}

export default Couchlet;
