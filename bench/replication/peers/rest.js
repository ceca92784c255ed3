// No local database at all: each read and each write is a request.

/** @typedef {import('../../compare/peers/peer.js').Peer} Peer */
/** @typedef {import('../../compare/peers/peer.js').Database} Database */

/** @returns {Peer} */
export function rest() {
  return {
    async load() {},
    async open(name, remote) {
      if (!remote) throw new Error('it needs a server');
      return new RestDatabase(remote);
    },
  };
}

class RestDatabase {
  #url;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /** @type {Database['get']} */
  get(id) {
    return this.#send(id);
  }

  /** @type {Database['update']} */
  async update(id, change) {
    const document = await this.get(id);
    change(document);
    await this.#send(id, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(document),
    });
  }

  /**
   * @param {string} id
   * @param {RequestInit} [init]
   */
  async #send(id, init) {
    const response = await fetch(`${this.#url}/${id}`, init);
    if (!response.ok) throw new Error(`${id}: the server answers ${response.status}`);
    return response.json();
  }
}
