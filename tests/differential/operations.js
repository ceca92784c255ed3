// Operations at random: {call, args}, made before any of them is run, so that a sequence can be
// shortened and run again. What depends on earlier answers is a reference (references.js).

import { inspect } from 'node:util';

import { lineageRevision, Replica } from './lineage.js';
import { kNoSuchRevision, Present, PresentRev, Rev, Successor } from './references.js';

/** @typedef {import('./random.js').Random} Random */
/** @typedef {{call: string, args: any[]}} Operation */

// None that a generated id, which begins with 0-9a-f, could stand before in one database and after
// in another. None either that begins past U+FFFF: PouchDB's allDocs doesn't list it.
const kIds = ['g', 'h', 'i', 'y', 'k/l', 'm n', 'o%2Fp', 'ü', 'r😀', 'q\u0000r'];
const kFavourites = 3; // of them, the first ones
const kDesignId = '_design/s'; // it could: it stays away from generated ones
const kLocalIds = ['_local/g', '_local/h/i', '_local/ü'];
const kBadIds = [null, '', 5, true, {}, ['g'], '_', '_x', '_all_docs'];
const kBadRevs = ['x', '1', '1-', '-a', 'a-1', '1-g', '0-1', '', 5, null, {}, true];
const kNames = ['a.txt', 'b/c', 'ü😀', 'd e', 'f+g'];
const kContents = ['', 'a', 'hello', 'ü😀', '\u0000\u0001', 'x'.repeat(300)];
const kTypes = ['text/plain', 'application/octet-stream', 'image/png', ''];
const kFilters = [
  { filter: (/** @type {any} */ doc) => doc.n % 2 === 0 },
  { filter: (/** @type {any} */ doc) => doc._deleted },
  {
    filter: (/** @type {any} */ doc, /** @type {any} */ { query }) => doc._id === query.id,
    query_params: { id: 'g' },
  },
];
const kSpecial = ['_x', '_conflicts', '_deleted_conflicts', '_local_seq', '_revs_info'];
const kNotDocuments = [null, 5, 'g', [], [[]], true];

let salts = 0;
/** @type {'design document' | 'generated id' | 'neither any more'} */
let mayHave = 'generated id';
let replica = new Replica();

/**
 * @param {Random} random
 * @param {number} length
 * @returns {Operation[]}
 */
export function sequenceOf(random, length) {
  salts = 0;
  mayHave = random.chance(0.5) ? 'design document' : 'generated id';
  replica = new Replica();
  const operations = Array.from({ length }, () => random.pick(kMixture)(random));
  // What a replication did not write is seen at once.
  return operations.flatMap((each) => (isReplication(each) ? [each, info()] : [each]));
}

/** @param {Operation} operation */
function isReplication({ call, args }) {
  return call === 'bulkDocs' && args.some((arg) => arg?.new_edits === false);
}

/**
 * What every sequence ends with: what can be seen of all documents, and all of those that most of
 * it was about.
 *
 * @returns {Operation[]}
 */
