// Persistent storage: what the browser may not remove by itself when it needs room, or when nobody
// has come to the site for a while. It is the browser's to grant; some ask the person.

/** @returns {Promise<boolean>} whether the site's storage is persistent; never rejects */
export async function askForPersistence() {
  try {
    const { storage } = globalThis.navigator;
    // Only pages may ask. A worker gets to know what they were told.
    return await (storage.persist ? storage.persist() : storage.persisted());
  } catch {
    return false; // there is nobody to ask
  }
}
