// A worker of any kind, as a classic script. It has couchlet.wasm beside itself.

importScripts('/dist/couchlet.global.js', '/runner.js');
