// Watches over one request that may stay open for long: ends it when its owner cancels, and when
// the server has been silent for longer than was agreed, as on a connection that a network has
// dropped without a word.

export class Watchdog {
  #abort = new AbortController();
  #owner;
  #silence = Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #giveUp = () => this.#abort.abort();

  /** @param {AbortSignal} owner */
  constructor(owner) {
    this.#owner = owner;
    if (owner.aborted) this.#giveUp();
    else owner.addEventListener('abort', this.#giveUp);
  }

  /** For the request. */
  get signal() {
    return this.#abort.signal;
  }

  /** @param {number} milliseconds between two signs of life, from now on */
  allowSilence(milliseconds) {
    this.#silence = milliseconds;
    this.#restart();
  }

  /**
   * The whole body as text.
   *
   * @param {Response} response
   */
  async read(response) {
    if (!response.body) return response.text();
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      this.#restart();
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      text += decoder.decode(value, { stream: true });
    }
  }

  end() {
    clearTimeout(this.#timer);
    this.#owner.removeEventListener('abort', this.#giveUp);
  }

  #restart() {
    clearTimeout(this.#timer);
    if (this.#silence !== Infinity) this.#timer = setTimeout(this.#giveUp, this.#silence);
  }
}
