// What was measured over one link as Markdown tables.

import { digits, number, table } from '../harness/results-page.mjs';
import { median, ratios, summary } from '../harness/statistics.mjs';

/** @typedef {import('./measure.mjs').Measurement} Measurement */
/** @typedef {import('./measure.mjs').Plan} Plan */
/** @typedef {import('./cases/case.js').Goal} Goal */
/** @typedef {{name: string, title: string, goals: Goal[]}} Row */

const kBase = 'couchlet';
const kNames = {
  value: 'time',
  requests: 'requests',
  up: 'bytes up',
  down: 'bytes down',
  bytes: 'bytes',
};

/**
 * @param {Measurement[]} measurements over one link
 * @param {string} link
 * @param {Plan} plan
 */
export function markdown(measurements, link, plan) {
  /** @type {Row[]} */
  const rows = plan.cases.flatMap((it) =>
    it.rows.map(({ name, title, goals }) => ({
      name,
      title: title(number(Math.min(plan.documents, it.mostDocuments ?? Infinity))),
      goals: goals.filter((goal) => goal.link === link),
    })),
  );
  const measured = rows.filter(({ name }) => measurements.some((one) => one.rows[name]));
  const figures = new FiguresOf(measurements);
  const parts = [
    timesTable(figures, measured, plan),
    'What comes over the link, heads of requests and answers included:',
    trafficTable(figures, measured, plan),
  ];
  const failures = measurements.filter(({ failure }) => failure !== undefined);
  if (failures.length > 0) parts.push(failuresList(failures));
  return parts.join('\n\n');
}

/** The figures of all measurements, by row, peer and round. */
class FiguresOf {
  #measurements;

  /** @param {Measurement[]} measurements */
  constructor(measurements) {
    this.#measurements = measurements;
  }

  /**
   * @param {string} peer
   * @param {string} row
   * @param {Goal['of'] | 'serverCpu'} what
   * @returns {(number | undefined)[]} by round
   */
  rounds(peer, row, what) {
    /** @type {(number | undefined)[]} */
    const found = [];
    for (const one of this.#measurements) {
      if (one.peer === peer && one.rows[row]) found[one.round] = one.rows[row][what];
    }
    return Array.from(found);
  }

  /** @type {(peer: string, row: string, what: Goal['of'] | 'serverCpu') => number | undefined} */
  median(peer, row, what) {
    const values = this.rounds(peer, row, what).filter((value) => value !== undefined);
    return values.length > 0 ? median(values) : undefined;
  }
}

/**
 * @param {FiguresOf} figures
 * @param {Row[]} rows
 * @param {Plan} plan
 */
function timesTable(figures, rows, { peers }) {
  const shown = peers.filter(({ name }) => rows.some((row) => figures.median(name, row.name, 'value')));
  const lines = rows.map((row) => [
    row.title,
    ...shown.map(({ name }) => timeCell(figures, row.name, name)),
    row.goals.map((goal) => goalText(figures, row.name, goal, titleOf(peers, goal))).join(', '),
  ]);
  return table(['', ...shown.map(({ title }) => title), 'wanted'], lines);
}

/**
 * @param {Plan['peers']} peers
 * @param {Goal} goal
 */
const titleOf = (peers, goal) => peers.find(({ name }) => name === goal.than)?.title;

/**
 * @param {FiguresOf} figures
 * @param {string} row
 * @param {string} peer
 */
function timeCell(figures, row, peer) {
  const values = figures.rounds(peer, row, 'value');
  const of = summary(values.filter((value) => value !== undefined));
  if (!of) return '';
  const time = `${digits(of.median)} ms`;
  if (peer === kBase) {
    const spread = of.low === of.high ? '' : ` (${digits(of.low)}–${digits(of.high)})`;
    return `**${time}**${spread}`;
  }
  const times = ratios(values, figures.rounds(kBase, row, 'value'));
  if (!times) return time;
  const spread = times.low === times.high ? '' : ` (${digits(times.low)}–${digits(times.high)})`;
  return `${time}, **${digits(times.median)}x**${spread}`;
}

/**
 * @param {FiguresOf} figures
 * @param {string} row
 * @param {Goal} goal
 * @param {string} [peerTitle]
 */
function goalText(figures, row, goal, peerTitle = goal.than) {
  const { of, than, times = 1, most = NaN, ofRow } = goal;
  const what = of === 'value' ? '' : `${kNames[of]} `;
  const own = figures.median(kBase, row, of);
  if (than) {
    const reached = ratios(figures.rounds(than, row, of), figures.rounds(kBase, row, of));
    const text = `${what}${peerTitle} ${digits(times)}x`;
    return `${text}${reached && reached.median < times ? ' (**not yet**)' : ''}`;
  }
  const base = ofRow ? figures.median(kBase, ofRow, of) : 1;
  const isMissed = own !== undefined && base !== undefined && own >= most * base;
  const text = ofRow ? `${what}under ${digits(most)}x of ${ofRow}` : `under ${digits(most)} ms`;
  return `${text}${isMissed ? ' (**not yet**)' : ''}`;
}

/**
 * @param {FiguresOf} figures
 * @param {Row[]} rows
 * @param {Plan} plan
 */
function trafficTable(figures, rows, { peers }) {
  const lines = rows.flatMap((row) =>
    peers.flatMap(({ name, title }) => {
      const middle = (/** @type {Goal['of'] | 'serverCpu'} */ what) =>
        number(figures.median(name, row.name, what) ?? NaN);
      if (figures.median(name, row.name, 'requests') === undefined) return [];
      const traffic = [middle('requests'), middle('up'), middle('down')];
      return [[row.title, title, ...traffic, `${middle('serverCpu')} ms`]];
    }),
  );
  return table(['', '', 'requests', 'bytes up', 'bytes down', "the server's CPU time"], lines);
}

/** @param {Measurement[]} failures */
function failuresList(failures) {
  const lines = failures.map(
    ({ name, peer, round, failure }) =>
      `- ${name}, ${peer}, round ${round + 1}: ${failure?.split('\n')[0]}`,
  );
  return `Failed:\n\n${lines.join('\n')}`;
}
