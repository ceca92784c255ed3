// Replications as an app sees them: feeds over the engine's replicator. Replication goes one way,
// Sync is one each way.

import { onConnectivityChange } from './connectivity.js';
import { CouchletError, notImplemented } from './errors.js';
import { startReplication } from './engine.js';
import { Feed } from './feed.js';

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

/** @typedef {{peer: () => Promise<any>}} Database */
/** @typedef {import('./callback.js').Callback} Callback */

export class Replication extends Feed {
  #source;
  #target;
  #options;
  #wantsDocuments;
  #isCancelled = false;
  /** @type {Awaited<ReturnType<typeof startReplication>> | null} */
  #task = null;

  /**
   * @param {Database} source
   * @param {Database} target
   * @param {Record<string, any>} options
   * @param {Callback} [callback]
   * @param {() => boolean} [wantsDocuments] whether anybody looks at change events
   */
  constructor(source, target, options, callback, wantsDocuments = () => this.isWatched) {
    super(options.signal, callback);
    this.#wantsDocuments = wantsDocuments;
    this.#source = source;
    this.#target = target;
    this.#options = options;
    // Once the caller has had its turn to add listeners, so that no event is missed, and none is
    // prepared in vain.
    queueMicrotask(() => this.#start());
  }

  cancel() {
    this.#isCancelled = true;
    this.#task?.cancel();
    super.cancel();
  }

  async #start() {
    const stopListening = onConnectivityChange(() => this.#task?.wake());
    try {
      this.complete(await this.#run());
    } catch (error) {
      this.fail(asError(error));
    } finally {
      stopListening();
    }
  }

  async #run() {
    const options = this.#engineOptions();
    const [source, target] = await Promise.all([this.#source.peer(), this.#target.peer()]);
    this.#task = await startReplication(source, target, options, {
      change: (info) => this.deliver(info),
      paused: (error) => this.emit('paused', error ? asError(error) : undefined),
      active: () => this.emit('active'),
      denied: (refusal) => this.emit('denied', asError(refusal)),
      checkpoint: (sequence) => this.emit('checkpoint', { checkpoint: sequence }),
    });
    if (this.#isCancelled) this.#task.cancel();
    return this.#task.done;
  }

  #engineOptions() {
    /** @type {Record<string, any>} */
    const options = { report_documents: this.#wantsDocuments() };
    for (const name of kEngineOptions) {
      if (this.#options[name] !== undefined) options[name] = this.#options[name];
    }
    if (this.#options.continuous) options.live = true;
    if (typeof options.filter === 'function') {
      throw notImplemented("A replication's filter is the name of one in a design document");
    }
    return options;
  }
}

export class Sync extends Feed {
  #isPaused = { push: false, pull: false };

  /**
   * @param {Database} local
   * @param {Database} remote
   * @param {Record<string, any>} options
   * @param {Callback} [callback]
   */
  constructor(local, remote, options, callback) {
    super(options.signal, callback);
    const { push, pull, signal: _, ...both } = options;
    const isWatched = () => this.isWatched;
    this.push = new Replication(local, remote, { ...both, ...push }, undefined, isWatched);
    this.pull = new Replication(remote, local, { ...both, ...pull }, undefined, isWatched);
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

  /** @param {unknown} error of both directions, and so of the whole */
  abandon(error) {
    this.push.abandon(error);
    this.pull.abandon(error);
  }

  /** @param {'push' | 'pull'} direction */
  #follow(direction) {
    const replication = this[direction];
    replication.on('change', (change) => this.deliver({ direction, change }));
    replication.on('denied', (doc) => this.emit('denied', { direction, doc }));
    replication.on('checkpoint', (at) => this.emit('checkpoint', { direction, ...at }));
    replication.on('active', () => {
      this.#isPaused[direction] = false;
      this.emit('active', { direction });
    });
    replication.on('paused', (error) => {
      this.#isPaused[direction] = true;
      if (this.#isPaused.push && this.#isPaused.pull) this.emit('paused', error);
    });
  }
}
