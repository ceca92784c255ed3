// A heartbeat: a message that this thread sends to itself again and again. Each time it comes late
// the thread was held by something else for about so long. (The browser's own observer of long
// tasks tells of none below 50 ms.)

// Shorter ones are the heartbeat itself.
const kLeastMs = 1;

export class Heart {
  /** @type {number[]} */
  #pauses = [];
  #last = performance.now();
  #channel = new MessageChannel();

  constructor() {
    const { port1, port2 } = this.#channel;
    port1.onmessage = () => {
      this.#beat();
      port2.postMessage(null);
    };
    port2.postMessage(null);
  }

  /** @returns {number[]} all pauses, ms */
  stop() {
    this.#channel.port1.close();
    this.#beat(); // what this call had to wait for
    return this.#pauses;
  }

  #beat() {
    const now = performance.now();
    if (now - this.#last >= kLeastMs) this.#pauses.push(now - this.#last);
    this.#last = now;
  }
}
