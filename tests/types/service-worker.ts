// What the types promise about couchlet/service-worker. Nothing here runs.

import Couchlet from 'couchlet';
import { pushInBackground } from 'couchlet/service-worker';

export function worker(notes: Couchlet) {
  pushInBackground(Couchlet);
  pushInBackground(Couchlet, {
    remote: (address) => ({ auth: { username: 'ann', password: address } }),
  });
  notes.sync('https://couch.example/notes', { live: true, background: true, shared: false });
  // @ts-expect-error: the class is needed
  pushInBackground();
}
