// The differences that are meant: each with its reason, which docs/differences-from-pouchdb.md
// tells users (`npm run differential -- --page` writes it).

/**
 * @typedef {object} Context
 * @property {import('./operations.js').Operation} operation
 * @property {import('./operations.js').Operation[]} former the operations before
 * @property {any} ours the whole answer
 * @property {any} theirs
 */

/**
 * @typedef {object} Explanation
 * @property {string} name
 * @property {string} reason
 * @property {boolean} [isOfTheTest] users don't meet it
 * @property {boolean | ((context: Context) => boolean)} [endsSequence] the two databases aren't
 *   the same any more
 * @property {(difference: import('./compare.js').Difference, context: Context) => boolean} explains
 */

/** @param {any} value */
const isText = (value) => typeof value === 'string';

/** @param {any} answer */
const refusal = (answer) => answer.rejected;

/**
 * Couchlet refuses the call with one of these, and PouchDB doesn't.
 *
 * @param {Context} context
 * @param {number[]} statuses
 */
const onlyOursRefuses = ({ ours, theirs }, ...statuses) =>
  statuses.includes(refusal(ours)?.status) && 'value' in theirs;

/** @param {any} args whether something in them passes the test */
function anywhere(args, test) {
  if (test(args)) return true;
  return typeof args === 'object' && args !== null && !Buffer.isBuffer(args)
    ? Object.values(args).some((part) => anywhere(part, test))
    : false;
}

/** @param {import('./operations.js').Operation} operation */
function hasDocumentTwice({ call, args: [request, options] }) {
  if (call !== 'bulkDocs' || (options ?? request)?.new_edits === false) return false;
  const docs = request?.docs ?? request;
  const all = Array.isArray(docs) ? docs.map((each) => each?.id ?? each?._id) : [];
  const ids = all.filter((id) => typeof id === 'string');
  return new Set(ids).size < ids.length;
}

const kWrites = ['bulkDocs', 'post', 'put', 'putAttachment', 'remove', 'removeAttachment'];

/** @param {import('./operations.js').Operation[]} operations */
const lastWrite = (operations) => operations.findLast(({ call }) => kWrites.includes(call));

/** @param {any} answer with documents, in whose order the generations are */
function generationsOf(answer) {
  /** @type {number[]} */
  const found = [];
  anywhere(answer, (part) => {
    if (isText(part?._rev)) found.push(Number.parseInt(part._rev, 10));
    return false;
  });
  return found;
}

// Messages of PouchDB's, and what couchlet says instead.
const kClearer = [
  [/^Invalid rev format$/, /must have a _rev/],
  [/^Something wrong with the request$/, /not a valid attachment name/],
  [/^Some query argument is invalid$/, /must be base64|not a valid base64/],
];

// What can be wrong with the arguments of a call, in the words of either side.
const kMistakes = [
  /^An attachment needs a name$/,
  /^_revisions must be/,
  /^A pre-existing attachment stub/,
  /^Bad special document member/,
  /^Invalid rev format$/,
  /^Only reserved document/,
  /^Something wrong with the request$/,
  /^_id field must contain a string$/,
  /^_id is required/,
  /^Document must be a JSON object$/,
  /must be base64/,
  /must have a _rev/,
  /not a valid attachment name/,
];
const kNoMistakes = [/^Document update conflict$/, /^missing$/];

/** @param {any} answer */
function messagesOf(answer) {
  const all = Array.isArray(answer.value) ? answer.value : [answer.rejected];
  return all.map((each) => each?.message).filter(Boolean);
}

