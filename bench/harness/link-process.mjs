// A link between page and server, as a process of its own: couchlet's bad network, and what has
// come over it, heads of requests and answers included.
//
// Started by link.mjs with the server's port. Messages: {port} once it listens; to each message,
// which has the conditions from then on, it answers with what has come so far: {requests, up, down}.

import { subscribe } from 'node:diagnostics_channel';
import process from 'node:process';
import { badNetwork } from '../../js/bad-network/bad-network.js';

/** @typedef {{requests: number, up: number, down: number}} Traffic in bytes, as the page sees it */

/** @type {Set<import('node:net').Socket>} */
const sockets = new Set();
const ofClosedSockets = { up: 0, down: 0 };
subscribe('net.server.socket', (message) => {
  const { socket } = /** @type {{socket: import('node:net').Socket}} */ (message);
  sockets.add(socket);
  socket.on('close', () => {
    sockets.delete(socket);
    ofClosedSockets.up += socket.bytesRead;
    ofClosedSockets.down += socket.bytesWritten;
  });
});

const network = await badNetwork({ to: `http://127.0.0.1:${process.argv[2]}` });

/** @returns {Traffic} */
function traffic() {
  let { up, down } = ofClosedSockets;
  for (const socket of sockets) {
    up += socket.bytesRead;
    down += socket.bytesWritten;
  }
  return { requests: network.requests, up, down };
}

process.on('message', (/** @type {any} */ conditions) => {
  network.change(conditions);
  process.send?.(traffic());
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: network.port });
