// `couchlet bad-network`: a bad network on the command line. Lines that are typed change its
// conditions while it runs.

import process from 'node:process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { badNetwork } from './bad-network.js';
import { kGood } from './conditions.js';

export const kUsage = `couchlet bad-network --to http://127.0.0.1:5984 [options]

Hands HTTP requests on to a server, over a bad network.

  --to ADDRESS       of the server
  --listen PORT      default: any that is free
  --host ADDRESS     to listen at, default 127.0.0.1
  --seed N           the same seed does the same to the n-th request, default 1

  --latency MS       each way                  --jitter MS      more or less
  --rate BYTES       a second each way, of all requests together: 50k, 1M

  --drop PART        of requests, from 0 to 1, never reach the server
  --lose PART        are carried out, but their answers are lost
  --cut PART         break off in the middle of a body
  --stall PART       are never heard of again
  --busy PART        are answered with 503 or 429   --retry-after SECONDS

  --idle MS          without a byte break an answer off
  --portal           answers everything with a captive portal's page
  --offline          accepts no connection

While it runs, a line "offline", "online", "portal", "no portal" or like "drop 0.5" changes that.
`;

/** @type {Record<string, number>} */
const kFactors = { k: 1000, M: 1_000_000 };

/** @param {string} text as 50k */
function numberOf(text) {
  const [, digits, unit] = /^(-?[\d.]+)([kM]?)$/.exec(text) ?? [];
  return digits === undefined ? NaN : Number(digits) * (kFactors[unit] ?? 1);
}

/** @param {string} name of a condition @returns {string} of its option */
const optionOf = (name) => name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);

/**
 * @param {Record<string, unknown>} values by options' names
 * @returns {Record<string, any>} by conditions' names
 */
function conditionsOf(values) {
  const named = Object.entries(kGood).map(([name, good]) => {
    const value = values[optionOf(name)];
    const isNumber = typeof value === 'string' && typeof good === 'number';
    return [name, isNumber ? numberOf(value) : value];
  });
  return Object.fromEntries(named);
}

/** @param {string} line */
function conditionsOfLine(line) {
  const [word, value] = line.trim().split(/\s+/);
  if (word === 'online') return { offline: false };
  if (word === 'no' && value === 'portal') return { portal: false };
  const values = { [word]: value ?? true };
  const conditions = conditionsOf(values);
  const isKnown = Object.values(conditions).some((each) => each !== undefined);
  if (!isKnown) throw new TypeError(`No condition is called '${word}'`);
  return conditions;
}

/** @param {import('./index.js').BadNetworkLogEntry} entry */
function lineOf({ number, method, path, fault, up, down, status, sent, received, took }) {
  const outcome = fault ? fault.toUpperCase() : 'ok';
  const times = `${up}+${down} of ${took} ms`;
  return `#${number} ${outcome} ${status ?? '-'} ${method} ${path} ${times}, ${sent}/${received} B`;
}

/** @param {string[]} args after "bad-network" */
export async function runBadNetwork(args) {
  /** @type {Record<string, {type: 'string' | 'boolean'}>} */
  const options = { to: { type: 'string' }, listen: { type: 'string' }, host: { type: 'string' } };
  options.help = { type: 'boolean' };
  for (const [name, good] of Object.entries(kGood)) {
    options[optionOf(name)] = { type: typeof good === 'boolean' ? 'boolean' : 'string' };
  }
  const { values } = parseArgs({ args, options });
  if (values.help) return void process.stdout.write(kUsage);
  const network = await badNetwork({
    ...conditionsOf(values),
    to: String(values.to ?? ''),
    listen: Number(values.listen ?? 0),
    host: /** @type {string | undefined} */ (values.host),
    log: (entry) => console.log(lineOf(entry)),
  });
  console.log(`${network.url} is a bad network to ${new URL(String(values.to)).host}`);
  createInterface({ input: process.stdin }).on('line', (line) => {
    try {
      if (line.trim()) network.change(conditionsOfLine(line));
    } catch (error) {
      console.error(/** @type {Error} */ (error).message);
    }
  });
}