/** @type {Explanation[]} */
export const kExplained = [
  {
    name: 'PouchDB fails by accident',
    reason:
      'Bad input makes PouchDB throw a TypeError of its own, end the process or never answer. ' +
      'couchlet answers, or rejects with a status of 400 or 412 and a reason.',
    endsSequence: true,
    explains: (_, { ours, theirs }) =>
      (theirs.crashed || theirs.never || theirs.thrown?.name === 'TypeError') &&
      ('value' in ours || refusal(ours)?.status !== 500),
  },
  {
    name: 'a TypeError',
    reason: 'Where PouchDB rejects with a TypeError of its own, couchlet tells what is wrong.',
    explains: (_, { ours, theirs }) =>
      refusal(theirs)?.name === 'TypeError' && [400, 404, 409, 412].includes(refusal(ours)?.status),
  },
  {
    name: 'a reason always',
    reason: "An error of couchlet's always has a reason; of PouchDB's, few have one.",
    explains: ({ path, ours, theirs }) =>
      path.endsWith('.reason') && typeof ours === 'string' && theirs === undefined,
  },
  {
    name: 'the document always',
    reason: "An error of couchlet's names its document wherever it is known (docId, id).",
    explains: ({ path, ours, theirs }) =>
      /\.(docId|id)$/.test(path) && typeof ours === 'string' && theirs === undefined,
  },
  {
    name: 'a clearer message',
    reason: "Some messages of PouchDB's tell less than its reasons: couchlet's say what is wrong.",
    explains: ({ path, ours, theirs }) =>
      path.endsWith('.message') &&
      kClearer.some(([vague, clear]) => vague.test(theirs) && clear.test(ours)),
  },
  {
    name: 'bad base64 is a bad request',
    reason: 'An attachment that is no base64 is 400 bad_request, as in CouchDB; PouchDB tells 500.',
    explains: ({ path, ours, theirs }, context) =>
      anywhere(context.theirs, (part) => part === 'Attachment is not a valid base64 string') &&
      (path.endsWith('.reason') || ours === 400 || theirs === 'badarg'),
  },
  {
    name: 'unknown special members are a bad request',
    reason: 'doc_validation is 400, as in CouchDB, with a reason that helps; PouchDB tells 500.',
    explains: ({ path, ours, theirs }, context) =>
      anywhere(context.ours, (part) => /^Bad special document member/.test(part)) &&
      (path.endsWith('.reason') || (ours === 400 && theirs === 500)),
  },
  {
    name: 'local_seq, deleted_conflicts',
    reason: "get() has CouchDB's options local_seq and deleted_conflicts, which PouchDB ignores.",
    explains: ({ path, theirs }) =>
      /^value\._(local_seq|deleted_conflicts)$/.test(path) && theirs === undefined,
  },
  {
    name: 'deleted revisions are told as such',
    reason: "As CouchDB's, _revs_info tells 'deleted' of a deletion; PouchDB's tells 'available'.",
    explains: ({ path, ours, theirs }) =>
      /_revs_info\[\d+\]\.status$/.test(path) && ours === 'deleted' && theirs === 'available',
  },
  {
    name: 'deletions keep attachments',
    reason: 'As CouchDB, couchlet keeps the attachments of a deleted revision. PouchDB drops them.',
    explains: ({ path, theirs, around }) =>
      path.endsWith('._attachments') && theirs === undefined && around._deleted === true,
  },
  {
    name: 'revsDiff tells possible ancestors',
    reason: "As CouchDB's, the answer of revsDiff has possible_ancestors.",
    explains: ({ path, theirs }, { operation }) =>
      operation.call === 'revsDiff' &&
      path.endsWith('.possible_ancestors') &&
      theirs === undefined,
  },
  {
    name: 'a revision is obeyed after a deletion',
    reason:
      'As CouchDB, couchlet answers 409 where a _rev is given that is no leaf, also where the ' +
      'document is deleted. PouchDB takes any _rev then.',
    endsSequence: true,
    explains: (_, { operation, ours }) =>
      ['put', 'post', 'bulkDocs'].includes(operation.call) &&
      anywhere(operation.args, (part) => part instanceof Object && '_rev' in part) &&
      anywhere(ours, (part) => part?.status === 409),
  },
  {
    name: 'attachments of a losing revision can be changed',
    reason:
      'As CouchDB, putAttachment and removeAttachment take any leaf. PouchDB answers 409 to all ' +
      'but the winning one.',
    endsSequence: ({ ours }) => 'value' in ours,
    explains: (_, { operation, ours, theirs }) =>
      ['putAttachment', 'removeAttachment'].includes(operation.call) &&
      ('value' in ours || refusal(ours)?.status === 404) &&
      refusal(theirs)?.status === 409,
  },
  {
    name: 'attachments of deleted documents',
    reason:
      'As CouchDB, putAttachment makes a deleted document anew, or continues from its deletion. ' +
      'PouchDB answers 404.',
    endsSequence: ({ ours }) => 'value' in ours,
    explains: (_, { operation, ours, theirs }) =>
      ['putAttachment', 'removeAttachment'].includes(operation.call) &&
      ('value' in ours || [404, 409].includes(refusal(ours)?.status)) &&
      refusal(theirs)?.reason === 'deleted',
  },
  {
    name: '_revisions of an edit',
    reason:
      'As in CouchDB, _revisions without a _rev tell which revision an edit continues from: 409 ' +
      'if it is no leaf. PouchDB ignores them.',
    endsSequence: true,
    explains: (_, { operation, ours, theirs }) =>
      (anywhere([ours, theirs], (part) => part?.status === 409) ||
        Object(operation.args[1]).force === true) &&
      anywhere(operation.args, (part) => part instanceof Object && '_revisions' in part),
  },
  {
    name: 'replicated documents are answered for one by one',
    reason:
      'With new_edits false bulkDocs writes what it can and has an error for each of the others, ' +
      'also where a document is malformed. PouchDB refuses all of them.',
    endsSequence: ({ operation, ours }) => {
      const [request] = operation.args;
      return ours.value.length < (request.docs ?? request).length;
    },
    explains: (_, { operation, ours, theirs }) =>
      operation.call === 'bulkDocs' &&
      anywhere(operation.args, (part) => part?.new_edits === false) &&
      anywhere(ours.value, (part) => [400, 412].includes(part?.status)) &&
      refusal(theirs) !== undefined,
  },
  {
    name: 'a stub is known by its name',
    reason:
      'As CouchDB, a stub stands for the attachment of this name in the revision before, also ' +
      'without its digest. PouchDB answers 412 missing_stub then.',
    endsSequence: true,
    explains: (_, { operation, ours, theirs }) =>
      anywhere(operation.args, (part) => part?.stub === true && part.digest === undefined) &&
      'value' in ours &&
      refusal(theirs)?.name === 'missing_stub',
  },
  {
    name: 'bulkGet reads no local documents',
    reason: 'A local document is not found by bulkGet. PouchDB finds it.',
    explains: ({ ours }, { operation }) =>
      operation.call === 'bulkGet' &&
      ours === undefined &&
      anywhere(operation.args, (part) => /^_local\//.test(part)),
  },
  {
    name: 'keys that are no texts',
    reason: "allDocs puts keys of other types where CouchDB's collation puts them.",
    explains: (_, { operation }) => {
      const { key, startkey, endkey, keys = [] } = Object(operation.args[0]);
      return (
        operation.call === 'allDocs' &&
        [key, startkey, endkey, ...keys].some((each) => each !== undefined && !isText(each))
      );
    },
  },
  {
    name: 'key and a range',
    reason: 'allDocs with key answers that document, whatever range there is beside it.',
    explains: ({ path }, { operation }) => {
      const { key, startkey, endkey } = Object(operation.args[0]);
      return (
        operation.call === 'allDocs' &&
        path.startsWith('value.rows') &&
        key !== undefined &&
        (startkey ?? endkey) !== undefined
      );
    },
  },
  {
    name: 'open_revs with latest',
    reason:
      'As CouchDB, a revision that open_revs names stands with latest for all leaves that descend ' +
      'from it. PouchDB answers one of them.',
    explains: ({ path, ours, theirs }, { operation }) =>
      path === 'value.length' &&
      Object(operation.args[1]).latest === true &&
      Object(operation.args[1]).open_revs !== undefined &&
      ours.length > theirs.length,
  },
  {
    name: 'latest is the winner',
    reason:
      'With latest a revision stands for the winner of the leaves that descend from it. PouchDB ' +
      'answers another of them.',
    explains: (_, { operation, ours, theirs }) => {
      if (!anywhere(operation.args, (part) => part?.latest === true)) return false;
      const [one, other] = [ours, theirs].map(generationsOf);
      return one.some((generation, i) => generation > other[i]);
    },
  },
  {
    name: 'a stub in a deletion',
    reason: 'A stub of what is not here is 412 also in a deletion. PouchDB drops the attachments.',
    endsSequence: true,
    explains: (_, { ours, theirs }) =>
      anywhere(ours, (part) => part?.name === 'missing_stub') && 'value' in theirs,
  },
  {
    name: 'an empty _rev of a local document',
    reason: "A local document that is not there may be put with the _rev ''. PouchDB refuses it.",
    endsSequence: true,
    explains: (_, { operation, ours, theirs }) =>
      'value' in ours &&
      refusal(theirs)?.message === 'Invalid rev format' &&
      anywhere(operation.args, (part) => /^_local\//.test(part?._id) && part._rev === ''),
  },
  {
    name: 'options are checked',
    reason:
      'An option or a key of a type that it may not have is 400 and named. PouchDB takes it for ' +
      'something else.',
    endsSequence: ({ operation, theirs }) =>
      operation.call === 'putAttachment' && 'value' in theirs,
    explains: (_, { ours }) => /^Option '\w+' must be/.test(refusal(ours)?.reason),
  },
  {
    name: 'put with new_edits false answers as put',
    reason: 'It answers { ok, id, rev }, as put does. PouchDB answers [].',
    explains: ({ ours, theirs }, { operation }) =>
      operation.call === 'put' && ours?.ok === true && Array.isArray(theirs),
  },
  {
    name: 'bodies and ancestors that come later',
    reason:
      'As CouchDB, couchlet takes a replicated revision, or more of its past, also where a ' +
      'successor of it is here already. PouchDB ignores it.',
    endsSequence: true,
    explains: ({ path, ours, theirs }, { operation, former }) =>
      ['info', 'changes'].includes(operation.call) &&
      /(update_seq|last_seq|\.seq)$/.test(path) &&
      ours > theirs &&
      anywhere(lastWrite(former)?.args, (part) => part?.new_edits === false),
  },
  {
    name: 'special members are checked',
    reason:
      'As CouchDB, couchlet refuses a document with members that begin with an underscore and ' +
      'are not known, or are not what they must be (_revisions, _rev_tree).',
    endsSequence: true,
    explains: (_, { ours, theirs }) =>
      anywhere(ours, (part) => /special document member|_revisions must be/.test(part)) &&
      'value' in theirs,
  },
  {
    name: 'an id to read that is no text',
    reason:
      'getAttachment wants a text for an id, as get does: 400. PouchDB answers 404, or makes a text ' +
      'of it.',
    explains: (_, { operation, ours, theirs }) =>
      operation.call === 'getAttachment' &&
      typeof operation.args[0] !== 'string' &&
      [400, 412].includes(refusal(ours)?.status) &&
      ('value' in theirs || refusal(theirs)?.status === 404),
  },
  {
    name: 'revsDiff wants revisions',
    reason: 'As CouchDB, revsDiff refuses what is no revision. PouchDB says that it is missing.',
    explains: (_, context) =>
      context.operation.call === 'revsDiff' && onlyOursRefuses(context, 400),
  },
  {
    name: 'revsDiff knows ancestors',
    reason:
      'As CouchDB, revsDiff does not ask for a revision that is known to be superseded, where ' +
      'only its id is here. PouchDB does.',
    explains: ({ path, ours, theirs }, { operation }) =>
      operation.call === 'revsDiff' &&
      (path.endsWith('.missing.length')
        ? ours.length < theirs.length
        : (ours?.missing ?? []).length < theirs?.missing?.length),
  },
  {
    name: 'allDocs with an empty key',
    reason:
      "No document has the id ''. PouchDB answers the first document for it among keys, and " +
      'ignores it as key, startkey or endkey.',
    explains: (_, { operation }) =>
      operation.call === 'allDocs' &&
      (Object(operation.args[0]).keys?.includes('') ||
        ['key', 'startkey', 'endkey'].some((name) => Object(operation.args[0])[name] === '')),
  },
  {
    name: 'local documents have no attachments',
    reason:
      'As in CouchDB, local documents have no attachments: couchlet refuses them. PouchDB keeps ' +
      'what is inline as a part of the body, and answers 404 to putAttachment.',
    endsSequence: true,
    explains: (_, { ours }) =>
      anywhere(ours, (part) => /A local document can't have attachments/.test(part)),
  },
  {
    name: 'last_seq of a filtered feed',
    reason: 'As CouchDB, changes tells with doc_ids how far it has read. PouchDB tells less.',
    explains: ({ path, ours, theirs }, { operation }) =>
      path === 'value.last_seq' && Object(operation.args[0]).doc_ids !== undefined && ours > theirs,
  },
  {
    name: 'remove(id) without a revision',
    reason: 'remove(id) of a document that is there is 409 conflict. PouchDB answers 404.',
    explains: (_, { operation, ours, theirs }) =>
      operation.call === 'remove' &&
      typeof operation.args[0] === 'string' &&
      refusal(ours)?.status === 409 &&
      refusal(theirs)?.status === 404,
  },
  {
    name: 'a clearer reason',
    reason: "missing_stub tells which attachment it is about; PouchDB's reason tells a digest.",
    explains: ({ path, theirs }) =>
      path.endsWith('.reason') && /^unknown stub attachment with digest/.test(theirs),
  },
  {
    name: 'last_seq of a sequence to come',
    reason: "With a since past the end, last_seq is the database's. PouchDB gives since back.",
    explains: ({ path, ours, theirs }, { operation }) =>
      operation.call === 'changes' &&
      path === 'value.last_seq' &&
      ours < theirs &&
      theirs === Object(operation.args[0]).since,
  },
  {
    name: 'removeAttachment of what is not there',
    reason: 'couchlet answers 404. PouchDB resolves, with undefined or with a new revision.',
    endsSequence: ({ theirs }) => theirs.value !== undefined,
    explains: (_, { operation, ours, theirs }) =>
      operation.call === 'removeAttachment' &&
      refusal(ours)?.status === 404 &&
      'value' in theirs,
  },
  {
    name: 'an id that is no text is not named',
    reason: 'What is no id is not in docId.',
    explains: ({ path, ours, theirs }) =>
      path === 'rejected.docId' && ours === undefined && typeof theirs !== 'string',
  },
  {
    name: 'generations begin with 1',
    reason: 'couchlet refuses a revision of the generation 0 of what is no local document.',
    endsSequence: ({ theirs }) => 'value' in theirs,
    explains: (_, { operation, ours, theirs }) =>
      anywhere(ours, (part) => part?.message === 'Invalid rev format') &&
      ('value' in theirs || refusal(theirs)?.status === 409) &&
      anywhere(operation.args, (part) => /^0-/.test(part)),
  },
  {
    name: 'allDocs with keys has an offset',
    reason:
      'allDocs() with keys has an offset, which is `skip`, and update_seq if it is asked for. ' +
      'PouchDB leaves both out where there is no row, and its offset is 0.',
    explains: ({ path, ours, theirs }, { operation }) =>
      operation.call === 'allDocs' &&
      /^value\.(offset|update_seq)$/.test(path) &&
      Object(operation.args[0]).keys !== undefined &&
      typeof ours === 'number' &&
      !theirs,
  },
  {
    name: 'reserved ids are told',
    reason: 'What would change a document with a reserved id is 400. PouchDB answers 404.',
    explains: (_, { ours, theirs }) =>
      /^(Only reserved document ids|_id is required)/.test(refusal(ours)?.reason) &&
      refusal(theirs)?.status === 404,
  },
  {
    name: 'one document twice in one bulkDocs',
    reason:
      'The second of two edits of one revision is a conflict, and is not written. PouchDB tells ' +
      'that it is one and writes it nevertheless.',
    endsSequence: true,
    explains: (_, { former }) => former.some(hasDocumentTwice),
  },
  {
    name: 'open_revs names a revision once',
    reason: 'A revision that open_revs has twice is answered once. PouchDB answers it twice.',
    explains: ({ path, ours, theirs }, { operation }) =>
      path === 'value.length' &&
      operation.args[1]?.open_revs?.length > 1 &&
      ours.length < theirs.length,
  },
  {
    name: 'an attachment needs data',
    reason:
      'An attachment that has neither data nor `stub: true` is 400, whatever else is wrong with ' +
      'the document.',
    endsSequence: true,
    explains: (_, { ours }) => /^Invalid attachment data/.test(refusal(ours)?.reason),
  },
  {
    name: 'what is no revision',
    reason:
      'A _rev or rev that is not N-hash is 400 Invalid rev format. PouchDB takes some of them ' +
      "(1-, -a) for revisions that aren't there: 409 or 404.",
    endsSequence: ({ theirs }) => 'value' in theirs,
    explains: (_, { operation, ours, theirs }) =>
      anywhere(ours, (part) => part?.reason === 'Invalid rev format') &&
      (anywhere(theirs, (part) => [404, 409].includes(part?.status)) ||
        anywhere(operation.args, (part) => part === '1-' || part === '')),
  },
  {
    name: 'which of two mistakes is told',
    reason: 'Of a call in which two things are wrong couchlet may tell the other one.',
    explains: (_, { ours, theirs }) => {
      const [one, other] = [ours, theirs].map(messagesOf);
      const isMistake = (/** @type {string} */ message) => kMistakes.some((m) => m.test(message));
      const isOther = (/** @type {string} */ message) =>
        [...kMistakes, ...kNoMistakes].some((m) => m.test(message));
      const isEither = one.some(isMistake) || other.some(isMistake);
      return isEither && one.some(isOther) && other.some(isOther) && one[0] !== other[0];
    },
  },
  {
    name: 'revsDiff asked twice',
    reason: 'A revision that is here is not missing. PouchDB tells so where it is asked for twice.',
    explains: ({ path }, { operation }) => {
      const asked = Object.values(Object(operation.args[0])).map((list) => JSON.stringify(list));
      return (
        operation.call === 'revsDiff' &&
        /missing/.test(path) &&
        asked.some((list) => list.split('{').length > 2)
      );
    },
  },
  {
    name: 'local documents that are not there',
    reason: 'Removing one is 404 with the reason missing. With PouchDB the reason may be deleted.',
    explains: ({ path, ours, theirs }, { operation }) =>
      operation.call === 'remove' &&
      path === 'rejected.reason' &&
      ours === 'missing' &&
      theirs === 'deleted',
  },
  {
    name: 'special members of local documents',
    reason: 'As in CouchDB, they are not kept (_conflicts, _deleted: false). PouchDB keeps them.',
    explains: ({ path, ours }, { operation }) =>
      operation.call === 'get' &&
      String(operation.args[0]).startsWith('_local/') &&
      path.startsWith('value._') &&
      ours === undefined,
  },
  {
    name: 'open_revs of what can be no document',
    reason: 'A document without a name is 404. With open_revs PouchDB answers a list.',
    explains: (_, { operation, ours, theirs }) =>
      operation.call === 'get' &&
      /^(_|$)/.test(operation.args[0]) &&
      refusal(ours)?.status === 404 &&
      Array.isArray(theirs.value),
  },
  {
    name: 'a revision is one leaf',
    reason: "PouchDB can come to have one revision twice in a document's tree.",
    endsSequence: true,
    explains: ({ path, theirs }) => {
      const texts = path.endsWith('.length') ? theirs.map((each) => JSON.stringify(each)) : [];
      return texts.length > new Set(texts).size;
    },
  },
  {
    name: 'no attachments',
    reason: 'A document with an empty _attachments has none, as in CouchDB. PouchDB keeps the {}.',
    explains: ({ path, ours, theirs }) =>
      path.endsWith('._attachments') && ours === undefined && Object.keys(theirs).length === 0,
  },
  {
    name: 'allDocs with keys backwards',
    reason:
      'As CouchDB, allDocs with keys and descending first turns the keys round, and then skips ' +
      'and limits. PouchDB does so the other way round.',
    explains: ({ path }, { operation }) => {
      const { keys, descending, limit, skip } = Object(operation.args[0]);
      return (
        operation.call === 'allDocs' &&
        path.startsWith('value.rows') &&
        keys !== undefined &&
        descending === true &&
        (limit ?? skip) !== undefined
      );
    },
  },
  {
    name: 'a revision that is here is not read again',
    reason:
      'With new_edits false a revision that is here already is ignored, whatever its attachments ' +
      'say. PouchDB may refuse it with missing_stub.',
    explains: (_, { operation, ours, theirs }) =>
      anywhere(operation.args, (part) => part?.new_edits === false) &&
      'value' in ours &&
      refusal(theirs)?.name === 'missing_stub',
  },
  {
    name: 'info() tells more',
    reason:
      "info() has CouchDB's counters too (doc_del_count, purge_seq, sizes, uuid, " +
      "compact_running), and no backend_adapter, which is the name of a part of PouchDB's.",
    explains: ({ path, ours, theirs }, { operation }) =>
      operation.call === 'info' &&
      (path === 'value.backend_adapter' ? ours : theirs) === undefined,
  },
  {
    name: 'the adapters differ',
    isOfTheTest: true,
    reason: 'couchlet on IndexedDB is compared with PouchDB in memory.',
    explains: ({ path, ours }, { operation }) =>
      operation.call === 'info' && path === 'value.adapter' && ours === 'idb',
  },
  {
    name: 'changes() tells what is pending',
    reason: "As CouchDB's, the result of changes() has `pending`.",
    explains: ({ path, theirs }) => path === 'value.pending' && theirs === undefined,
  },
  {
    name: 'bulkGet answers each request',
    reason:
      'As CouchDB, bulkGet answers each element of docs, in order. PouchDB puts those of one id ' +
      'together.',
    explains: ({ path }, { operation }) => {
      const ids = operation.args[0]?.docs?.map?.((/** @type {any} */ { id }) => id) ?? [];
      return path.startsWith('value.results') && new Set(ids).size < ids.length;
    },
  },
  {
    name: 'bulkGet tells errors as documented',
    reason:
      "What bulkGet doesn't find is { error: { id, rev, error, reason } }, as both PouchDB and " +
      'CouchDB document it. PouchDB answers { missing } or an Error.',
    explains: ({ path }, { operation }) =>
      operation.call === 'bulkGet' &&
      /\.docs\[\d+\]\.(error|missing)|results\[\d+\]\.id/.test(path),
  },
  {
    name: 'bulkGet wants revisions',
    reason: "An element of docs whose rev is '' is an error. PouchDB answers the winning revision.",
    explains: ({ path, ours }, { operation }) =>
      operation.call === 'bulkGet' &&
      /\.docs\[\d+\]\.ok$/.test(path) &&
      ours === undefined &&
      anywhere(operation.args, (part) => part === ''),
  },
  {
    name: '_deleted is a boolean',
    reason: 'As CouchDB, couchlet refuses a _deleted that is neither true nor false.',
    endsSequence: true,
    explains: (_, { operation, ours }) =>
      anywhere(ours, (part) => /Bad special document member: _deleted/.test(part)) &&
      anywhere(operation.args, (part) => part !== null && '_deleted' in Object(part)),
  },
  {
    name: 'putAttachment obeys its revision',
    reason:
      'As CouchDB, couchlet answers 409 to putAttachment with a revision of a document that is ' +
      'not there. PouchDB makes a new document.',
    endsSequence: true,
    explains: (_, context) =>
      context.operation.call === 'putAttachment' && onlyOursRefuses(context, 409, 400),
  },
  {
    name: 'an attachment has a type',
    reason:
      'As CouchDB, couchlet gives an attachment without a type application/octet-stream. ' +
      'PouchDB stores it without one.',
    explains: ({ path, ours, theirs }) =>
      /\.content_type$/.test(path) && ours === 'application/octet-stream' && !theirs,
  },
  {
    name: 'remove wants an id',
    reason: 'remove() without an id is 412 missing_id. PouchDB answers 404.',
    explains: (_, { operation, ours, theirs }) =>
      operation.call === 'remove' &&
      refusal(ours)?.name === 'missing_id' &&
      refusal(theirs) !== undefined,
  },
  {
    name: 'revsDiff leaves out what is all here',
    reason: 'As CouchDB, revsDiff has no entry for a document of which nothing is missing.',
    explains: ({ path, ours, theirs }, { operation }) =>
      operation.call === 'revsDiff' && ours === undefined && theirs?.missing?.length === 0,
  },
];
