// A replication each way between a local database and a remote one; or, with split remotes, to one
// and from another: writes go into `push`, from where somebody takes them over into `pull`.

import { ConflictPolicy } from './conflict-policy.js';
import { badRequest } from './errors.js';
import { Feed } from './feed.js';
import { Replication } from './replication.js';
import { SentDocuments } from './sent-documents.js';
import { statusTeller, SyncStatus } from './sync-status.js';

/** @typedef {import('./replication.js').Database} Database */
/** @typedef {import('./callback.js').Callback} Callback */
/** @typedef {'push' | 'pull'} Direction */

export class Sync extends Feed {
  /** Those that have nothing to do, or can do nothing because of the error. */
  #paused = {
    push: /** @type {{error?: unknown} | null} */ (null),
    pull: /** @type {{error?: unknown} | null} */ (null),
  };
  #local;
  #remotes;
  #isSplit;
  #status;
  #sent;
  /** @type {ConflictPolicy | undefined} */
  #policy;
  /** What is to be done before all is complete. @type {() => Promise<unknown>} */
  #whenPulled = async () => {};

  /**
   * @param {Database} local
   * @param {Database} remote
   * @param {Record<string, any>} options
   * @param {Callback} [callback]
   * @param {Database} [origin] that is read from, if it is another one
   */
  constructor(local, remote, options, callback, origin = remote) {
    super(options.signal, callback);
    const { push, pull, resolve, signal: _, ...both } = options;
    const remotes = { push: remote, pull: origin };
    this.#local = local;
    this.#remotes = remotes;
    this.#isSplit = remotes.push !== remotes.pull;
    const setting = {
      // One listener is ours.
      wantsDocuments: (/** @type {Replication} */ one) =>
        this.isWatched || one.listenerCount('change') > 1,
    };
    const tellStatus = statusTeller(
      () => this.status,
      (status) => this.emit('status', status),
    );
    this.#sent = new SentDocuments(local, remotes, tellStatus);
    const toInbox = this.#isSplit ? { origin: remotes.pull } : {};
    const ofPush = { ...setting, ...toInbox, sent: this.#sent };
    const ofPull = { ...setting, sent: null, resolves: resolve !== undefined };
    this.push = new Replication(local, remotes.push, { ...both, ...push }, undefined, ofPush);
    this.pull = new Replication(remotes.pull, local, { ...both, ...pull }, undefined, ofPull);
    this.#status = new SyncStatus(this.push.course, this.pull.course);
    this.push.on('status', tellStatus);
    this.pull.on('status', tellStatus);
    this.#follow('push');
    this.#follow('pull');
    this.#followSent();
    if (resolve !== undefined) this.#applyPolicy(resolve);
    this.#run();
  }

  cancel() {
    this.push.cancel();
    this.pull.cancel();
    this.#policy?.stop();
    super.cancel();
  }

  get status() {
    const { pending, ...status } = this.#status.value;
    return { ...status, pending: { ...pending, unsettled: this.#sent.count } };
  }

  /** Tries again now, if it is waiting to. */
  wake() {
    this.push.wake();
    this.pull.wake();
  }

  /**
   * Documents that are not, or not as they are here, where they are to be: not sent yet, refused,
   * or sent and not taken over yet.
   */
  async pendingDocs() {
    const { waiting = [] } = await this.push.pendingChanges({ lists_waiting: true });
    const sent = await this.#sent.list();
    const settled = Object.entries(sent).map(([id, { revs, reason }]) => ({
      id,
      rev: revs[0],
      state: reason === undefined ? 'sent' : 'refused',
      ...(reason !== undefined && { reason }),
    }));
    const unsent = waiting.filter(({ id }) => !sent[id]);
    return [...unsent.map((document) => ({ ...document, state: 'waiting' })), ...settled];
  }

  /** @param {unknown} error of both directions, and so of the whole */
  abandon(error) {
    this.push.abandon(error);
    this.pull.abandon(error);
  }

  /** @param {Direction} direction */
  #follow(direction) {
    const replication = this[direction];
    const other = direction === 'push' ? this.pull : this.push;
    replication.on('change', (change) => this.deliver({ direction, change }));
    replication.on('denied', (doc) => this.emit('denied', { direction, doc }));
    replication.on('checkpoint', (at) => this.emit('checkpoint', { direction, ...at }));
    replication.on('active', () => {
      // Who answers one direction answers the other: it need not wait for its next attempt.
      if (other.course.state === 'offline') other.wake();
      // There was trouble: a database that was made anew lacks what was pushed.
      if (direction === 'pull' && this.#paused.pull?.error) this.push.check();
      this.#paused[direction] = null;
      this.emit('active', { direction });
    });
    replication.on('paused', (error) => this.#pause(direction, error));
    replication.on('complete', ({ status }) => {
      if (status === 'complete' && !other.isOver) this.#pause(direction);
    });
  }

  /**
   * @param {Direction} direction
   * @param {unknown} [error] because of which
   */
  #pause(direction, error) {
    this.#paused[direction] = { error };
    const { push, pull } = this.#paused;
    if (push && pull) this.emit('paused', push.error ?? pull.error);
  }

  /** @param {any} resolve */
  #applyPolicy(resolve) {
    if (typeof resolve !== 'function') throw badRequest("'resolve' must be a function");
    const policy = (this.#policy = new ConflictPolicy(this.#local, resolve, (event, value) =>
      this.emit(event, value),
    ));
    // Where another tab pulls, that one resolves.
    const apply = async () => this.pull.isFollower || policy.apply();
    const ignore = () => {}; // it is being closed
    apply().catch(ignore);
    this.pull.on('change', () => apply().catch(ignore));
    this.#whenPulled = apply;
  }

  async #run() {
    try {
      const [push, pull] = await Promise.all([this.push, this.pull]);
      if (push.status === 'complete') await this.#settle().catch(() => {});
      await this.#sent.stored();
      await this.#whenPulled().catch(() => {});
      this.complete({ push, pull });
    } catch (error) {
      this.cancel();
      this.fail(error);
    }
  }

  #followSent() {
    const { push, pull } = this;
    this.#sent.load();
    // What another tab does, that one stores.
    push.on('lacking', (revisions) => !push.isFollower && this.#sent.sent(revisions));
    for (const one of [push, pull]) {
      one.on('checkpoint', () => one.isFollower && this.#sent.load());
    }
    if (!this.#isSplit) return this.#settleOnce();
    // Whatever moves the pull may have brought something back.
    for (const event of ['change', 'checkpoint', 'paused']) {
      pull.on(event, (error) => {
        // What can't be asked now is asked the next time.
        if (!pull.isFollower && !(error instanceof Error)) this.#settle().catch(() => {});
      });
    }
  }

  /** What an earlier session has heard refused may have been taken since. */
  #settleOnce() {
    let isDue = true;
    this.push.on('paused', (error) => {
      if (error || this.push.isFollower || !isDue) return;
      isDue = false;
      this.#settle().catch(() => {});
    });
  }

  async #settle() {
    const origin = await this.#remotes.pull.database();
    await this.#sent.settle((revisions) => origin.revsDiff(revisions));
  }
}
