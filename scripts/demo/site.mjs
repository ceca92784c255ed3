// What is served at which path. Files are sent with `no-cache`, so that a browser asks each time
// (and mostly hears 304): offline use is the service worker's business, not the HTTP cache's.

import path from 'node:path';
import express from 'express';
import { precacheScript } from './precache.mjs';

/** @typedef {import('node:http').ServerResponse} ServerResponse */

/**
 * The whole site, as a request handler.
 * @param {string} root the project's folder
 * @param {import('node:http').RequestListener} database answers what comes after /db
 * @returns {import('node:http').RequestListener}
 */
export function demoSite(root, database) {
  const site = express();
  site.disable('x-powered-by');
  site.use('/db', database);
  site.get('/precache.js', async (/** @type {any} */ request, /** @type {any} */ response) => {
    response.type('js').set('cache-control', 'no-cache').send(await precacheScript(root));
  });
  const folders = {
    '/dist': 'dist',
    '/examples': 'examples',
    '/node_modules/jquery/dist': 'node_modules/jquery/dist',
    '/node_modules/pouchdb/dist': 'node_modules/pouchdb/dist',
    '/': 'web',
  };
  for (const [at, folder] of Object.entries(folders)) {
    site.use(at, express.static(path.join(root, folder), { setHeaders: askEachTime }));
  }
  return site;
}

/** @param {ServerResponse} response */
function askEachTime(response) {
  response.setHeader('cache-control', 'no-cache');
}
