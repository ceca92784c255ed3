// The class in real browsers: where a policy forbids functions made of texts, and what it knows of
// the databases of an origin.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kBrowserNames } from './browser.js';
import { siteInBrowser } from './site-in-browser.js';

for (const browserName of kBrowserNames) {
  describe(`The class in ${browserName}`, { timeout: 120_000 }, () => {
    const here = siteInBrowser(browserName);

    it('works under a strict policy, but for design functions, and says so', async () => {
      const page = await here.browser.newPage();
      const heard = here.site.hear(1);
      await page.goto(`http://localhost:${here.site.port}/strict.html`);
      await heard;
      const { given, byIds, kept } = here.site.told.at(-1);
      assert.deepEqual(given, ['a']);
      assert.deepEqual(byIds, ['b']);
      assert.equal(kept.status, 403);
      assert.equal(kept.name, 'forbidden');
      assert.match(kept.reason, /filters\.d of _design\/d .*Content-Security-Policy/);
      await page.close();
    });

    it('lists the databases of its origin, in IndexedDB and in memory', async () => {
      const tab = await here.open('lists.localhost');
      const before = await tab.run(async () => {
        await globalThis.Couchlet('stored').info();
        await globalThis.Couchlet('held', { adapter: 'memory' }).info();
        return globalThis.Couchlet.allDbs();
      });
      assert.deepEqual(before, ['held', 'stored']);
      await tab.page.reload();
      const after = await tab.run(() => globalThis.Couchlet.allDbs());
      assert.deepEqual(after, ['stored']);
      const none = await tab.run(async () => {
        await globalThis.Couchlet('stored').destroy();
        return globalThis.Couchlet.allDbs();
      });
      assert.deepEqual(none, []);
      await tab.close();
    });

    it('remembers over a reload what debug shows', async () => {
      const tab = await here.open('debug.localhost');
      await tab.run(() => globalThis.Couchlet.debug.enable('couchlet:http'));
      await tab.page.reload();
      assert.equal(await tab.run(() => globalThis.Couchlet.debug.enabled('couchlet:http')), true);
      await tab.run(() => globalThis.Couchlet.debug.disable());
      await tab.page.reload();
      assert.equal(await tab.run(() => globalThis.Couchlet.debug.enabled('couchlet:http')), false);
      await tab.close();
    });
  });
}
