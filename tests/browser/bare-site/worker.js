// A worker of any kind, as a module.

import Couchlet from '/dist/couchlet.js';
import './runner.js';

self.Couchlet = Couchlet;
