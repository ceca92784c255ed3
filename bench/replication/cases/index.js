// The cases, in the order of the rows.

import { day } from './day.js';
import { faults } from './faults.js';
import { little } from './little.js';
import { pauses } from './pauses.js';
import { pull } from './pull.js';
import { push } from './push.js';

/** @typedef {import('./case.js').Case} Case */

/** @type {Case[]} */
export const kCases = [pull, push, little, pauses, faults, day];
