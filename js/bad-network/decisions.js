// What happens to each request: a function of the seed, the request's number and the conditions,
// and of nothing else. So a run that went wrong can be repeated, whatever came at which time.
//
// A request meets one fault at most. A single draw from [0, 1) falls into the part of one of them,
// or into the rest:
//
//   0      drop      lose   cut   stall   busy                                      1
//   ├───────┼─────────┼──────┼──────┼──────┼──────────── as it should ──────────────┤

import { kFaults } from './conditions.js';

/** @typedef {import('./conditions.js').Fault} Fault */

// What a server says that has too much to do.
const kBusyStatuses = [503, 429];

/**
 * @typedef {object} Decision
 * @property {Fault | null} fault
 * @property {number} up milliseconds that the request is on its way
 * @property {number} down milliseconds that the answer is
 * @property {number} at where a body is cut, from 0, its beginning, to 1, its end
 * @property {boolean} cutsRequest the request's body rather than the answer's, if it has one
 * @property {number} status of an answer that says "busy"
 */

/**
 * An even draw from [0, 1): FNV-1a over the text of what it is for, and a finishing mix (that of
 * MurmurHash3), as FNV's high bits hardly feel the last letters.
 *
 * @param {number} seed
 * @param {number} number of the request
 * @param {string} what is drawn
 */
function draw(seed, number, what) {
  let hash = 0x811c9dc5;
  for (const letter of `${seed} ${number} ${what}`) {
    hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/**
 * @param {import('./conditions.js').Conditions} conditions
 * @param {number} number of the request, counted from 1
 * @returns {Decision}
 */
export function decide(conditions, number) {
  const { seed, latency, jitter } = conditions;
  const away = (/** @type {string} */ direction) =>
    Math.max(0, latency + jitter * (2 * draw(seed, number, direction) - 1));
  return {
    fault: faultOf(conditions, draw(seed, number, 'fault')),
    up: away('up'),
    down: away('down'),
    at: draw(seed, number, 'at'),
    cutsRequest: draw(seed, number, 'direction') < 0.5,
    status: kBusyStatuses[draw(seed, number, 'status') < 0.5 ? 0 : 1],
  };
}

/**
 * @param {import('./conditions.js').Conditions} conditions
 * @param {number} drawn
 */
function faultOf(conditions, drawn) {
  let end = 0;
  for (const fault of kFaults) {
    end += conditions[fault];
    if (drawn < end) return fault;
  }
  return null;
}
