// Couchlet.fromPouchDB in browsers, with both of PouchDB's adapters for IndexedDB: local documents
// are found by themselves there, attachments are Blobs, and one that was broken off goes on after
// the page has gone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { BareSite, Tab } from './bare-site.js';
import { kBrowserNames, launch } from './browser.js';

const kScripts = ['pouchdb.min.js', 'pouchdb.indexeddb.min.js'];

/** @param {string} name */
const scriptOf = (name) =>
  readFileSync(new URL(`../../node_modules/pouchdb/dist/${name}`, import.meta.url), 'utf8');

/** @param {Tab} tab */
async function addPouchDB(tab) {
  for (const script of kScripts) await tab.page.addScriptTag({ url: `/${script}` });
}

for (const browserName of kBrowserNames) {
  describe(`fromPouchDB in ${browserName}`, { timeout: 300_000 }, () => {
    const site = new BareSite();
    /** @type {import('puppeteer-core').Browser} */
    let browser;

    before(async () => {
      for (const script of kScripts) site.serve(`/${script}`, scriptOf(script));
      await site.start();
      browser = await launch(browserName);
    });

    after(async () => {
      await browser?.close();
      site.stop();
    });

    for (const adapter of ['idb', 'indexeddb']) {
      it(`copies everything of the adapter ${adapter}`, async () => {
        const tab = await Tab.open(browser, site);
        await addPouchDB(tab);
        const name = `everything ${adapter}`;
        await tab.run(fill, name, adapter);
        const copied = await tab.run(copy, name, adapter);
        const { told, same, photo, local, localIds, conflicts } = copied;
        assert.deepEqual(same.ours, same.theirs);
        assert.equal(same.ours.length, 7);
        assert.deepEqual(photo, { type: 'image/png', size: 300_000, last: 7 });
        assert.equal(local.theme, 'dark');
        assert.deepEqual(localIds, [true, false, false]);
        assert.deepEqual(conflicts, ['conflict']);
        assert.equal(told.at(-1).done, true);
        await tab.close();
      });

      it(`goes on where the page went away, adapter ${adapter}`, async () => {
        const name = `broken off ${adapter}`;
        const tab = await Tab.open(browser, site);
        await addPouchDB(tab);
        await tab.run(fillMany, name, adapter);
        await tab.run(copyUntil, name, adapter, 40);
        await tab.close();
        const next = await Tab.open(browser, site);
        await addPouchDB(next);
        const { count, documents } = await next.run(copyRest, name, adapter);
        assert.equal(count, 100);
        assert.ok(documents <= 60, `${documents} were copied again`);
        await next.close();
      });
    }
  });
}

// What runs in the page.

/** @param {string} name @param {string} adapter */
async function fill(name, adapter) {
  const db = new PouchDB(name, { adapter });
  const rev = (digit) => `1-${digit.repeat(32)}`;
  const { rev: first } = await db.put({ _id: 'plain', text: 'Öl 🐢' });
  await db.put({ _id: 'plain', _rev: first, text: 'edited' });
  await db.bulkDocs(
    ['a', 'b'].map((digit) => ({ _id: 'conflict', _rev: rev(digit), by: digit })),
    { new_edits: false },
  );
  await db.bulkDocs([{ _id: 'conflict', _rev: rev('0'), _deleted: true }], { new_edits: false });
  await db.put({ _id: 'gone' });
  await db.remove(await db.get('gone'));
  const bytes = new Uint8Array(300_000).fill(7);
  const data = new Blob([bytes], { type: 'image/png' });
  await db.put({ _id: 'photo', _attachments: { photo: { content_type: 'image/png', data } } });
  const map = 'function (doc) { emit(doc.text); }';
  await db.put({ _id: '_design/texts', views: { texts: { map } } });
  await db.query('texts');
  await db.put({ _id: '_local/settings', theme: 'dark' });
  await db.replicate.to(new PouchDB(`${name} target`, { adapter }));
}

/** @param {string} name @param {string} adapter */
async function copy(name, adapter) {
  const pouch = new PouchDB(name, { adapter });
  const told = [];
  const db = await Couchlet.fromPouchDB(pouch, { onProgress: (progress) => told.push(progress) });
  const leavesOf = async (database) => {
    const { results } = await database.changes({ style: 'all_docs' });
    const leaves = results.flatMap(({ id, changes }) =>
      changes.map(async ({ rev }) => {
        const options = { rev, revs: true, attachments: true };
        const { _attachments: files = {}, ...leaf } = await database.get(id, options);
        const members = Object.keys(leaf).sort();
        const attachments = Object.entries(files).map(([file, { digest, revpos, data }]) => [
          file,
          digest,
          revpos,
          data.length,
        ]);
        return JSON.stringify([members.map((member) => [member, leaf[member]]), attachments]);
      }),
    );
    return (await Promise.all(leaves)).sort();
  };
  const photo = await db.getAttachment('photo', 'photo');
  const local = await db.get('_local/settings');
  const isThere = async (id) => (await db.get(id).catch(() => null)) !== null;
  return {
    told,
    same: { ours: await leavesOf(db), theirs: await leavesOf(pouch) },
    photo: {
      type: photo.type,
      size: photo.size,
      last: new Uint8Array(await photo.arrayBuffer()).at(-1),
    },
    local,
    localIds: await Promise.all(
      ['_local/settings', '_local/mrviews', '_local/_pouch_dependentDbs'].map(isThere),
    ),
    conflicts: (await db.conflicts()).map(({ id }) => id),
  };
}

/** @param {string} name @param {string} adapter */
async function fillMany(name, adapter) {
  const db = new PouchDB(name, { adapter });
  await db.bulkDocs(Array.from({ length: 100 }, (_, i) => ({ _id: `doc ${i}` })));
}

/** @param {string} name @param {string} adapter @param {number} end */
async function copyUntil(name, adapter, end) {
  const pouch = new PouchDB(name, { adapter });
  await new Promise((resolve) => {
    const onProgress = ({ documents }) => {
      if (documents >= end) resolve();
    };
    Couchlet.fromPouchDB(pouch, { batch_size: 10, onProgress }).catch(() => {});
  });
}

/** @param {string} name @param {string} adapter */
async function copyRest(name, adapter) {
  let documents = 0;
  const pouch = new PouchDB(name, { adapter });
  const onProgress = (progress) => (documents = progress.documents);
  const db = await Couchlet.fromPouchDB(pouch, { batch_size: 10, onProgress });
  return { count: (await db.info()).doc_count, documents };
}
