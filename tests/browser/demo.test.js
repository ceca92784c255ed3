// The demo's whole story, in each browser: notes are written, the network goes, notes are written
// and deleted, the page is reloaded, others write on the server; the network comes back, and both
// sides are the same. The tests of a browser are the story's chapters, in their order.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { kBrowserNames, launch } from './browser.js';
import { DemoData } from './demo-process.js';
import { NoteBookPage } from './note-book-page.js';

/** @typedef {import('./demo-process.js').Demo} Demo */

for (const browserName of kBrowserNames) {
  describe(`The note book in ${browserName}`, { timeout: 300_000 }, () => {
    const data = new DemoData();
    /** @type {Demo} */
    let demo;
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {NoteBookPage} */
    let book;

    before(async () => {
      [demo, browser] = await Promise.all([data.serve(), launch(browserName)]);
      book = await NoteBookPage.open(browser, demo.address);
    });

    after(async () => {
      await browser?.close();
      await demo?.kill();
      await data.delete();
    });

    it('sends a note that is written here to the server', async () => {
      await book.write('Bread', 'Flour, water');
      await book.write('Ridge walk', 'Behind the mill');
      await book.write('Old list', 'Nothing left on it');
      await book.waitUntilSameAs(demo);
      const notes = await demo.notesByTitle();
      assert.deepEqual([...notes.keys()].sort(), ['Bread', 'Old list', 'Ridge walk']);
      assert.equal(notes.get('Bread').text, 'Flour, water');
      assert.equal(await book.markOf('Bread'), 'synced');
    });

    it('shows a document that was written on the server', async () => {
      await demo.request('', { title: 'Hello from curl', colour: 'blue' });
      await book.waitForTitle('Hello from curl');
    });

    it('keeps what it does not know of a document that it edits', async () => {
      await book.openNote('Hello from curl');
      await book.append('Hello back');
      await book.waitUntilSaved();
      await book.waitUntilSameAs(demo);
      const { text, colour } = (await demo.notesByTitle()).get('Hello from curl');
      assert.deepEqual({ text, colour }, { text: 'Hello back', colour: 'blue' });
    });

    it('ticks a note, and finds notes by their words', async () => {
      await book.tick('Ridge walk');
      await book.until(() => document.querySelector('#done-notes .item'));
      await book.search('WATER');
      await book.waitForNoTitle('Ridge walk');
      assert.deepEqual(await book.titles(), ['Bread']);
      await book.page.keyboard.press('Escape');
      await book.waitForTitle('Ridge walk');
      await book.waitUntilSameAs(demo);
      assert.equal((await demo.notesByTitle()).get('Ridge walk').done, true);
    });

    it('shows in another window what is written in this one, and the other way round', async () => {
      const other = await NoteBookPage.open(browser, demo.address);
      await other.openNote('Bread');
      await book.openNote('Bread');
      await book.append(', salt');
      await book.waitUntilSaved();
      await other.until(isTextOf, 'Flour, water, salt');
      await other.append(', yeast');
      await other.waitUntilSaved();
      await book.until(isTextOf, 'Flour, water, salt, yeast');
      await other.page.close();
    });

    it('holds changes back while one works offline by choice, and sends them after', async () => {
      await book.waitUntilSameAs(demo);
      await book.toggleWorkOffline();
      await book.write('Written offline by choice');
      await book.waitForStatus('Working offline');
      await book.waitForStatus('1 change waiting');
      assert.equal(await book.markOf('Written offline by choice'), 'waiting');
      assert.equal((await demo.notesByTitle()).has('Written offline by choice'), false);
      await book.toggleWorkOffline();
      await book.waitUntilSameAs(demo);
      assert.equal((await demo.notesByTitle()).has('Written offline by choice'), true);
    });

    it('writes, edits and deletes without a network', async () => {
      await book.waitUntilInstalled();
      await book.waitUntilSameAs(demo);
      await demo.kill();
      await book.waitForStatus('Offline');
      await book.write('Written without a network', 'On the train');
      await book.openNote('Bread');
      await book.append('. Fold twice');
      await book.waitUntilSaved();
      await book.openNote('Ridge walk');
      await book.append('. Bring water');
      await book.waitUntilSaved();
      await book.delete('Old list');
      await book.waitForStatus('4 changes waiting');
    });

    it('loses nothing when it is reloaded without a network', async () => {
      await book.openNote('Written without a network');
      await book.append(', to the very last key');
      await book.reload();
      await book.waitForStatus('Offline');
      await book.waitForStatus('4 changes waiting');
      await book.waitForNoTitle('Old list');
      await book.until(isTextOf, 'On the train, to the very last key');
      assert.equal(await book.markOf('Written without a network'), 'waiting');
      await book.openNote('Bread');
      assert.equal((await book.fields()).text, 'Flour, water, salt, yeast. Fold twice');
    });

    it('is the same as the server when the network is back, and shows what conflicts', async () => {
      const { port } = demo;
      const elsewhere = await data.serve();
      await writeOnServer(elsewhere);
      await elsewhere.kill();
      demo = await data.serve(port);
      await book.tryNow();
      await book.waitUntilSameAs(demo);
      await book.waitForTitle('Written on the server');
      const notes = await demo.notesByTitle();
      assert.equal(notes.get('Written without a network').text, 'On the train, to the very last key');
      assert.equal(notes.has('Old list'), false);
      assert.equal(await book.markOf('Bread'), 'conflict');
      assert.equal(await book.markOf('Ridge walk'), 'conflict');
    });

    it('ends a conflict by keeping either version', async () => {
      await book.openNote('Bread');
      await book.until(() => document.querySelectorAll('.version').length === 2);
      await keepVersionWith(book, 'Bake at 230');
      await book.until(isTextOf, 'Bake at 230');
      await book.waitUntilSameAs(demo);
      const bread = (await demo.notesByTitle()).get('Bread');
      assert.equal(bread.text, 'Bake at 230');
      assert.equal(bread._conflicts, undefined);
    });

    it('ends a conflict by merging by hand', async () => {
      await book.openNote('Ridge walk');
      await book.until(() => document.querySelectorAll('.version').length === 2);
      await book.page.click('#merge');
      const offered = await book.page.$eval('#merge-text', (field) =>
        /** @type {HTMLTextAreaElement} */ (field).value.split('\n').sort());
      assert.deepEqual(offered, ['Behind the mill. Bring water', 'From the station']);
      await book.page.$eval('#merge-text', (field) => {
        /** @type {HTMLTextAreaElement} */ (field).value = 'From the station, behind the mill';
      });
      await book.page.click('#merge-form [type=submit]');
      await book.until(isTextOf, 'From the station, behind the mill');
      await book.waitUntilSameAs(demo);
      const walk = (await demo.notesByTitle()).get('Ridge walk');
      assert.equal(walk.text, 'From the station, behind the mill');
      assert.equal(walk._conflicts, undefined);
    });

    it('keeps both versions when two windows change the same words at once', async () => {
      const other = await NoteBookPage.open(browser, demo.address);
      await book.openNote('Hello from curl');
      await other.openNote('Hello from curl');
      // Both type before either one's text is saved.
      await Promise.all([appendAtOnce(book, ', from one'), appendAtOnce(other, ', from two')]);
      await book.until(() => document.querySelectorAll('.version').length === 2);
      const texts = await book.page.$$eval('.version-text', (all) => all.map((e) => e.textContent));
      assert.deepEqual(texts.sort(), ['Hello back, from one', 'Hello back, from two']);
      await other.page.close();
    });

    it('can be stopped by Ctrl-C while pages are following it', async () => {
      assert.equal(await demo.stop(), 0);
    });
  });
}

