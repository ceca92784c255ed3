// The connection with the server: what it is doing, and a switch to work without it.

import { syncWith } from './book.js';

const kServer = new URL('/db/expenses', location.href).href;

/** @param {(state: 'working' | 'saved' | 'offline' | 'failed', why?: string) => void} show */
export function connect(show) {
  let sync;
  const start = () => {
    show('working');
    sync = syncWith(kServer)
      .on('active', () => show('working'))
      .on('paused', (error) => show(error || !navigator.onLine ? 'offline' : 'saved'))
      .on('error', (error) => show('failed', error.reason ?? error.message));
  };
  const stop = () => {
    sync.cancel();
    show('offline');
  };
  start();
  return { start, stop };
}
