// Starts a real browser for a test, with a fresh profile on disk (where IndexedDB is persistent, as
// a user's is) that is deleted when the browser closes.

import { accessSync, constants, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import puppeteer from 'puppeteer-core';

/** @typedef {'chromium' | 'firefox'} BrowserName */

/** @type {BrowserName[]} */
export const kBrowserNames = ['chromium', 'firefox'];

const kPatienceMs = 20_000;

// What the programs are called, here and there.
const kPrograms = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
  firefox: ['firefox-esr', 'firefox'],
};

const kChromiumFlags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Two windows in a test are both in use, as if side by side.
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/**
 * Starts a browser. Set CHROMIUM or FIREFOX to the path of one that isn't on the PATH.
 * @param {BrowserName} name
 * @param {object} [options]
 * @param {string} [options.profile] a folder to keep, to start from again
 * @param {Record<string, unknown>} [options.firefoxPreferences] of about:config
 * @returns {Promise<import('puppeteer-core').Browser>}
 */
export async function launch(name, { profile, firefoxPreferences } = {}) {
  const userDataDir = profile ?? mkdtempSync(path.join(os.tmpdir(), `couchlet-${name}-`));
  const browser = await puppeteer.launch({
    browser: name === 'firefox' ? 'firefox' : 'chrome',
    executablePath: programOf(name),
    userDataDir,
    headless: true,
    defaultViewport: { width: 1100, height: 760 },
    args: name === 'chromium' ? [...kChromiumFlags, ...rootFlags()] : [],
    extraPrefsFirefox: firefoxPreferences,
  });
  endWhenClosed(browser);
  if (!profile) deleteWhenClosed(browser, userDataDir);
  return browser;
}

/** Chromium's sandbox refuses to work for root, which a container often is. */
function rootFlags() {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

/**
 * A browser that doesn't end when it is asked to is not what is tested, and must not hold up a run.
 * @param {import('puppeteer-core').Browser} browser
 */
function endWhenClosed(browser) {
  const close = browser.close.bind(browser);
  browser.close = async () => {
    const late = setTimeout(() => browser.process()?.kill('SIGKILL'), kPatienceMs);
    await close().finally(() => clearTimeout(late));
  };
}

/** @param {import('puppeteer-core').Browser} browser @param {string} folder */
function deleteWhenClosed(browser, folder) {
  const close = browser.close.bind(browser);
  browser.close = async () => {
    await close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}

/** @param {BrowserName} name */
function programOf(name) {
  const given = process.env[name.toUpperCase()];
  if (given) return given;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = kPrograms[name].flatMap((file) => folders.map((f) => path.join(f, file)));
  const found = candidates.find(isExecutable);
  if (!found) throw new Error(`No ${name} found. Run: npm run setup`);
  return found;
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
