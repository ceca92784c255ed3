// A replication as an app sees it: a feed over the engine's replicator. sync.js has one each way.

import { activeTasks } from './active-tasks.js';
import { handOverUnsent } from './background-push.js';
import { isOnline, onConnectivityChange } from './connectivity.js';
import { CouchletError, databaseIs, notImplemented } from './errors.js';
import { countPendingChanges, EngineDatabase, startReplication } from './engine.js';
import { Feed } from './feed.js';
import { canShare } from './leadership.js';
import { onLocalWrites } from './local-writes.js';
import { engineOptions, replicationRequest } from './replication-request.js';
import { SharedReplication } from './shared-replication.js';
import { SentDocuments } from './sent-documents.js';
import { ReplicationStatus, statusTeller } from './sync-status.js';

// A write wakes a replication that waits for the network, but not each of many.
const kWakeIntervalMs = 1000;

// Begins the names of databases that all tabs share.
const kHere = 'idb:';

/**
 * @param {Database} database
 * @returns {Promise<string | undefined>} nothing for one that this tab has for itself
 */
async function nameForAll(database) {
  const opened = await database.database();
  const { adapter } = opened;
  if (adapter === 'memory') return undefined;
  return adapter === 'idb' ? `${kHere}${await opened.id()}` : database.name();
}

/** @param {any} error of the engine, or its description */
function asError(error) {
  return error instanceof CouchletError ? error : CouchletError.fromJSON(error);
}

/** @param {{rev?: string}} refusal an error that is about this revision, if one is known */
function asRefusal(refusal) {
  const { rev } = refusal;
  return Object.assign(asError(refusal), rev !== undefined && { rev });
}

/**
 * @typedef {object} Database
 * @property {() => Promise<any>} peer
 * @property {() => Promise<any>} targetPeer of one that is written to
 * @property {() => Promise<any>} database
 * @property {() => any} couchlet
 * @property {() => string} name
 * @property {() => string} adapter
 * @property {(id: string) => Promise<any>} get
 */
/** @typedef {import('./callback.js').Callback} Callback */
/** @typedef {import('./engine.js').ReplicationEvents} ReplicationEvents */
/** @typedef {import('./shared-replication.js').Member['run']} Run */
/**
 * @typedef {object} Setting of a replication in a sync
 * @property {(replication: Replication) => boolean} [wantsDocuments] whether anybody looks at
 *   change events
 * @property {Database} [origin] what this one has is not carried, and 'lacking' tells of what it
 *   hasn't
 * @property {boolean} [resolves] conflicts that it brings are resolved: one that doesn't can't stand
 *   in for it
 * @property {SentDocuments | null} [sent] remembers what is refused, for a sync to tell of; null: it
 *   is not remembered
 */

/**
 * How many changes a replication would have to carry, as far as can be told without a request.
 *
 * @param {Database} source
 * @param {Database} target
 * @param {Record<string, any>} options
 */
export async function pendingChanges(source, target, options) {
  const [from, to] = await Promise.all([source.peer(), target.peer()]);
  if (!(from instanceof EngineDatabase)) {
    throw notImplemented('pendingChanges is for local databases');
  }
  const sides = { source: from, target: to };
  const request = await replicationRequest(source, options);
  const counted = await countPendingChanges(sides, request.options, request.filter);
  return /** @type {number} */ (counted.count) + counted.refused;
}

