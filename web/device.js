// Which device this window plays. `/?device=two` has a database of its own, so that one browser can
// show what two devices do, a conflict for instance. Windows of the same device share a database.

/** Of the address; empty for the usual one. */
export const device = (new URLSearchParams(location.search).get('device') ?? '')
  .replace(/[^\p{L}\p{N} _-]/gu, '')
  .slice(0, 40);

export const databaseName = device ? `notes-${device}` : 'notes';

const kOfflineKey = `work-offline ${device}`;

/** Whether the person wants to work offline; kept over a reload, and the same in all windows. */
export function wantsOffline() {
  return localStorage.getItem(kOfflineKey) === 'yes';
}

/** @param {boolean} wanted */
export function setWantsOffline(wanted) {
  if (wanted) localStorage.setItem(kOfflineKey, 'yes');
  else localStorage.removeItem(kOfflineKey);
}

/** @param {() => void} listener called when another window of this device has changed its mind */
export function onWantsOffline(listener) {
  addEventListener('storage', ({ key }) => {
    if (key === kOfflineKey) listener();
  });
}
