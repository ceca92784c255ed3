// Couchlet: the class that apps use. It reads arguments in all the forms that PouchDB documents,
// and hands each call to a LocalDatabase (the engine) or a RemoteDatabase (a server), which answer
// alike.
//
// Every method returns a promise and takes a callback as its last argument.

import { takeSignal, untilAborted } from './aborting.js';
import { activeTasks } from './active-tasks.js';
import { takeCallback, withName } from './arguments.js';
import * as attachmentCalls from './attachment-calls.js';
import { isSource, writeAll } from './bulk-stream.js';
import { callable } from './callable-class.js';
import { withCallback } from './callback.js';
import { Changes } from './changes.js';
import { classEvents, EmittingClass } from './class-events.js';
import { conflictsHere, conflictsThere } from './conflicts.js';
import { debug, log } from './debug.js';
import * as documentCalls from './document-calls.js';
import { update } from './document-update.js';
import { badRequest, CouchletError, databaseIs } from './errors.js';
import { interceptedTarget } from './intercepted-target.js';
import { InterceptedWrites } from './intercepted-writes.js';
import { Listing } from './listing.js';
import { localNames } from './local-names.js';
import { copyPouchDB } from './migration.js';
import { addressOf, storageNameOf } from './names.js';
import { install } from './plugin.js';
import { RemoteDatabase } from './remote-database.js';
import { feedBetween, isSplit, makeReplicable, withSide } from './replicated-sides.js';
import { pendingChanges, Replication } from './replication.js';
import { resolve } from './resolution.js';
import { scan } from './scan.js';
import { Sync } from './sync.js';
import { ValidatedDatabase } from './validated-database.js';

/** @typedef {import('./callback.js').Callback} Callback */
/** @typedef {Record<string, any>} Options */

/** @param {CouchletError} loss */
const isDestruction = (loss) => loss.name === 'precondition_failed';

class Couchlet extends EmittingClass {
  static version = '0.1.0';
  static activeTasks = activeTasks;
  static debug = debug;
  static Headers = globalThis.Headers;
  /** @type {Options} */
  static __defaults = {}; // as PouchDB calls them

  /** @type {ValidatedDatabase | RemoteDatabase} */
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
    const given = withName(nameOrOptions, namedOptions);
    const { name, ...options } = { ...new.target.__defaults, ...given };
    if (typeof name !== 'string' || name === '') {
      throw badRequest('Missing/invalid DB name: a database needs a name, new Couchlet(name)');
    }
    const onOpen = () => {
      this.emit('created', this);
      classEvents.emit('created', this.name);
    };
    const address = addressOf(name, options);
    this.#database =
      address === undefined
        ? new ValidatedDatabase(name, options, onOpen, (error) => this.#lose(error))
        : new RemoteDatabase(address, options, onOpen);
    this.name = this.#database.name;
    this.adapter = this.#database.adapter;
  }

  type() {
    return this.adapter;
  }

  get activeTasks() {
    return activeTasks;
  }

  /** @param {...any} args [callback] */
  id(...args) {
    return this.#answer('id', args, (database) => database.id());
  }

  /** @param {...any} args document, [options], [callback] */
  put(...args) {
    return this.#answer('put', args, (database) =>
      documentCalls.put(this.#writesTo(database), args[0], args[1]),
    );
  }

  /** @param {...any} args document, [options], [callback] */
  post(...args) {
    return this.#answer('post', args, (database) =>
      documentCalls.post(this.#writesTo(database), args[0], args[1]),
    );
  }

  /** @param {...any} args id, [options], [callback] */
  get(...args) {
    return this.#answer('get', args, (database) => documentCalls.get(database, args[0], args[1]));
  }

  /** @param {...any} args document, [options], [callback]; or id, rev, [options], [callback] */
  remove(...args) {
    return this.#answer('remove', args, (database) =>
      documentCalls.remove(this.#writesTo(database), args),
    );
  }

