// Operations at random: {call, args}, made before any of them is run, so that a sequence can be
// shortened and run again. What depends on earlier answers is a reference (references.js).

import { inspect } from 'node:util';

import { lineageRevision, replicatedDocument } from './lineage.js';
import { Present, Rev, Successor } from './references.js';

/** @typedef {import('./random.js').Random} Random */
/** @typedef {{call: string, args: any[]}} Operation */

// None that a generated id could stand between: those begin with 0-9a-f.
const kIds = ['g', 'h', 'i', 'J', 'k/l', 'm n', 'o%2Fp', 'ü', '😀', 'q\u0000r', '_design/s'];
const kLocalIds = ['_local/g', '_local/h/i', '_local/ü'];
const kBadIds = [undefined, null, '', 5, true, {}, ['g'], '_', '_x', '_design', '_local', '_all_docs'];
const kBadRevs = ['x', '1', '1-', '-a', 'a-1', '1-g', '0-1', '', 5, null, {}, true];
const kNames = ['a.txt', 'b/c', 'ü😀', 'd e', 'f+g'];
const kTypes = ['text/plain', 'application/octet-stream', 'image/png', ''];
const kSpecial = ['_x', '_conflicts', '_deleted_conflicts', '_local_seq', '_revs_info', '_rev_tree'];
const kNotDocuments = [undefined, null, 5, 'g', [], [{}], true];

let salts = 0;
let hasGeneratedId = false;

/**
 * @param {Random} random
 * @param {number} length
 * @returns {Operation[]}
 */
export function sequenceOf(random, length) {
  salts = 0;
  hasGeneratedId = false;
  return Array.from({ length }, () => random.pick(kMixture)(random));
}

/**
 * What every sequence ends with: all that can be seen.
 *
 * @returns {Operation[]}
 */
export function lookAtEverything() {
  const all = { revs: true, revs_info: true, conflicts: true, deleted_conflicts: true };
  return [
    { call: 'allDocs', args: [{ include_docs: true, conflicts: true, attachments: true }] },
    { call: 'changes', args: [{ style: 'all_docs', include_docs: true, conflicts: true }] },
    { call: 'info', args: [] },
    ...kIds.flatMap((id) => [
      { call: 'get', args: [id, { open_revs: 'all', revs: true }] },
      { call: 'get', args: [id, all] },
    ]),
    ...kLocalIds.map((id) => ({ call: 'get', args: [id] })),
  ];
}

/** @param {Operation} operation as one would write it */
export function inspectOperation({ call, args }) {
  const text = args.map((arg) =>
    inspect(arg, { depth: null, breakLength: 90, maxStringLength: 200 }),
  );
  return `db.${call}(${text.join(', ')})`;
}

// Parts

/** @param {Random} random */
function id(random) {
  // Few documents: they are to meet again.
  if (random.chance(0.75)) return kIds[random.below(3)];
  return random.chance(0.9) ? random.pick(kIds) : random.pick(kLocalIds);
}

/**
 * An id for a new document: once in a sequence there is none, and one is generated (where two of
 * them stand among the others chance would decide).
 *
 * @param {Random} random
 */
function newId(random) {
  if (hasGeneratedId || random.chance(0.9)) return anyId(random) ?? '_x';
  hasGeneratedId = true;
  return undefined;
}

/** @param {Random} random */
const anyId = (random) => (random.chance(0.06) ? random.pick(kBadIds) : id(random));

/**
 * @param {Random} random
 * @param {any} ofId
 */
function rev(random, ofId) {
  if (random.chance(0.05)) return random.pick(kBadRevs);
  if (random.chance(0.1)) return lineageRevision(random).rev;
  return new Rev(ofId, random.chance(0.75) ? 0 : random.below(5));
}

/** Unlike all others: equal edits are one revision with us, and two of two documents with them. */
function salt() {
  salts += 1;
  return salts;
}

/** @param {Random} random */
function body(random) {
  /** @type {Record<string, any>} */
  const members = { n: salt() };
  if (random.chance(0.2)) members.text = random.pick(['', 'a', 'ü😀', 'a\u0000b', '"\\\n']);
  if (random.chance(0.1)) members.value = random.pick([null, 1.5, -0.1, 1e21, [], {}, [[{}]]]);
  if (random.chance(0.05)) members.nothing = undefined;
  if (random.chance(0.15)) members._deleted = random.pick([true, true, true, false, null, 0, 'x']);
  if (random.chance(0.15)) members._attachments = attachments(random);
  if (random.chance(0.03)) members[random.pick(kSpecial)] = random.pick([1, 'x', [], {}]);
  if (random.chance(0.02)) members._revisions = random.pick([{}, { start: 1, ids: ['a'] }, 5]);
  return members;
}

