// The same as a classic script.

importScripts('/dist/couchlet.global.js', '/dist/service-worker.global.js');
pushInBackground(Couchlet);
