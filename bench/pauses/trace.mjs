// Chromium's own record of the page's tasks, with the CPU time of each. Unlike what a heartbeat
// waits for it has nothing of what else the machine was doing.

/** @typedef {import('./page.js').Phase} Phase */
/** @typedef {{name: string, cat?: string, ph: string, pid: number, tid: number, ts: number,
  tdur?: number}} TraceEvent times in microseconds */

const kCategories = ['toplevel', 'blink.user_timing'];
const kLeastMs = 1;

/**
 * Records while `body` runs. The pauses of the phases that it gives are replaced by the CPU times
 * of the tasks, in ms.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {() => Promise<Phase[]>} body
 * @returns {Promise<Phase[]>}
 */
export async function traced(browser, body) {
  const session = await browser.target().createCDPSession();
  /** @type {TraceEvent[]} */
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value) events.push(/** @type {any} */ (event));
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: kCategories, recordMode: 'recordAsMuchAsPossible' },
  });
  const phases = await body();
  const completed = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await completed;
  await session.detach();
  return phases.map((phase) => ({ ...phase, pauses: tasksDuring(phase.phase, events) }));
}

/**
 * @param {string} phase
 * @param {TraceEvent[]} events
 */
function tasksDuring(phase, events) {
  const begin = events.find(({ name }) => name === `begin ${phase}`);
  const end = events.find(({ name }) => name === `end ${phase}`);
  if (!begin || !end) throw new Error(`the trace has no phase ${phase}`);
  return events
    .filter(
      ({ name, ph, pid, tid, ts }) =>
        ph === 'X' &&
        name.endsWith('RunTask') &&
        pid === begin.pid &&
        tid === begin.tid &&
        ts >= begin.ts &&
        ts < end.ts,
    )
    .map(({ tdur = 0 }) => tdur / 1000)
    .filter((milliseconds) => milliseconds >= kLeastMs);
}
