// What each test of a file leaves open, closed after it: the last first, as it may need the others.

import { afterEach } from 'node:test';

/** @type {(() => unknown)[]} */
const endings = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** @param {() => unknown} end done when the test has ended, however it ended */
export function atEnd(end) {
  endings.push(end);
}
