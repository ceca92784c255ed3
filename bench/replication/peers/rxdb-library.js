// What of RxDB the benchmark takes, to be bundled as an app does it.

export { createRxDatabase } from 'rxdb/plugins/core';
export { replicateCouchDB } from 'rxdb/plugins/replication-couchdb';
export { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
