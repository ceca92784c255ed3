// Couchlet.activeTasks: what goes on in this page that takes its time (compactions, replications,
// index building), with how far each has come. Anybody may look at it, and add tasks of their own.
//
// A task is {id, name, created_at}, and as far as they are known {total_items, completed_items,
// updated_at}; times are ISO texts.

/** @typedef {Record<string, any>} Task */

/** @param {Task} values */
const known = (values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const now = () => new Date().toISOString();

export class ActiveTasks {
  /** @type {Record<string, Task>} */
  tasks = {};

  /** @returns {Task[]} */
  list() {
    return Object.values(this.tasks);
  }

  /**
   * @param {Task} task {name, total_items}
   * @returns {string} what it is found by
   */
  add({ name, total_items }) {
    // Not randomUUID(): pages that don't come over HTTPS have none.
    const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
    this.tasks[id] = known({ id, name, total_items, created_at: now() });
    return id;
  }

  /**
   * @param {string} id
   * @returns {Task | undefined} nothing for one that is over
   */
  get(id) {
    return this.tasks[id];
  }

  /**
   * @param {string} id one that is over is passed over
   * @param {Task} progress {completed_items, total_items}
   */
  update(id, { completed_items, total_items }) {
    const task = this.tasks[id];
    if (!task) return this.tasks;
    this.tasks[id] = { ...task, ...known({ completed_items, total_items }), updated_at: now() };
    return this.tasks;
  }

  /**
   * @param {string} id
   * @param {unknown} [_reason] why it is over: an error, say
   */
  remove(id, _reason) {
    delete this.tasks[id];
    return this.tasks;
  }
}

export const activeTasks = new ActiveTasks();

/**
 * Shows a task for as long as a promise takes.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function asActiveTask(name, work) {
  const id = activeTasks.add({ name });
  try {
    return await work();
  } finally {
    activeTasks.remove(id);
  }
}
