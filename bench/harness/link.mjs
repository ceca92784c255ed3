// The measuring process's side of link-process.mjs, and the links that there are.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./link-process.mjs').Traffic} Traffic */
/** @typedef {Partial<import('../../js/bad-network/conditions.js').Conditions>} Conditions */
/** @typedef {{name: string, title: string, conditions: Conditions}} LinkEntry */

const kProcess = fileURLToPath(new URL('link-process.mjs', import.meta.url));

/** @type {LinkEntry[]} */
export const kLinks = [
  { name: 'loopback', title: 'the loopback interface', conditions: {} },
  // Half of a round trip each way.
  { name: '100ms', title: 'round trips of 100 ms', conditions: { latency: 50 } },
  { name: '1mbit', title: '1 Mbit/s each way', conditions: { rate: 125_000 } },
];

/** @type {Conditions} */
const kGood = { latency: 0, rate: 0, drop: 0 };

/** @param {number} serverPort */
export async function openLink(serverPort) {
  const child = fork(kProcess, [String(serverPort)]);
  const [{ port }] = await once(child, 'message');
  return new Link(child, port);
}

/** A link of one measurement: the same faults hit the same requests of each. */
export class Link {
  #child;
  #port;

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {number} port
   */
  constructor(child, port) {
    this.#child = child;
    this.#port = port;
  }

  /**
   * An origin of the server behind it.
   *
   * @param {string} name
   */
  origin(name) {
    return `http://${name}.localhost:${this.#port}`;
  }

  /**
   * It is good, but for these, from now on.
   *
   * @param {Conditions} conditions
   * @returns {Promise<Traffic>} so far
   */
  async become(conditions) {
    const answer = once(this.#child, 'message');
    this.#child.send({ ...kGood, ...conditions });
    return (await answer)[0];
  }

  async close() {
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}
