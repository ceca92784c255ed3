// An app's service worker that pushes what pages could not send.

import Couchlet from '/dist/couchlet.js';
import { pushInBackground } from '/dist/service-worker.js';

pushInBackground(Couchlet);
