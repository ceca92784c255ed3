// Errors as PouchDB's users know them: status, name, message and reason, instanceof Error.
//
// `name` and `reason` are CouchDB's "error" and "reason" fields, from the engine or from a server.
// `message` is what PouchDB shows for them. Where no answer came from a server, `status` is 0 and
// `name` is 'network'. `error` is always true, so that an entry of a bulkDocs result tells itself
// apart.

// What an answer without a status of its own (an entry of a _bulk_docs answer) means in HTTP.
/** @type {Record<string, number>} */
const kStatusOfName = {
  bad_request: 400,
  doc_validation: 400,
  illegal_docid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  missing_id: 412,
  missing_stub: 412,
  precondition_failed: 412,
  too_large: 413,
  too_many_requests: 429,
};

/** @type {Record<number, string>} */
const kNameOfStatus = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  412: 'precondition_failed',
  413: 'too_large',
  429: 'too_many_requests',
  500: 'internal_server_error',
  502: 'bad_gateway',
  503: 'service_unavailable',
  504: 'gateway_timeout',
};

// What isn't there is 'missing', to PouchDB's users; the reason says more.
const kReasonsOfMissing = new Set([undefined, 'deleted', 'Document is missing attachment']);

/**
 * @param {string} name
 * @param {string | undefined} reason
 */
function messageOf(name, reason) {
  if (name === 'conflict') return 'Document update conflict';
  if (name === 'missing_stub') return "A pre-existing attachment stub wasn't found";
  if (name === 'not_found' && kReasonsOfMissing.has(reason)) return 'missing';
  return reason ?? name;
}

export class CouchletError extends Error {
  /**
   * @param {number} status
   * @param {string} name
   * @param {string} [reason]
   * @param {{message?: string, id?: string, docId?: string, cause?: unknown}} [more]
   */
  constructor(status, name, reason, { message, id, docId, cause } = {}) {
    super(undefined, cause === undefined ? undefined : { cause });
    // Assigned, not inherited: own fields show in JSON, as with PouchDB.
    this.status = status;
    this.name = name;
    this.message = message ?? messageOf(name, reason);
    this.error = true;
    this.reason = reason ?? this.message;
    if (id !== undefined) this.id = id;
    if (docId !== undefined) this.docId = docId;
  }

  /**
   * The error that an answer describes: the engine's {status, name, reason}, CouchDB's {error,
   * reason}, or an entry of a bulk answer with its id.
   *
   * @param {any} answer
   * @param {number} [status] of the HTTP answer, where the text doesn't say
   */
  static fromJSON(answer, status) {
    const { id, docId, reason } = answer;
    const codeword = typeof answer.error === 'string' ? answer.error : undefined;
    const name = answer.name ?? codeword ?? kNameOfStatus[status ?? 0] ?? 'unknown_error';
    const known = answer.status ?? status ?? kStatusOfName[name] ?? 500;
    return new CouchletError(known, name, reason, { id, docId });
  }
}

/** @param {string} reason */
export function badRequest(reason) {
  return new CouchletError(400, 'bad_request', reason);
}

/**
 * PouchDB's message where a function or a parameter of a request is at fault.
 *
 * @param {string} reason
 * @param {unknown} [cause]
 */
export function somethingWrong(reason, cause) {
  const message = 'Something wrong with the request';
  return new CouchletError(400, 'bad_request', reason, { message, cause });
}

/** @param {string} reason */
export function queryParseError(reason) {
  const message = 'Some query parameter is invalid';
  return new CouchletError(400, 'query_parse_error', reason, { message });
}

/** @param {string} name of what a design document should have and hasn't */
export function missingJsonKey(name) {
  const reason = `missing json key: ${name}`;
  return new CouchletError(404, 'not_found', reason, { message: 'missing' });
}

/** @param {string} reason */
export function notImplemented(reason) {
  return new CouchletError(501, 'not_implemented', reason);
}

export function notAnObject() {
  return badRequest('Document must be a JSON object');
}

export function missingId() {
  return new CouchletError(412, 'missing_id', '_id is required for puts');
}

export function idNotAString() {
  return badRequest('_id field must contain a string');
}

/** @param {string} docId */
export function reservedId(docId) {
  const reason = 'Only reserved document ids may start with underscore.';
  return new CouchletError(400, 'bad_request', reason, { docId });
}

/** @param {string} docId */
export function missing(docId) {
  return new CouchletError(404, 'not_found', 'missing', { docId });
}

/** @param {'closed' | 'destroyed'} state */
export function databaseIs(state) {
  return new CouchletError(412, 'precondition_failed', `database is ${state}`);
}

/**
 * Names the document that a failed call was about.
 *
 * @param {unknown} error
 * @param {{docId: string, id?: string}} names
 * @returns {never}
 */
export function throwAbout(error, names) {
  if (error instanceof CouchletError) Object.assign(error, names);
  throw error;
}

/**
 * For `catch`: what is not there is nothing, and every other error is thrown on.
 *
 * @param {any} error
 * @returns {undefined}
 */
export function nothingIfMissing(error) {
  if (error?.status !== 404) throw error;
}
