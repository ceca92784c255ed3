// What the note book says when the server is there but doesn't do what it should.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { kBrowserNames, launch } from './browser.js';
import { NoteBookPage } from './note-book-page.js';
import { NoteBookSite } from './note-book-site.js';

for (const browserName of kBrowserNames) {
  describe(`The note book in ${browserName}, of a server's errors,`, { timeout: 120_000 }, () => {
    const site = new NoteBookSite();
    /** @type {import('puppeteer-core').Browser} */
    let browser;
    /** @type {NoteBookPage} */
    let book;

    before(async () => {
      await site.start();
      browser = await launch(browserName);
      book = await NoteBookPage.open(browser, site.address);
      await book.waitForStatus('all changes synced');
    });

    after(async () => {
      await browser?.close();
      await site.delete();
    });

    it('says why the server refuses a note, also after a reload, until the note is changed', async () => {
      site.misbehaviour = refusing(site.handler, 'Titles must not shout');
      await book.write('SHOUTING');
      await book.waitForStatus('1 refused by the server');
      await book.reload();
      await book.waitForStatus('1 refused by the server');
      assert.equal(await book.markOf('SHOUTING'), 'refused');
      await book.until(
        () => document.querySelector('#note-synced')?.textContent?.includes('must not shout'),
      );
      site.misbehaviour = undefined;
      await book.append('Quietly');
      await book.waitForStatus('all changes synced');
      assert.equal(await book.markOf('SHOUTING'), 'synced');
    });

    it('says what the server answers instead of calling it offline, and recovers', async () => {
      site.misbehaviour = (request, response) => {
        response.writeHead(401, { 'content-type': 'application/json' });
        response.end('{"error":"unauthorized","reason":"Who are you?"}');
      };
      await book.write('Kept here');
      await book.reload();
      await book.waitForStatus('Who are you?');
      await book.waitForStatus('1 change waiting');
      site.misbehaviour = undefined;
      await book.tryNow();
      await book.waitForStatus('all changes synced');
    });
  });
}

/**
 * A server that refuses every document, as a validate_doc_update function does.
 * @param {import('node:http').RequestListener} server otherwise
 * @param {string} reason
 * @returns {import('node:http').RequestListener}
 */
function refusing(server, reason) {
  return async (request, response) => {
    if (!request.url?.includes('/_bulk_docs')) return server(request, response);
    const { docs } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const refusals = docs.map((/** @type {any} */ { _id: id, _rev: rev }) =>
      ({ id, rev, error: 'forbidden', reason }));
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify(refusals));
  };
}