/** Runs in the page. @param {string} text */
function isTextOf(text) {
  const editor = /** @type {HTMLElement} */ (document.querySelector('#editor'));
  const field = /** @type {HTMLTextAreaElement} */ (document.querySelector('#note-text'));
  return !editor.hidden && field.value === text;
}

/**
 * What somebody else does while this browser has no network.
 * @param {Demo} server
 */
async function writeOnServer(server) {
  const notes = await server.notesByTitle();
  const edit = (/** @type {string} */ title, /** @type {string} */ text) => {
    const note = notes.get(title);
    const body = { ...note, text };
    return server.request(`/${encodeURIComponent(note._id)}`, body, 'PUT');
  };
  await server.request('', { title: 'Written on the server' });
  await edit('Bread', 'Bake at 230');
  await edit('Ridge walk', 'From the station');
}

/** @param {NoteBookPage} book @param {string} text */
async function keepVersionWith(book, text) {
  for (const version of await book.page.$$('.version')) {
    const shown = await version.$eval('.version-text', (element) => element.textContent);
    if (shown === text) return (await version.$('button'))?.click();
  }
  assert.fail(`no version says “${text}”`);
}

/**
 * As one key stroke: all is typed before it is saved.
 * @param {NoteBookPage} book @param {string} text
 */
async function appendAtOnce(book, text) {
  await book.page.$eval(
    '#note-text',
    (field, added) => {
      /** @type {HTMLTextAreaElement} */ (field).value += added;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    },
    text,
  );
}