/** @param {Random} random */
function attachments(random) {
  if (random.chance(0.05)) return random.pick([{}, null, [], 'x', { a: null }, { a: {} }]);
  const count = 1 + random.below(2);
  return Object.fromEntries(
    Array.from({ length: count }, () => [
      random.chance(0.03) ? '_a' : random.pick(kNames),
      attachment(random),
    ]),
  );
}

/** @param {Random} random */
function attachment(random) {
  if (random.chance(0.05)) return { stub: true };
  if (random.chance(0.03)) return { content_type: 'text/plain' };
  if (random.chance(0.05)) return { content_type: 'text/plain', data: random.pick(['?', 5, null]) };
  return { content_type: random.pick(kTypes), data: data(random) };
}

/** @param {Random} random */
function data(random) {
  const bytes = Buffer.from(random.pick(['', 'a', 'hello', 'ü😀', '\u0000\u0001', 'x'.repeat(300)]));
  return random.chance(0.5) ? bytes : bytes.toString('base64');
}

/**
 * @param {Random} random
 * @param {any} [_id]
 */
function document(random, _id = anyId(random)) {
  if (random.chance(0.35)) return new Present(_id, { _id, ...body(random) });
  /** @type {Record<string, any>} */
  const whole = { _id, ...body(random) };
  if (random.chance(0.5)) whole._rev = rev(random, _id);
  return whole;
}

/**
 * @param {Random} random
 * @param {Record<string, (random: Random) => any>} choices
 * @param {number} probability of each
 */
function options(random, choices, probability) {
  /** @type {Record<string, any>} */
  const chosen = {};
  for (const [name, choose] of Object.entries(choices)) {
    if (random.chance(probability)) chosen[name] = choose(random);
  }
  return chosen;
}

/**
 * @param {Random} random
 * @param {(random: Random) => any} one
 * @param {number} most
 */
function listOf(random, one, most) {
  return Array.from({ length: random.below(most + 1) }, () => one(random));
}

/** @param {Random} random */
const flag = (random) => random.chance(0.9);

// Calls

/** @param {Random} random */
function put(random) {
  if (random.chance(0.03)) return { call: 'put', args: [random.pick(kNotDocuments)] };
  const args = [document(random)];
  if (random.chance(0.05)) args.push({ force: true });
  if (random.chance(0.03)) args.push({ new_edits: false });
  return { call: 'put', args };
}

/** @param {Random} random */
function post(random) {
  const given = random.chance(0.1) ? random.pick(kNotDocuments) : document(random, newId(random));
  return { call: 'post', args: [given] };
}

/** @param {Random} random */
function get(random) {
  const ofId = anyId(random);
  const chosen = options(
    random,
    {
      rev: () => rev(random, ofId),
      revs: flag,
      revs_info: flag,
      conflicts: flag,
      deleted_conflicts: flag,
      local_seq: flag,
      latest: flag,
      attachments: flag,
      binary: flag,
    },
    0.2,
  );
  if (random.chance(0.2)) {
    chosen.open_revs = random.chance(0.4) ? 'all' : listOf(random, () => rev(random, ofId), 3);
  }
  return { call: 'get', args: random.chance(0.2) ? [ofId] : [ofId, chosen] };
}

/** @param {Random} random */
function remove(random) {
  const ofId = anyId(random);
  if (random.chance(0.3)) return { call: 'remove', args: [new Present(ofId)] };
  if (random.chance(0.5)) return { call: 'remove', args: [ofId, rev(random, ofId)] };
  if (random.chance(0.1)) return { call: 'remove', args: [random.pick([...kNotDocuments, {}])] };
  return { call: 'remove', args: [{ _id: ofId, _rev: rev(random, ofId) }] };
}

/** @param {Random} random */
function bulkDocs(random) {
  if (random.chance(0.03)) return { call: 'bulkDocs', args: [random.pick(kNotDocuments)] };
  const one = () => (random.chance(0.01) ? random.pick(kNotDocuments) : document(random, newId(random)));
  const docs = listOf(random, one, 4);
  return { call: 'bulkDocs', args: random.chance(0.2) ? [{ docs }] : [docs] };
}