export class Replication extends Feed {
  #databases;
  #options;
  #resolves;
  #sent;
  #wantsDocuments;
  /** @type {import('./engine.js').Sides | undefined} once the databases are open */
  #sides;
  /** @type {import('./replication-request.js').ReplicationRequest} */
  #request = { options: {}, filter: undefined };
  #ending = new AbortController();
  /** @type {SharedReplication | null} */
  #shared = null;
  #taskId = '';
  /** @type {Awaited<ReturnType<typeof startReplication>> | null} */
  #task = null;
  #wokenAt = 0;
  /** The source's, up to which all is known to be done. @type {any} */
  #sequence;
  /** How often the engine has told that it has come further: what was counted before is old then. */
  #told = 0;
  #tellStatus = statusTeller(
    () => this.status,
    (status) => this.emit('status', status),
  );
  /** How it goes. */
  course = new ReplicationStatus(this.#tellStatus);

  /**
   * @param {Database} source
   * @param {Database} target
   * @param {Record<string, any>} options
   * @param {Callback} [callback]
   * @param {Setting} [setting]
   */
  constructor(source, target, options, callback, setting = {}) {
    super(options.signal, callback);
    const { origin, wantsDocuments = (one) => one.isWatched } = setting;
    const { sent = new SentDocuments(source, { push: target, pull: target }, () => {}) } = setting;
    this.#sent = sent;
    this.#resolves = setting.resolves ?? false;
    this.#wantsDocuments = wantsDocuments;
    this.#databases = { source, target, origin };
    this.#options = options;
    // Once the caller has had its turn to add listeners, so that no event is missed, and none is
    // prepared in vain.
    queueMicrotask(() => this.#start());
  }

  get status() {
    return this.course.value;
  }

  cancel() {
    this.#ending.abort();
    this.#task?.cancel();
    super.cancel();
  }

  /** Tries again now, if it is waiting to. */
  wake() {
    this.#wokenAt = Date.now();
    if (this.isFollower) this.#shared?.wake();
    else this.#task?.wake();
  }

  /** Looks whether the server's database was made anew, while it waits for something to do. */
  check() {
    this.#task?.check();
  }

  /** Whether another tab replicates in this one's place. */
  get isFollower() {
    return this.#shared?.isLeader === false;
  }

  async #start() {
    const stopListening = onConnectivityChange(() => {
      this.wake();
      this.#tellStatus();
    });
    const { live, continuous } = this.#options;
    const kind = live || continuous ? 'continuous replication' : 'replication';
    this.#taskId = activeTasks.add({ name: `${kind} from ${this.#databases.source.name()}` });
    try {
      const result = await this.#run();
      this.course.completed(result);
      this.complete(result);
    } catch (error) {
      // What was written last is not counted yet, and nobody will count it any more.
      await this.#count();
      this.course.failed(asError(error));
      this.fail(asError(error));
    } finally {
      stopListening();
      activeTasks.remove(this.#taskId);
    }
  }

  async #run() {
    const report = { report_documents: this.#wantsDocuments(this) };
    const { source, target, origin } = this.#databases;
    this.#request = await replicationRequest(source, this.#options);
    const options = { ...this.#request.options, ...report };
    const peers = [source.peer(), target.targetPeer(), origin?.peer()];
    const [from, to, beyond] = await Promise.all(peers);
    const sides = (this.#sides = { source: from, target: to, origin: beyond });
    const stopCounting = onLocalWrites(from, () =>
      this.course.state === 'active' ? undefined : this.#count(),
    );
    const stopListening = onLocalWrites(from, () => this.#wakeForWrite());
    this.#count();
    const job = this.#options.background && (await this.#pushJob());
    const stopHandingOver = job ? handOverUnsent(this, job) : () => {};
    try {
      /** @type {Run} */
      const run = (events, lost) => this.#replicate(sides, options, events, lost);
      const name = await this.#sharedName();
      if (name === undefined) return await run(this.#events(), this.#ending.signal);
      return await this.#share(name, run);
    } finally {
      stopCounting();
      stopListening();
      stopHandingOver();
      await this.#sent?.stored();
    }
  }

  /**
   * @returns {Promise<import('./background-push.js').PushJob | undefined>} nothing if it is no push
   *   that a service worker could do
   */
  async #pushJob() {
    const { live, retry, ...options } = engineOptions(this.#options);
    if (typeof options.filter === 'function') return undefined;
    const { source, target, origin } = this.#databases;
    const [from, to] = await Promise.all([source.database(), target.database()]);
    if (!live || from.adapter !== 'idb' || to.adapter !== 'http') return undefined;
    return { name: from.storageName, push: target.name(), pull: origin?.name(), options };
  }

  /**
   * @param {import('./engine.js').Sides} sides
   * @param {Record<string, any>} options
   * @param {ReplicationEvents} events
   * @param {AbortSignal} end
   */
  async #replicate(sides, options, events, end) {
    const withRule = { ...events, backOff: this.#options.back_off_function ?? undefined };
    const task = await startReplication(sides, options, withRule, this.#request.filter);
    this.#task = task;
    if (this.#ending.signal.aborted || end.aborted) task.cancel();
    end.addEventListener('abort', () => task.cancel());
    try {
      return await task.done;
    } finally {
      this.#task = null;
    }
  }

  /**
   * @returns {Promise<string | undefined>} the same in all tabs that would do the same; nothing if
   *   this one is to replicate by itself
   */
  async #sharedName() {
    const { live, ...options } = engineOptions(this.#options);
    if (!live || this.#options.shared === false || !canShare()) return undefined;
    if (typeof options.filter === 'function') return undefined; // it may be another one there
    const { source, target, origin } = this.#databases;
    const names = await Promise.all([source, target].map(nameForAll));
    const isOurs = names.filter((name) => name?.startsWith(kHere)).length === 1;
    if (!isOurs || names.includes(undefined)) return undefined;
    const whatFor = this.#resolves ? ['resolves'] : [];
    return [...names, origin?.name() ?? '', JSON.stringify(options), ...whatFor].join(' ');
  }

  /**
   * @param {string} name
   * @param {Run} run
   */
  async #share(name, run) {
    const began = new Date().toISOString();
    this.#shared = new SharedReplication(name, {
      events: this.#events(),
      run: (events, lost) => {
        this.course.restart();
        return run(events, lost);
      },
      wake: () => this.#task?.wake(),
      state: () => this.course.shared,
      follow: (state) => this.course.follow(state),
    });
    try {
      return await this.#shared.run(this.#ending.signal);
    } catch (error) {
      if (!this.#ending.signal.aborted) throw error;
      return this.#resultOfFollower(began);
    } finally {
      this.#shared = null;
    }
  }

  /** @param {string} began */
  #resultOfFollower(began) {
    const counts = { docs_read: 0, docs_written: 0, doc_write_failures: 0, errors: [] };
    const times = { start_time: began, end_time: new Date().toISOString() };
    return { ok: true, ...times, ...counts, last_seq: this.#sequence ?? 0, status: 'cancelled' };
  }

  /** @returns {ReplicationEvents} */
  #events() {
    const { course } = this;
    /** @param {(value: any) => void} tell */
    const told = (tell) => (/** @type {any} */ value = undefined) => {
      this.#told += 1;
      tell(value);
    };
    const allDone = told(() => {
      course.paused(undefined);
      this.emit('paused', undefined);
    });
    return {
      change: told((info) => {
        course.carried(info);
        this.#reached(info.last_seq);
        this.#showProgress(info);
        this.deliver(info);
      }),
      paused: (reason) => {
        if (reason) this.#interrupted(asError(reason));
        else allDone();
      },
      active: () => {
        course.active();
        this.emit('active');
      },
      denied: told((refusal) => this.#refused(asRefusal(refusal))),
      lacking: (revisions) => this.emit('lacking', revisions),
      checkpoint: told((sequence) => {
        this.#reached(sequence);
        this.emit('checkpoint', { checkpoint: sequence });
      }),
    };
  }

  /** @param {CouchletError} error */
  #interrupted(error) {
    this.course.paused(error);
    this.emit('paused', error);
    // What was written while it worked hasn't been counted.
    this.#count();
  }

  /** @param {CouchletError} refusal */
  #refused(refusal) {
    // What another tab does, that one remembers.
    if (!this.isFollower) this.#sent?.refused(refusal);
    this.emit('denied', refusal);
  }

  /** @param {any} progress */
  #showProgress({ docs_read: done, pending = 0 }) {
    activeTasks.update(this.#taskId, { completed_items: done, total_items: done + pending });
  }

  /** @param {any} sequence */
  #reached(sequence) {
    const isOlder = typeof sequence === 'number' && sequence < this.#sequence;
    if (!isOlder) this.#sequence = sequence;
  }

  /**
   * Of the source's changes, those that the target isn't known to have: how many there are, and
   * after which sequence.
   *
   * @param {{lists_waiting?: boolean}} [asked]
   */
  async pendingChanges(asked) {
    if (!this.#sides) throw databaseIs('closed');
    const { options, filter } = this.#request;
    const since = this.#sequence ?? options.since;
    return countPendingChanges(this.#sides, { ...options, since, ...asked }, filter);
  }

  async #count() {
    const told = this.#told;
    try {
      const counted = await this.pendingChanges();
      if (told === this.#told && !this.isOver) this.course.counted(counted);
    } catch {
      // Not without asking, or not any more.
    }
  }

  #wakeForWrite() {
    const isDue = Date.now() - this.#wokenAt >= kWakeIntervalMs;
    if (this.course.state === 'offline' && isDue && isOnline()) this.wake();
  }
}