export function lookAtEverything() {
  const all = { revs: true, revs_info: true, conflicts: true, deleted_conflicts: true };
  return [
    { call: 'allDocs', args: [{ include_docs: true, conflicts: true, attachments: true }] },
    { call: 'changes', args: [{ style: 'all_docs', include_docs: true, conflicts: true }] },
    { call: 'info', args: [] },
    ...kIds.slice(0, kFavourites).flatMap((id) => [
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
  if (random.chance(0.75)) return random.pick(kIds.slice(0, kFavourites));
  if (random.chance(0.1) && mayHave === 'design document') return kDesignId;
  return random.chance(0.9) ? random.pick(kIds) : random.pick(kLocalIds);
}

/**
 * An id for a new document: once in a sequence there is none, and one is generated (where two of
 * them stand among the others chance would decide).
 *
 * @param {Random} random
 */
function newId(random) {
  if (mayHave !== 'generated id' || random.chance(0.9)) return anyId(random) || '_x';
  mayHave = 'neither any more';
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
  const otherwise = random.chance(0.2) ? kNoSuchRevision : undefined;
  return new Rev(ofId, random.chance(0.75) ? 0 : random.below(5), otherwise);
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
  if (random.chance(0.15)) members._deleted = random.chance(0.8);
  if (random.chance(0.002)) members._deleted = random.pick([null, 0, 'x']);
  const loses = members._deleted === true && random.chance(0.95); // as PouchDB does anyway
  if (random.chance(0.15) && !loses) members._attachments = attachments(random);
  if (random.chance(0.03)) members[random.pick(kSpecial)] = random.pick([1, 'x', [], {}]);
  if (random.chance(0.001)) members._revisions = random.pick([{}, { start: 1, ids: ['a'] }, 5]);
  if (random.chance(0.001)) members._rev_tree = [];
  return members;
}

/** @param {Random} random */
function attachments(random) {
  if (random.chance(0.02)) return {};
  if (random.chance(0.005)) return random.pick([null, [], 'x', { a: null }, { a: {} }]);
  const count = 1 + random.below(2);
  return Object.fromEntries(
    Array.from({ length: count }, () => [
      random.chance(0.03) ? '_a' : attachmentName(random),
      attachment(random),
    ]),
  );
}

/** @param {Random} random */
const attachmentName = (random) => (random.chance(0.6) ? kNames[0] : random.pick(kNames));

/** @param {Random} random */
function attachment(random) {
  if (random.chance(0.05)) return { stub: true };
  if (random.chance(0.003)) return { content_type: 'text/plain' };
  if (random.chance(0.02)) return { content_type: 'text/plain', data: '?' };
  if (random.chance(0.003)) return { content_type: 'text/plain', data: random.pick([5, null]) };
  return { content_type: random.pick(kTypes), data: data(random) };
}

/** @param {Random} random */
function data(random) {
  const bytes = Buffer.from(random.pick(kContents));
  return random.chance(0.5) ? bytes : bytes.toString('base64');
}

/**
 * @param {Random} random
 * @param {any} _id none: it is generated
 */
function document(random, _id) {
  if (random.chance(0.35)) return new Present(_id, { _id, ...body(random) });
  /** @type {Record<string, any>} */
  const whole = { _id, ...body(random) };
  // PouchDB keeps them as a part of the body.
  if (kLocalIds.includes(_id) && random.chance(0.95)) delete whole._attachments;
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
  const args = [document(random, anyId(random))];
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

/**
 * PouchDB tells of two edits of one document that the second is a conflict, and writes both.
 *
 * @param {Random} random
 * @param {Set<any>} ids that are in the same request
 */
function oneOfMany(random, ids) {
  if (random.chance(0.01)) return random.pick(kNotDocuments);
  const _id = newId(random);
  if (ids.has(_id) && random.chance(0.997)) return undefined;
  ids.add(_id);
  return document(random, _id);
}

/** @param {any} given */
function withoutAttachments(given) {
  const members = given instanceof Present ? given.changes : given;
  if (typeof members !== 'object' || members === null) return given;
  const { _attachments: _, ...others } = members;
  return Array.isArray(members)
    ? members
    : { ...others, ...(given instanceof Present && { _rev: new Rev(given.id, 0, undefined) }) };
}

/** @param {Random} random */
function bulkDocs(random) {
  if (random.chance(0.03)) return { call: 'bulkDocs', args: [random.pick(kNotDocuments)] };
  const ids = new Set();
  const docs = listOf(random, () => oneOfMany(random, ids), 4).filter(Boolean);
  // PouchDB gives a document with attachments its sequence later than the others.
  for (const [i, each] of docs.slice(0, -1).entries()) docs[i] = withoutAttachments(each);
  return { call: 'bulkDocs', args: random.chance(0.2) ? [{ docs }] : [docs] };
}

/**
 * PouchDB gives replicated documents their sequences in the order of their ids.
 *
 * @param {any} a
 * @param {any} b
 */
function byId(a, b) {
  const [one, other] = [a, b].map((each) => String(each.id ?? each._id));
  return one < other ? -1 : Number(one > other);
}

/** @param {Random} random */
function replicate(random) {
  const docs = listOf(random, replicated, 3).sort(byId);
  const newEdits = { new_edits: false };
  const args = random.chance(0.8) ? [docs, newEdits] : [{ docs, ...newEdits }];
  return { call: 'bulkDocs', args };
}

/** @param {Random} random */
function replicated(random) {
  const ofId = random.pick(kIds.slice(0, kFavourites));
  if (random.chance(0.01)) return document(random, anyId(random));
  if (random.chance(0.8)) return replica.documentOf(random, ofId);
  const hash = `${random.pick(['000', 'fff'])}9${String(salt()).padStart(28, '0')}`;
  const members = random.chance(0.2) ? { _deleted: true } : { text: 'a successor' };
  return new Successor(ofId, random.below(2), hash, members);
}

/** @param {Random} random */
const key = (random) =>
  random.chance(0.02)
    ? random.pick([5, null, {}, ''])
    : random.pick([...kIds, '!', 'gg', 'z', '\ufff0']);

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
  const ids = new Set();
  const docs = listOf(
    random,
    () => {
      const ofId = random.chance(0.9) ? id(random) : random.pick(kBadIds);
      if (ids.has(ofId) && random.chance(0.9)) return;
      ids.add(ofId);
      return random.chance(0.5) ? { id: ofId } : { id: ofId, rev: rev(random, ofId) };
    },
    4,
  ).filter(Boolean);
  if (docs.length === 0 && random.chance(0.99)) docs.push({ id: "g" }); // PouchDB never answers []
  const choices = { revs: flag, attachments: flag, binary: flag, latest: flag };
  const chosen = options(random, choices, 0.3);
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
  if (random.chance(0.15)) Object.assign(chosen, random.pick(kFilters));
  return { call: 'changes', args: [chosen] };
}

/** @param {Random} random */
function putAttachment(random) {
  // PouchDB takes an id of any kind, and a revision of what isn't there.
  // … and never brings back what is deleted, as the favourites often are.
  const ids = random.chance(0.003) ? kBadIds : kIds.slice(kFavourites - 1);
  const ofId = random.pick(ids);
  const name = random.chance(0.003) ? random.pick(['', '_a', 5, null]) : attachmentName(random);
  const given = random.chance(0.01) ? rev(random, ofId) : new PresentRev(ofId);
  const args = [ofId, name];
  if (random.chance(0.8)) args.push(given);
  args.push(data(random), random.pick(kTypes));
  return { call: 'putAttachment', args };
}

/** @param {Random} random */
function getAttachment(random) {
  const ofId = anyId(random);
  const args = [ofId, attachmentName(random)];
  if (random.chance(0.4)) args.push({ rev: rev(random, ofId) });
  return { call: 'getAttachment', args };
}

/** @param {Random} random */
function removeAttachment(random) {
  const ofId = anyId(random);
  const given = random.chance(0.2) ? rev(random, ofId) : new PresentRev(ofId);
  return { call: 'removeAttachment', args: [ofId, kNames[0], given] };
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