  /** @param {...any} args documents, their source or {docs, new_edits}, [options], [callback] */
  bulkDocs(...args) {
    const { docs } = Object(args[0]);
    if (isSource(args[0]) || isSource(docs)) return this.#writeFrom(docs ?? args[0], args);
    return this.#answer('bulkDocs', args, (database) =>
      documentCalls.bulkDocs(database, args[0], args[1]),
    );
  }

  /**
   * Reads, changes and writes a document, again where somebody else wrote in between.
   *
   * @param {any} id
   * @param {any} change
   * @param {...any} rest [options], [callback]
   */
  update(id, change, ...rest) {
    const callback = takeCallback(rest);
    return withCallback(update(this, id, change, rest[0]), callback);
  }

  /**
   * @param {any} id
   * @param {any} merge
   * @param {...any} rest [options], [callback]
   */
  resolve(id, merge, ...rest) {
    const callback = takeCallback(rest);
    return withCallback(resolve(this, id, merge, rest[0]), callback);
  }

  /** @param {...any} args [options], [callback] */
  conflicts(...args) {
    const callback = takeCallback(args);
    const { signal } = args[0] ?? {};
    /** @param {import('./conflicts.js').PageOptions} page */
    const ask = (page) =>
      this.#answer('conflicts', [{ ...page, signal }], (database) => database.conflicts(page));
    const read = () =>
      this.adapter === 'http' ? conflictsThere(this, signal) : conflictsHere(ask);
    return new Listing(read, { callback });
  }

  /** @param {...any} args [options], [callback] */
  scan(...args) {
    const callback = takeCallback(args);
    return new Listing(() => scan(this, args[0] ?? {}), { callback });
  }

  /**
   * Registers a validate_doc_update function.
   *
   * @param {any} validate
   * @param {import('./validation.js').Options} [options]
   */
  validate(validate, options) {
    return this.#inUse().validators.add(validate, options);
  }

  /** @param {...any} args [options], [callback] */
  allDocs(...args) {
    return this.#answer('allDocs', args, (database) => documentCalls.allDocs(database, args[0]));
  }

  /** @param {...any} args revisions by document id, [callback] */
  revsDiff(...args) {
    return this.#answer('revsDiff', args, (database) => documentCalls.revsDiff(database, args[0]));
  }

  /** @param {...any} args {docs, revs, …}, [callback] */
  bulkGet(...args) {
    return this.#answer('bulkGet', args, (database) => documentCalls.bulkGet(database, args[0]));
  }

  /** @param {...any} args id, name, [rev], attachment, type, [callback]; a Blob has a type */
  putAttachment(...args) {
    return this.#answer('putAttachment', args, (database) => {
      const [docId, name, ...more] = args;
      return attachmentCalls.putAttachment(this.#writesTo(database), docId, name, more);
    });
  }

  /** @param {...any} args id, name, [{rev}], [callback] */
  getAttachment(...args) {
    return this.#answer('getAttachment', args, (database) =>
      attachmentCalls.getAttachment(database, args[0], args[1], args[2]),
    );
  }

  /** @param {...any} args id, name, rev, [callback] */
  removeAttachment(...args) {
    return this.#answer('removeAttachment', args, (database) =>
      attachmentCalls.removeAttachment(this.#writesTo(database), args[0], args[1], args[2]),
    );
  }

  /** @param {...any} args [callback] */
  info(...args) {
    return this.#answer('info', args, (database) => database.info());
  }

  /** @param {...any} args [options], [callback] */
  compact(...args) {
    return this.#answer('compact', args, (database) => documentCalls.compact(database, args[0]));
  }

  /** @param {...any} args id, rev, [callback] */
  purge(...args) {
    return this.#answer('purge', args, (database) =>
      documentCalls.purge(database, args[0], args[1]),
    );
  }

  /** @param {...any} args [callback] */
  repair(...args) {
    return this.#answer('repair', args, (database) => database.repair());
  }

  /** @param {...any} args [options], [callback] */
  changes(...args) {
    const callback = takeCallback(args);
    log('couchlet:api', this.name, 'changes', ...args);
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

  /** @param {...any} args remote (a Couchlet, a name or a URL), [options], [callback] */
  pendingChanges(...args) {
    const Class = /** @type {typeof Couchlet} */ (this.constructor);
    return this.#answer('pendingChanges', args, () =>
      withSide(Class, args[0], (side) => pendingChanges(this.#side, side, args[1] ?? {})),
    );
  }

  /** @param {...any} args [callback] */
  close(...args) {
    return this.#answer('close', args, async (database) => {
      this.#state = 'closed';
      await this.#endFeeds();
      await database.close();
      this.emit('closed');
    });
  }

  /** @param {...any} args [options], [callback] */
  destroy(...args) {
    return this.#answer('destroy', args, async (database) => {
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
    return feedBetween(this, Replication, [source, target], rest);
  }

  /**
   * @param {any} local a Couchlet, a name or a URL
   * @param {any} remote the same, or two of them: {push, pull}
   * @param {...any} rest [options], [callback]
   * @returns {Sync}
   */
  static sync(local, remote, ...rest) {
    const remotes = isSplit(remote) ? [remote.push, remote.pull] : [remote];
    return feedBetween(this, Sync, [local, ...remotes], rest);
  }

  /**
   * A class whose databases have these options, unless they are given others.
   *
   * @param {Options} defaults
   */
  static defaults(defaults) {
    return callable(
      class extends this {
        static __defaults = { ...super.__defaults, ...defaults };
      },
    );
  }

  /**
   * Copies a PouchDB database, or what is new in it since the last time.
   *
   * @param {any} pouch
   * @param {Options} [options] {name, local_ids, batch_size, onProgress, signal}, and those of the
   *   new database
   */
  static async fromPouchDB(pouch, options = {}) {
    return copyPouchDB(this, pouch, options);
  }

  /**
   * An object's members become methods of all databases of this class; a function gets the class.
   *
   * @param {any} plugin
   */
  static plugin(plugin) {
    install(this, plugin);
    return this;
  }

  /**
   * The names of the databases of this origin, those of a `prefix` without it.
   *
   * @param {Callback} [callback]
   */
  static allDbs(callback) {
    return withCallback(localNames(storageNameOf('', this.__defaults)), callback);
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

  /** What feeds may call; refused, like all else, once the database is closed. */
  #side = makeReplicable(this, {
    /** @param {string} id */
    get: async (id) => documentCalls.get(this.#inUse(), id),
    adapter: () => this.adapter,
    name: () => this.name,
    /**
     * @param {Options} options
     * @param {AbortSignal} signal
     */
    changes: async (options, signal) => this.#inUse().changes(options, signal),
    /** @returns {Promise<any>} */
    peer: async () => this.#inUse().peer(),
    /** @returns {Promise<any>} */
    targetPeer: async () => this.#targetPeer(),
    /** @param {import('./feed.js').Feed} feed */
    endsBeforeClosing: (feed) => this.#endsBeforeClosing(feed),
    close: () => this.close(),
    /** @returns {Promise<any>} */
    database: async () => this.#inUse(),
    couchlet: () => this,
  });

  /**
   * @template T
   * @param {string} method
   * @param {any[]} args its callback and its signal are taken off them
   * @param {(database: ValidatedDatabase | RemoteDatabase) => Promise<T>} call
   */
  #answer(method, args, call) {
    const callback = takeCallback(args);
    const signal = takeSignal(args);
    log('couchlet:api', this.name, method, ...args);
    /** @type {Promise<T>} */
    let answer;
    try {
      const database = this.#inUse();
      answer = signal
        ? untilAborted(signal, () => database.obeying(signal, call))
        : call(database);
    } catch (error) {
      answer = Promise.reject(error);
    }
    return withCallback(answer, callback);
  }

  /**
   * @param {import('./bulk-stream.js').Source} source
   * @param {any[]} args of bulkDocs
   */
  #writeFrom(source, args) {
    const callback = takeCallback(args);
    const [{ new_edits: newEdits }, options] = args;
    const each = { new_edits: newEdits, ...options };
    if (each.new_edits === undefined) delete each.new_edits;
    const write = async (/** @type {any[]} */ batch) => this.bulkDocs(batch, each);
    const entries = () => writeAll(source, write, each.signal);
    return new Listing(entries, { callback, startsByItself: true });
  }

  /**
   * Where writes go. Who replaces bulkDocs sees them all, as with PouchDB.
   *
   * @param {ValidatedDatabase | RemoteDatabase} database
   */
  #writesTo(database) {
    if (this.bulkDocs === kBulkDocs) return database;
    return new InterceptedWrites(database, (...args) => this.bulkDocs(...args));
  }

  async #targetPeer() {
    if (this.bulkDocs === kBulkDocs) return this.#inUse().peer();
    return interceptedTarget(this.#inUse(), async (...args) => this.bulkDocs(...args));
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

const kBulkDocs = Couchlet.prototype.bulkDocs;

export default callable(Couchlet);
