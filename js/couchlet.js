// Couchlet: the class that apps use. It reads arguments in all the forms that PouchDB documents,
// and hands each call to a LocalDatabase (the engine) or a RemoteDatabase (a server), which answer
// alike.
//
// Every method returns a promise and takes a callback as its last argument.

import { takeCallback, withName } from './arguments.js';
import * as attachmentCalls from './attachment-calls.js';
import { withCallback } from './callback.js';
import { Changes } from './changes.js';
import * as documentCalls from './document-calls.js';
import { badRequest, CouchletError, databaseIs } from './errors.js';
import { EventEmitter } from './event-emitter.js';
import { LocalDatabase } from './local-database.js';
import { RemoteDatabase } from './remote-database.js';
import { checkSide, tie } from './replicated-sides.js';
import { pendingChanges, Replication, Sync } from './replication.js';

/** @typedef {import('./callback.js').Callback} Callback */
/** @typedef {Record<string, any>} Options */

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
    return this.#answer(takeCallback(rest), (database) => documentCalls.put(database, document));
  }

  /**
   * @param {any} document
   * @param {...any} rest [options], [callback]
   */
  post(document, ...rest) {
    return this.#answer(takeCallback(rest), (database) => documentCalls.post(database, document));
  }

  /**
   * @param {any} id
   * @param {...any} rest [options], [callback]
   */
  get(id, ...rest) {
    return this.#answer(takeCallback(rest), (database) => documentCalls.get(database, id, rest[0]));
  }

  /**
   * @param {...any} args document, [options], [callback]; or id, rev, [options], [callback]
   */
  remove(...args) {
    return this.#answer(takeCallback(args), (database) => documentCalls.remove(database, args));
  }

  /**
   * @param {any} request documents, or {docs, new_edits}
   * @param {...any} rest [options], [callback]
   */
  bulkDocs(request, ...rest) {
    return this.#answer(takeCallback(rest), (database) =>
      documentCalls.bulkDocs(database, request, rest[0]),
    );
  }

  /** @param {...any} args [options], [callback] */
  allDocs(...args) {
    return this.#answer(takeCallback(args), (database) => documentCalls.allDocs(database, args[0]));
  }

  /** @param {...any} args revisions by document id, [callback] */
  revsDiff(...args) {
    return this.#answer(takeCallback(args), (database) => database.revsDiff(args[0]));
  }

  /** @param {...any} args {docs, revs}, [callback] */
  bulkGet(...args) {
    return this.#answer(takeCallback(args), (database) => documentCalls.bulkGet(database, args[0]));
  }

  /**
   * @param {string} docId
   * @param {string} attachmentId
   * @param {...any} args [rev], attachment, type, [callback]; the type can be left to a Blob
   */
  putAttachment(docId, attachmentId, ...args) {
    return this.#answer(takeCallback(args), (database) =>
      attachmentCalls.putAttachment(database, docId, attachmentId, args),
    );
  }

  /**
   * @param {string} docId
   * @param {string} attachmentId
   * @param {...any} args [{rev}], [callback]
   */
  getAttachment(docId, attachmentId, ...args) {
    return this.#answer(takeCallback(args), (database) =>
      attachmentCalls.getAttachment(database, docId, attachmentId, args[0]),
    );
  }

  /**
   * @param {string} docId
   * @param {string} attachmentId
   * @param {...any} args rev, [callback]
   */
  removeAttachment(docId, attachmentId, ...args) {
    return this.#answer(takeCallback(args), (database) =>
      attachmentCalls.removeAttachment(database, docId, attachmentId, args[0]),
    );
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
    return this.#answer(takeCallback(rest), (database) =>
      documentCalls.purge(database, id, rest[0]),
    );
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
    return Couchlet.#between(this, Replication, [source, target], rest);
  }

  /**
   * @param {any} local a Couchlet, a name or a URL
   * @param {any} remote the same
   * @param {...any} rest [options], [callback]
   * @returns {Sync}
   */
  static sync(local, remote, ...rest) {
    return Couchlet.#between(this, Sync, [local, remote], rest);
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
   * @template {Replication | Sync} Kind
   * @param {typeof Couchlet} Class of databases that are given by name
   * @param {new (a: any, b: any, options: Options, callback?: Callback) => Kind} FeedClass
   * @param {any[]} given both
   * @param {any[]} rest
   * @returns {Kind}
   */
  static #between(Class, FeedClass, given, rest) {
    const callback = takeCallback(rest);
    const [a, b] = given.map((one) => {
      const database = typeof one === 'string' ? new Class(one) : one;
      const side = checkSide(#side in Object(database) ? database.#side : undefined);
      return { side, isOurs: database !== one };
    });
    const feed = new FeedClass(a.side, b.side, rest[0] ?? {}, callback);
    tie(feed, [a, b]);
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
    /** @param {import('./feed.js').Feed} feed */
    endsBeforeClosing: (feed) => this.#endsBeforeClosing(feed),
    close: () => this.close(),
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
