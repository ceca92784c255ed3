// Types of couchlet/service-worker.

import type Couchlet from 'couchlet';
import type { DatabaseOptions } from 'couchlet';

export interface BackgroundOptions {
  /** Options of the remote database at an address: `auth`, say, or `fetch`. */
  remote?: (address: string) => DatabaseOptions;
}

/**
 * To be called when a service worker starts: it pushes, when the browser says that there is a
 * network, what pages with the replication option `background` could not send before they were
 * closed.
 *
 *     import Couchlet from 'couchlet';
 *     import { pushInBackground } from 'couchlet/service-worker';
 *     pushInBackground(Couchlet);
 */
export function pushInBackground(couchlet: typeof Couchlet, options?: BackgroundOptions): void;
