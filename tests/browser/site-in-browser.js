// A bare site and a browser that visits it, for the tests of one describe(): both are there from its
// first hook to its last.

import { after, before } from 'node:test';
import { BareSite, Tab } from './bare-site.js';
import { launch } from './browser.js';

class SiteInBrowser {
  site = new BareSite();
  /** @type {import('puppeteer-core').Browser | undefined} */
  #browser;

  get browser() {
    if (!this.#browser) throw new Error('The browser is started by a hook, before the first test');
    return this.#browser;
  }

  /** @param {import('./browser.js').BrowserName} name */
  async start(name) {
    await this.site.start();
    this.#browser = await launch(name);
  }

  async end() {
    await this.#browser?.close();
    this.site.stop();
  }

  /** @param {string} [host] ends in "localhost"; each has a storage of its own */
  open(host) {
    return Tab.open(this.browser, this.site, host);
  }
}

/**
 * Call it in a describe(), before hooks that need it.
 *
 * @param {import('./browser.js').BrowserName} name
 */
export function siteInBrowser(name) {
  const here = new SiteInBrowser();
  before(() => here.start(name));
  after(() => here.end());
  return here;
}