/** @param {Random} random */
function replicate(random) {
  const docs = listOf(random, replicated, 3);
  const newEdits = { new_edits: false };
  return { call: 'bulkDocs', args: random.chance(0.8) ? [docs, newEdits] : [{ docs, ...newEdits }] };
}

/** @param {Random} random */
function replicated(random) {
  const ofId = kIds[random.below(3)];
  if (random.chance(0.05)) return document(random);
  if (random.chance(0.8)) return replicatedDocument(random, ofId);
  const hash = `9${String(salt()).padStart(31, '0')}`;
  const members = random.chance(0.2) ? { _deleted: true } : { text: 'a successor' };
  return new Successor(ofId, random.below(2), hash, members);
}

/** @param {Random} random */
const key = (random) =>
  random.pick([...kIds, 'a', 'gg', 'z', '\ufff0', '', ...(random.chance(0.05) ? [5, null, {}] : [])]);

/** @param {Random} random */
function allDocs(random) {
  const chosen = options(
    random,
    {
      include_docs: flag,
      conflicts: flag,
      attachments: flag,
      binary: flag,
      descending: flag,
      update_seq: flag,
      inclusive_end: () => random.chance(0.3),
      startkey: key,
      endkey: key,
      limit: () => random.below(4),
      skip: () => random.below(4),
    },
    0.2,
  );
  if (random.chance(0.1)) chosen.key = key(random);
  if (random.chance(0.2)) chosen.keys = listOf(random, key, 4);
  return { call: 'allDocs', args: [chosen] };
}

/** @param {Random} random */
function bulkGet(random) {
  const docs = listOf(
    random,
    () => {
      const ofId = random.chance(0.9) ? id(random) : random.pick(kBadIds);
      return random.chance(0.5) ? { id: ofId } : { id: ofId, rev: rev(random, ofId) };
    },
    4,
  );
  const chosen = options(random, { revs: flag, attachments: flag, binary: flag, latest: flag }, 0.3);
  return { call: 'bulkGet', args: [{ docs, ...chosen }] };
}

/** @param {Random} random */
function revsDiff(random) {
  const asked = listOf(
    random,
    () => {
      const ofId = id(random);
      return [ofId, listOf(random, () => rev(random, ofId), 3)];
    },
    3,
  );
  return { call: 'revsDiff', args: [Object.fromEntries(asked)] };
}

/** @param {Random} random */
function changes(random) {
  const chosen = options(
    random,
    {
      since: () => random.pick([0, 1, 3, 10, 'now']),
      limit: () => random.below(4),
      include_docs: flag,
      conflicts: flag,
      attachments: flag,
      binary: flag,
      descending: flag,
      return_docs: flag,
      style: () => random.pick(['main_only', 'all_docs']),
      doc_ids: () => listOf(random, id, 3),
      batch_size: () => 1 + random.below(3),
    },
    0.2,
  );
  return { call: 'changes', args: [chosen] };
}

/** @param {Random} random */
function putAttachment(random) {
  const ofId = anyId(random);
  const name = random.chance(0.03) ? random.pick(['', '_a', 5, null]) : random.pick(kNames);
  const args = [ofId, name];
  if (random.chance(0.8)) args.push(rev(random, ofId));
  args.push(data(random), random.pick(kTypes));
  return { call: 'putAttachment', args };
}

/** @param {Random} random */
function getAttachment(random) {
  const ofId = anyId(random);
  const args = [ofId, random.pick(kNames)];
  if (random.chance(0.4)) args.push({ rev: rev(random, ofId) });
  return { call: 'getAttachment', args };
}

/** @param {Random} random */
function removeAttachment(random) {
  const ofId = anyId(random);
  return { call: 'removeAttachment', args: [ofId, random.pick(kNames), rev(random, ofId)] };
}

const info = () => ({ call: 'info', args: [] });
const compact = () => ({ call: 'compact', args: [] });

// As often as they are here.
const kMixture = [
  ...Array(6).fill(put),
  post,
  ...Array(5).fill(get),
  ...Array(3).fill(remove),
  ...Array(3).fill(bulkDocs),
  ...Array(5).fill(replicate),
  ...Array(3).fill(allDocs),
  ...Array(2).fill(bulkGet),
  revsDiff,
  ...Array(3).fill(changes),
  ...Array(2).fill(putAttachment),
  ...Array(2).fill(getAttachment),
  removeAttachment,
  info,
  compact,
];
