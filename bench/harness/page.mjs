// A task in a page of its own: bench/page/page.js does it and says what came of it.

/** @typedef {import('../page/page.js').Task} Task */
/** @typedef {import('../page/page.js').Outcome} Outcome */
/** @typedef {import('puppeteer-core').Page} Page */

/**
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} origin of the bench's server
 * @param {Task} task
 * @param {(page: Page) => Promise<void>} [prepare] before the page is loaded
 * @param {number} [mostMs] when it takes longer it has failed
 * @returns {Promise<Outcome>}
 */
export async function doInPage(browser, origin, task, prepare = async () => {}, mostMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let patience;
  const page = await browser.newPage();
  try {
    await prepare(page);
    const { said, say } = await outcomeOf(page);
    const failure = `it took longer than ${(mostMs ?? 0) / 1000} s`;
    if (mostMs) patience = setTimeout(() => say({ failure }), mostMs);
    await page.goto(`${origin}/bench/page/`);
    await page.evaluate((it) => /** @type {any} */ (globalThis).benchStart(it), task);
    return await said;
  } finally {
    clearTimeout(patience);
    await page.close();
  }
}

/**
 * What it says, where nothing else is needed of it.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} origin
 * @param {Task} task
 * @returns {Promise<any>}
 */
export async function valueFromPage(browser, origin, task) {
  const outcome = await doInPage(browser, origin, task);
  if ('failure' in outcome) throw new Error(`${task.what}: ${outcome.failure}`);
  return outcome.value;
}

/**
 * What the page says in the end. It calls instead of being waited for, as a call into a page is
 * ended by the browser's driver after a few minutes.
 *
 * @param {Page} page
 * @returns {Promise<{said: Promise<Outcome>, say: (outcome: Outcome) => void}>} as soon as the page can say it
 */
async function outcomeOf(page) {
  /** @type {(outcome: Outcome) => void} */
  let say = () => {};
  const said = new Promise((resolve) => {
    say = resolve;
  });
  page.on('pageerror', (error) => say({ failure: String(error) }));
  page.on('error', (error) => say({ failure: `the page crashed: ${error.message}` }));
  await page.exposeFunction('benchDone', say);
  return { said, say };
}
