// Replications as an app sees them: feeds over the engine's replicator. Replication goes one way,
// Sync is one each way.

import { activeTasks } from './active-tasks.js';
import { isOnline, onConnectivityChange } from './connectivity.js';
import { CouchletError, notImplemented } from './errors.js';
import { countPendingChanges, EngineDatabase, startReplication } from './engine.js';
import { Feed } from './feed.js';
import { onLocalWrites } from './local-writes.js';
import { ReplicationStatus, statusTeller, SyncStatus } from './sync-status.js';

// A write wakes a replication that waits for the network, but not each of many.
const kWakeIntervalMs = 1000;

// What the engine understands.
const kEngineOptions = /** @type {const} */ ([
  'batch_size',
  'batches_limit',
  'checkpoint',
  'doc_ids',
  'filter',
  'heartbeat',
  'live',
  'query_params',
  'retry',
  'selector',
  'since',
  'style',
  'timeout',
]);

/** @param {any} error of the engine, or its description */
function asError(error) {
  return error instanceof CouchletError ? error : CouchletError.fromJSON(error);
}

/** @typedef {{peer: () => Promise<any>, name: () => string}} Database */
/** @typedef {import('./callback.js').Callback} Callback */

/**
 * @param {Record<string, any>} options of a replication
 * @returns {Record<string, any>} what the engine understands of them
 */
function engineOptions(options) {
  if (typeof options.filter === 'function') {
    throw notImplemented("A replication's filter is the name of one in a design document");
  }
  const given = kEngineOptions.filter((name) => options[name] !== undefined);
  const understood = Object.fromEntries(given.map((name) => [name, options[name]]));
  return options.continuous ? { ...understood, live: true } : understood;
}

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
  const { count } = await countPendingChanges(from, to, engineOptions(options));
  return /** @type {number} */ (count);
}

