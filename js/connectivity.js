// Tells when the connection may have changed: the browser says online or offline, or the page is
// looked at again (timers and sockets sleep in a hidden page). Where there are no such events
// (Node), never.

/** What the browser says, which is to be believed when it says no. */
export function isOnline() {
  return globalThis.navigator?.onLine !== false;
}

/**
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function onConnectivityChange(listener) {
  const whenVisible = () => {
    if (globalThis.document.visibilityState === 'visible') listener();
  };
  globalThis.addEventListener?.('online', listener);
  globalThis.addEventListener?.('offline', listener);
  globalThis.document?.addEventListener('visibilitychange', whenVisible);
  return () => {
    globalThis.removeEventListener?.('online', listener);
    globalThis.removeEventListener?.('offline', listener);
    globalThis.document?.removeEventListener('visibilitychange', whenVisible);
  };
}
