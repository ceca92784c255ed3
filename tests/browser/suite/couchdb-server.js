// tests/node/couchdb-server.js, for a page: the server is reached through the site it came from.

const kUrl = `${location.origin}/couchdb`;

export const isCouchDB = new URLSearchParams(location.search).has('isCouchDB');

export async function couchDB() {
  /** @type {string[]} */
  const addresses = [];
  return {
    url: kUrl,
    newDatabase(name = 'test') {
      addresses.push(`${kUrl}/couchlet-${name}-${crypto.randomUUID()}`);
      return addresses.at(-1);
    },
    async clear() {
      await Promise.all(addresses.splice(0).map((address) => request('DELETE', address)));
    },
  };
}

/** @param {string} method @param {string} address @param {unknown} [body] */
export async function request(method, address, body) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  return response.json();
}