export class Replication extends Feed {
  #source;
  #target;
  #options;
  #wantsDocuments;
  #isCancelled = false;
  #taskId = '';
  /** @type {Awaited<ReturnType<typeof startReplication>> | null} */
  #task = null;
  #wokenAt = 0;
  /** The source's, up to which all is known to be done. @type {any} */
  #sequence;
  /** How often the engine has told something: what was counted before is old then. */
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
   * @param {(replication: Replication) => boolean} [wantsDocuments] whether anybody looks at change
   *   events
   */
  constructor(source, target, options, callback, wantsDocuments = (one) => one.isWatched) {
    super(options.signal, callback);
    this.#wantsDocuments = wantsDocuments;
    this.#source = source;
    this.#target = target;
    this.#options = options;
    // Once the caller has had its turn to add listeners, so that no event is missed, and none is
    // prepared in vain.
    queueMicrotask(() => this.#start());
  }

  get status() {
    return this.course.value;
  }

  cancel() {
    this.#isCancelled = true;
    this.#task?.cancel();
    super.cancel();
  }

  /** Tries again now, if it is waiting to. */
  wake() {
    this.#wokenAt = Date.now();
    this.#task?.wake();
  }

  async #start() {
    const stopListening = onConnectivityChange(() => {
      this.wake();
      this.#tellStatus();
    });
    const { live, continuous } = this.#options;
    const kind = live || continuous ? 'continuous replication' : 'replication';
    this.#taskId = activeTasks.add({ name: `${kind} from ${this.#source.name()}` });
    try {
      const result = await this.#run();
      this.course.completed(result);
      this.complete(result);
    } catch (error) {
      this.course.failed(asError(error));
      this.fail(asError(error));
    } finally {
      stopListening();
      activeTasks.remove(this.#taskId);
    }
  }

  async #run() {
    const report = { report_documents: this.#wantsDocuments(this) };
    const options = { ...engineOptions(this.#options), ...report };
    const [source, target] = await Promise.all([this.#source.peer(), this.#target.peer()]);
    const count = () => this.#count(source, target, options);
    const stopListening = onLocalWrites(source, () => {
      if (this.course.state !== 'active') count();
      this.#wakeForWrite();
    });
    count();
    try {
      this.#task = await startReplication(source, target, options, this.#events());
      if (this.#isCancelled) this.#task.cancel();
      return await this.#task.done;
    } finally {
      stopListening();
    }
  }

  /** @returns {import('./engine.js').ReplicationEvents} */
  #events() {
    const { course } = this;
    /** @param {(value: any) => void} tell */
    const told = (tell) => (/** @type {any} */ value = undefined) => {
      this.#told += 1;
      tell(value);
    };
    return {
      change: told((info) => {
        course.carried(info);
        this.#reached(info.last_seq);
        this.#showProgress(info);
        this.deliver(info);
      }),
      paused: told((error) => {
        course.paused(error);
        this.emit('paused', error ?? undefined);
      }),
      active: told(() => {
        course.active();
        this.emit('active');
      }),
      denied: told((refusal) => this.emit('denied', asError(refusal))),
      checkpoint: told((sequence) => {
        this.#reached(sequence);
        this.emit('checkpoint', { checkpoint: sequence });
      }),
    };
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
   * Counts what is pending.
   *
   * @param {any} source
   * @param {any} target
   * @param {Record<string, any>} options
   */
  async #count(source, target, options) {
    const told = this.#told;
    const since = this.#sequence ?? options.since;
    try {
      const counted = await countPendingChanges(source, target, { ...options, since });
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

export class Sync extends Feed {
  #isPaused = { push: false, pull: false };
  #status;

  /**
   * @param {Database} local
   * @param {Database} remote
   * @param {Record<string, any>} options
   * @param {Callback} [callback]
   */
  constructor(local, remote, options, callback) {
    super(options.signal, callback);
    const { push, pull, signal: _, ...both } = options;
    // One listener is ours.
    const isWatched = (/** @type {Replication} */ one) =>
      this.isWatched || one.listenerCount('change') > 1;
    this.push = new Replication(local, remote, { ...both, ...push }, undefined, isWatched);
    this.pull = new Replication(remote, local, { ...both, ...pull }, undefined, isWatched);
    this.#status = new SyncStatus(this.push.course, this.pull.course);
    const tellStatus = statusTeller(
      () => this.status,
      (status) => this.emit('status', status),
    );
    this.push.on('status', tellStatus);
    this.pull.on('status', tellStatus);
    this.#follow('push');
    this.#follow('pull');
    Promise.all([this.push, this.pull]).then(
      ([pushed, pulled]) => this.complete({ push: pushed, pull: pulled }),
      (error) => {
        this.cancel();
        this.fail(error);
      },
    );
  }

  cancel() {
    this.push.cancel();
    this.pull.cancel();
    super.cancel();
  }

  get status() {
    return this.#status.value;
  }

  /** Tries again now, if it is waiting to. */
  wake() {
    this.push.wake();
    this.pull.wake();
  }

  /** @param {unknown} error of both directions, and so of the whole */
  abandon(error) {
    this.push.abandon(error);
    this.pull.abandon(error);
  }

  /** @param {'push' | 'pull'} direction */
  #follow(direction) {
    const replication = this[direction];
    const other = direction === 'push' ? this.pull : this.push;
    replication.on('change', (change) => this.deliver({ direction, change }));
    replication.on('denied', (doc) => this.emit('denied', { direction, doc }));
    replication.on('checkpoint', (at) => this.emit('checkpoint', { direction, ...at }));
    replication.on('active', () => {
      // Who answers one direction answers the other: it need not wait for its next attempt.
      if (other.course.state === 'offline') other.wake();
      this.#isPaused[direction] = false;
      this.emit('active', { direction });
    });
    replication.on('paused', (error) => {
      this.#isPaused[direction] = true;
      if (this.#isPaused.push && this.#isPaused.pull) this.emit('paused', error);
    });
  }
}
