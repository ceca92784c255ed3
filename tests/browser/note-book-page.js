// The note book's page as a person uses it: what can be seen, clicked and typed.

import assert from 'node:assert/strict';
import { leavesOf } from './demo-process.js';

/** @typedef {import('puppeteer-core').Page} Page */

// Long enough for two browsers on a busy machine; what is right ends the wait at once.
const kPatience = 30_000;

export class NoteBookPage {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * Opens the note book in a window of its own, since a tab behind another one isn't drawn.
   * @param {import('puppeteer-core').Browser} browser @param {string} address
   */
  static async open(browser, address) {
    const page = await browser.newPage({ type: 'window' });
    await page.goto(address);
    const book = new NoteBookPage(page);
    await book.waitUntilStarted();
    return book;
  }

  async waitUntilStarted() {
    await this.until(() => document.querySelector('#status')?.getAttribute('data-state') !== 'opening');
  }

  /** Waits until the page can be opened without a network. */
  async waitUntilInstalled() {
    await this.until(() => navigator.serviceWorker.controller?.state === 'activated');
  }

  async reload() {
    await this.page.reload();
    await this.waitUntilStarted();
  }

  /**
   * Waits until something is so on the page.
   * @template {any[]} A
   * @param {(...args: A) => unknown} isSo @param {A} args
   */
  async until(isSo, ...args) {
    try {
      await this.page.waitForFunction(isSo, { polling: 100, timeout: kPatience }, ...args);
    } catch (error) {
      const what = `${isSo} ${args.map((arg) => JSON.stringify(arg))}`;
      throw new Error(`Not so: ${what}\nThe page says: ${await this.#says()}`, { cause: error });
    }
  }

  async #says() {
    const text = await this.page.evaluate(() => document.body.innerText);
    return text.replace(/\s+/g, ' ');
  }

  // ── What can be seen ──────────────────────────────────────────────────────────────────────────

  /** The titles in the list, from the top. */
  titles() {
    return this.page.$$eval('.item-title', (items) => items.map((item) => item.textContent));
  }

  /** @param {string} title */
  async waitForTitle(title) {
    await this.until((sought) => {
      const titles = [...document.querySelectorAll('.item-title')];
      return titles.some((item) => item.textContent === sought);
    }, title);
  }

  /** @param {string} title */
  async waitForNoTitle(title) {
    await this.until((sought) => {
      const titles = [...document.querySelectorAll('.item-title')];
      return titles.every((item) => item.textContent !== sought);
    }, title);
  }

  /** Waits for words in the status line. @param {string} words */
  async waitForStatus(words) {
    await this.until(
      (sought) => document.querySelector('.status-text')?.textContent?.includes(sought),
      words,
    );
  }

  /**
   * Waits until this browser's database and the server have the same leaf revisions, and the page
   * says so. If they never do, the difference is what is wrong.
   * @param {import('./demo-process.js').Demo} demo
   */
  async waitUntilSameAs(demo) {
    const end = Date.now() + kPatience;
    while (Date.now() < end) {
      const [here, there] = [await this.leaves(), await demo.leaves()];
      if (JSON.stringify(here) === JSON.stringify(there)) break;
    }
    assert.deepEqual(await this.leaves(), await demo.leaves());
    await this.waitForStatus('all changes synced');
  }

  /** The mark of a note in the list: 'waiting', 'synced', 'conflict'. @param {string} title */
  async markOf(title) {
    return (await this.#item(title)).$eval('.mark', (mark) => mark.getAttribute('data-mark'));
  }

  /** The open note's fields. */
  fields() {
    return this.page.evaluate(() => ({
      title: /** @type {HTMLInputElement} */ (document.querySelector('#note-title')).value,
      text: /** @type {HTMLTextAreaElement} */ (document.querySelector('#note-text')).value,
    }));
  }

  // ── What can be done ──────────────────────────────────────────────────────────────────────────

  /** @param {string} title @param {string} [text] */
  async write(title, text = '') {
    await this.page.click('#new-note');
    await this.page.type('#note-title', title);
    if (text) await this.page.type('#note-text', text);
    await this.waitForTitle(title);
    await this.waitUntilSaved();
  }

  /** @param {string} title */
  async openNote(title) {
    const item = await this.#item(title);
    await (await item.waitForSelector('.item-open'))?.click();
    await this.until((id) => location.hash.endsWith(encodeURIComponent(id ?? '')), await idOf(item));
  }

  /** Types at the end of the open note's text. @param {string} text */
  async append(text) {
    await this.page.focus('#note-text');
    await this.page.$eval('#note-text', (field) => {
      const area = /** @type {HTMLTextAreaElement} */ (field);
      area.setSelectionRange(area.value.length, area.value.length);
    });
    await this.page.keyboard.type(text);
  }

  /** A draft lasts until its note is in the database. */
  async waitUntilSaved() {
    await this.until(() => !Object.keys(sessionStorage).some((key) => key.startsWith('draft of ')));
  }

  /** @param {string} title */
  async tick(title) {
    await (await (await this.#item(title)).waitForSelector('.tick'))?.click();
  }

  /** @param {string} title */
  async delete(title) {
    await this.openNote(title);
    await this.page.click('#delete-note');
    await this.waitForNoTitle(title);
  }

  /** @param {string} words */
  async search(words) {
    await this.page.$eval('#search', (field) => {
      /** @type {HTMLInputElement} */ (field).value = '';
    });
    await this.page.type('#search', words);
  }

  async toggleWorkOffline() {
    await this.page.click('.switch');
  }

  /** Asks for another attempt rather than wait for it, if there is something to wait for. */
  async tryNow() {
    await this.page.$eval('#status-retry', (button) => /** @type {HTMLElement} */ (button).click());
  }

  /** Every leaf revision in the browser's database, read by the library itself. */
  async leaves() {
    await this.page.addScriptTag({
      type: 'module',
      content: `
        import Couchlet from 'couchlet';
        const { results } = await new Couchlet('notes').changes({ style: 'all_docs' });
        document.documentElement.dataset.changes = JSON.stringify(results);`,
    });
    await this.until(() => document.documentElement.dataset.changes);
    const changes = await this.page.evaluate(() => {
      const { changes } = document.documentElement.dataset;
      delete document.documentElement.dataset.changes;
      return changes ?? '';
    });
    return leavesOf(JSON.parse(changes));
  }

  /** @param {string} title */
  async #item(title) {
    await this.waitForTitle(title);
    for (const item of await this.page.$$('.item')) {
      const found = await item.$eval('.item-title', (element) => element.textContent);
      if (found === title) return item;
    }
    throw new Error(`“${title}” isn't in the list`);
  }
}

/** @param {import('puppeteer-core').ElementHandle} item */
function idOf(item) {
  return item.evaluate((element) => /** @type {HTMLElement} */ (element).dataset.id);
}
