// Types of couchlet: what `import Couchlet from 'couchlet'` gives.
//
// Sequences of a local database are numbers; a server's may be strings, which mean something to that
// server only. Times are in milliseconds unless a name or a comment says otherwise.

/** `N-hash`: the how-many-eth edit, and a digest of it. */
export type Revision = string;

/** A place in a changes feed. To be handed back as it came, never computed with. */
export type Sequence = number | string;

/** Called when a call ends: with an error, or with `null` and the result. */
export type Callback<Result> = (error: CouchletError | null, result?: Result) => void;

/**
 * What every failed call rejects with.
 *
 * | status | name | when |
 * |---|---|---|
 * | 0 | `network` | no answer came: offline, refused, cut, or not allowed by CORS |
 * | 400 | `bad_request`, `doc_validation`, … | a document, an id, a revision or an option isn't valid |
 * | 401, 403 | `unauthorized`, `forbidden` | the server refuses, or a validation function |
 * | 404 | `not_found` | no such document (`reason` is `missing` or `deleted`), attachment or database |
 * | 409 | `conflict` | the document has been changed since the revision that was given |
 * | 410 | `storage_lost` | the browser has removed the database while it was open |
 * | 412 | `missing_id`, `precondition_failed` | no `_id`; the database is closed or destroyed |
 * | 412 | `missing_stub` | an attachment came as a stub, and its bytes are not here |
 * | 412 | `newer_version` | a newer couchlet, in another tab, has the database now: reload the page |
 * | 500 | `unsupported_format` | the database was made by a newer couchlet: reload the page or update |
 * | 500 | `indexeddb_unavailable` | the browser has no IndexedDB for this page: use `adapter: 'memory'` |
 * | 500 | `engine_unavailable`, … | `couchlet.wasm` could not be loaded; stored data is damaged |
 * | 500 | `validation_failed` | a validation function failed instead of deciding |
 * | 500 | `migration_incomplete` | `fromPouchDB` could not copy some revisions |
 * | 501 | `not_implemented` | an option that this version doesn't have |
 * | 502 | `bad_response` | the server answered with something that isn't JSON |
 * | 507 | `insufficient_storage` | the browser's quota is used up; nothing was written |
 */
export interface CouchletError extends Error {
  /** HTTP's meaning; 0 where no server answered. */
  status: number;
  /** CouchDB's word for it, as `conflict`. */
  name: string;
  /** For people. */
  message: string;
  /** CouchDB's reason. */
  reason: string;
  /** Tells an error from a result in what `bulkDocs` returns. */
  error: true;
  /** The document's id, in what `bulkDocs` returns. */
  id?: string;
  /** The document that the call was about. */
  docId?: string;
}

/** `Model` as it was named in the call; not to be guessed from the other arguments. */
type Named<Model> = [Model][Model extends any ? 0 : never];

// Documents

/** Bytes: a Blob or File, a Buffer, an array buffer or a view of one; a text is base64. */
export type AttachmentData = Blob | ArrayBuffer | ArrayBufferView | string;

/** An attachment in a document that was read. */
export interface Attachment {
  content_type: string;
  /** `md5-` and the base64 of the MD5 of its bytes. */
  digest: string;
  /** The generation of the revision that it came with. */
  revpos: number;
  /** It is here without its data: so it comes, unless the data was asked for. */
  stub?: true;
  /** Bytes. In stubs. */
  length?: number;
  /** With `attachments`: base64; with `binary` too: a Blob, in Node a Buffer. */
  data?: AttachmentData;
}

/** An attachment in a document to write: with its data, or as the stub that it was read as. */
export type PutAttachment =
  | { content_type?: string; data: AttachmentData; stub?: boolean }
  | { content_type?: string; data?: undefined; stub: true };

/** What the database keeps about a document, in the document. */
export interface DocumentMeta {
  _id: string;
  _rev: Revision;
  /** The document is a tombstone. */
  _deleted?: true;
  /** By name. */
  _attachments?: Record<string, Attachment>;
}

/** A document as it is stored: the app's content, and `_id` and `_rev`. */
export type Document<Content extends {} = {}> = Content & DocumentMeta;

/** What only appears in a document that was asked for with the option of that name. */
export interface DocumentDetails {
  /** `revs`: generation of the newest, and the digests from it backwards. */
  _revisions?: { start: number; ids: string[] };
  /** `revs_info` */
  _revs_info?: { rev: Revision; status: 'available' | 'missing' | 'deleted' }[];
  /** `conflicts`: other revisions that are alive. */
  _conflicts?: Revision[];
  /** `deleted_conflicts`: other revisions that end in a deletion. */
  _deleted_conflicts?: Revision[];
  /** `local_seq` */
  _local_seq?: Sequence;
}

/** A document to write: with the `_rev` that it replaces, unless it is new. */
export type PutDocument<Content extends {} = {}> = Content & {
  _id: string;
  _rev?: Revision | undefined;
  _deleted?: boolean;
  _attachments?: Record<string, PutAttachment | Attachment>;
};

/** A document to write whose id may be left to the database. */
export type PostDocument<Content extends {} = {}> = Content & {
  _id?: string;
  _rev?: Revision | undefined;
  _deleted?: boolean;
  _attachments?: Record<string, PutAttachment | Attachment>;
};

/** What the function of `update` returns: the new document, or nothing. */
export type Update<Content extends {} = {}> = PostDocument<Content> | null | undefined | void;

/** What the function of `resolve` returns: the merged document, the winner as it is, or nothing. */
export type Merge<Content extends {} = {}> =
  | PostDocument<Content>
  | 'winner'
  | null
  | undefined
  | void;

/** A document was written. */
export interface WriteResponse {
  ok: true;
  id: string;
  rev: Revision;
}

// Options and answers

/** Where a database is: in this browser, in this page's memory, or on a server. */
export type Adapter = 'idb' | 'memory' | 'http';

/** Names of adapters that a database may be opened with: PouchDB's others are known too. */
export type AdapterName = Adapter | 'indexeddb' | 'https';

/** Sends a request, as the global `fetch`. `init.headers` is a `Headers` object that may be added to. */
export type Fetch = (url: string, init: RequestInit & { headers: Headers }) => Promise<Response>;

/** How a server is logged in to. */
export type Login =
  { username: string; password: string } | { headers: Record<string, string> };

/** Options of `new Couchlet`. */
export interface DatabaseOptions {
  /** Default: `http` for a name that is an address, else `idb`. */
  adapter?: AdapterName;
  /**
   * In front of the name, where the database is stored, or in front of the address: with
   * `prefix: 'https://couch.example'`, `notes` is `https://couch.example/notes`.
   */
  prefix?: string;
  /**
   * Local: whether an edit removes the content of the revision that it supersedes, so that there is
   * nothing left for `compact`. Default false.
   */
  auto_compaction?: boolean;
  /** Local: how many edits' revision ids are remembered of each branch of a document. Default 1000. */
  revs_limit?: number;
  /**
   * Local: false makes random revision ids, so that the same edit made twice is two revisions, in
   * conflict. Default true: CouchDB's own, made of what the edit is.
   */
  deterministic_revs?: boolean;
  /**
   * Local: whether a write waits until the operating system says that it is on the disk (`strict`), or
   * only until the browser has handed it over (`relaxed`, faster: survives a crash of the browser, but
   * maybe not one of the machine).
   */
  durability?: 'relaxed' | 'strict';
  /** Local: bytes of memory for parts of the database that were read. Default 8 MiB (8,388,608). */
  cacheSize?: number;
  /**
   * Local: bytes of memory for the newest writes; from here on they are sorted and packed in storage.
   * Default 4 MiB (4,194,304).
   */
  memtableSize?: number;
  /**
   * Local: asks the browser never to remove the site's data by itself (`navigator.storage.persist()`;
   * some ask the person). `info` tells the answer; a no is no error. Default false.
   */
  persist?: boolean;
  /**
   * Remote: credentials for basic authentication, in the place of those in the address; or headers, with
   * a token say; or a function that answers with either. It is asked before the first request, and, with
   * `again`, when the server has answered 401, whose request is then repeated: replications go on. If it
   * answers with nothing there are no credentials but cookies, and the 401 stands.
   */
  auth?: Login | ((refused: { again: boolean }) => Login | void | Promise<Login | void>);
  /** Remote: sends the requests, so that headers can be added. Default: `Couchlet.fetch`. */
  fetch?: Fetch;
  /** Remote: don't create the database where the server says that there is none. */
  skip_setup?: boolean;
}

/**
 * What every call takes among its options.
 *
 *     const note = await db.get('milk', { signal: AbortSignal.timeout(2000) });
 */
export interface CallOptions {
  /**
   * Gives the call up: it rejects with the signal's reason (by default a DOMException named
   * `AbortError`) at once, as `fetch` does. A write that the engine or a server has got already may be
   * made all the same.
   */
  signal?: AbortSignal;
}

/** Whether the attachments of documents come with their data. */
export interface AttachmentsOptions extends CallOptions {
  /** With the data of attachments, as base64. Default false: as stubs. */
  attachments?: boolean;
  /** With `attachments`: the data as Blobs, in Node as Buffers. */
  binary?: boolean;
}

/** Options of `get`. Names and meanings are those of CouchDB's API. */
export interface GetOptions extends AttachmentsOptions {
  /** This revision, rather than the winning one. */
  rev?: Revision;
  /** With `_revisions`: the ids of the revisions before it. */
  revs?: boolean;
  /** With `_revs_info`: those, and whether each can still be read. */
  revs_info?: boolean;
  /** With `_conflicts`, if there are any. */
  conflicts?: boolean;
  /** With `_deleted_conflicts`, if there are any. */
  deleted_conflicts?: boolean;
  /** With `_local_seq`. */
  local_seq?: boolean;
  /** A `rev` that has been edited since stands for the revisions that came of it. */
  latest?: boolean;
}

/** Options of `get` for many revisions of a document. */
export interface OpenRevisionsOptions extends Omit<GetOptions, 'rev'> {
  /** These, or all that have not been edited further. */
  open_revs: Revision[] | 'all';
}

/** One of the revisions asked for with `open_revs`. */
export type OpenRevision<Content extends {} = {}> =
  { ok: Document<Content> & DocumentDetails } | { missing: Revision };

/** Options of `put` and `post`. */
export interface PutOptions extends BulkDocsOptions {
  /** The `_rev` may be any revision, also one that has been edited since: a conflict is made. */
  force?: boolean;
}

/** Options of `bulkDocs`. */
export interface BulkDocsOptions extends CallOptions {
  /**
   * False: the documents bring their revisions (`_rev`, or `_revisions` for their past), and are added
   * to what is there as a replication does. No conflict is then reported. Default true.
   */
  new_edits?: boolean;
  /**
   * Local: where one document is refused none is written, and its error is what the call rejects with.
   * Default false. A remote database answers 501 `not_implemented`. Not for an iterable.
   */
  all_or_nothing?: boolean;
}

/** An iterable of documents for `bulkDocs`. */
export type DocumentSource<Content extends {} = {}> =
  | AsyncIterable<PostDocument<Content>>
  | Iterable<PostDocument<Content> | PromiseLike<PostDocument<Content>>>;

/**
 * Values that are read page by page: await it for an array of all of them, or go over it with
 * `for await`, and no more than a page or two is in memory.
 *
 *     for await (const { id } of db.conflicts()) console.log(id);
 */
export interface Listing<Value> extends PromiseLike<Value[]>, AsyncIterable<Value> {
  catch<Other = never>(
    onError?: ((error: any) => Other | PromiseLike<Other>) | null,
  ): Promise<Value[] | Other>;
  finally(onEnd?: (() => void) | null): Promise<Value[]>;
}

/** Options of `scan`: those of `allDocs`, but for `keys`. */
export interface ScanOptions extends Omit<AllDocsOptions, 'keys' | 'update_seq'> {
  /** Rows that are read at a time, fewer if documents are large. Default 1000. */
  batch_size?: number;
}

/** A document in conflict. */
export interface Conflict {
  id: string;
  /** The winning revision. */
  rev: Revision;
  /** The others that are alive, the one that would win first. */
  conflicts: Revision[];
}

/** What `resolve` has done. */
export interface ResolveResponse extends WriteResponse {
  /** The losing revisions that are now deleted. */
  removed: Revision[];
}

/** Who writes, for validation functions: what CouchDB calls the user context. */
export interface UserContext {
  /** Of the database. */
  db: string;
  /** Null for nobody. */
  name: string | null;
  roles: string[];
}

/**
 * A validation function, with CouchDB's arguments: it refuses a write by throwing
 * `{ forbidden: reason }` or `{ unauthorized: reason }`. `oldDoc` is null for a new document.
 */
export type ValidateDocUpdate<Content extends {} = {}> = (
  newDoc: PutDocument<Content>,
  oldDoc: Document<Content> | null,
  userCtx: UserContext,
  secObj: any,
) => unknown;

/** Options of `validate`. */
export interface ValidateOptions {
  /** The user, or a function that says who it is now. Default: nobody, without roles. */
  userCtx?: Partial<UserContext> | (() => Partial<UserContext>);
  /** What the functions get as CouchDB's security object. Default `{}`. */
  secObj?: object | (() => object);
}

/** How far `fromPouchDB` is. */
export interface MigrationProgress {
  /** Documents that were copied by this call. */
  documents: number;
  /** Revisions of theirs: more than one of those in conflict. */
  revisions: number;
  /** Changes that are still to come at most, if the database counts them. */
  pending?: number;
  /** All is copied. */
  done: boolean;
}

/** Options of `fromPouchDB`, beside those of the database that is made. */
export interface MigrationOptions extends DatabaseOptions, CallOptions {
  /** Of the copy. Default: the name of the PouchDB database; the two don't meet. */
  name?: string;
  /** Called after each batch. */
  onProgress?: (progress: MigrationProgress) => void;
  /** Documents that are copied at a time. Default 100. */
  batch_size?: number;
  /** Ids of local documents to copy, where PouchDB's storage can't be asked for them. */
  local_ids?: string[];
}

/** Options of `allDocs`. Ids are ordered as their UTF-8 text. */
export interface AllDocsOptions extends AttachmentsOptions {
  /** Only these ids, in this order; a row for each. */
  keys?: string[];
  /** Only this id. */
  key?: string;
  /** From this id on (with `descending`: backwards). */
  startkey?: string;
  /** Up to this id. `startkey: 'a', endkey: 'a\ufff0'` are the ids that begin with `a`. */
  endkey?: string;
  /** False: up to, but without, `endkey`. Default true. */
  inclusive_end?: boolean;
  /** At most this many rows. */
  limit?: number;
  /** Without this many rows at the beginning. */
  skip?: number;
  /** From the last id to the first; `startkey` is then the highest. */
  descending?: boolean;
  /** With the documents. */
  include_docs?: boolean;
  /** With `_conflicts` in the documents. */
  conflicts?: boolean;
  /** With the `update_seq` that the answer was true at. */
  update_seq?: boolean;
}

/** A document in an answer of `allDocs`. */
export interface AllDocsRow<Content extends {} = {}> {
  id: string;
  key: string;
  value: { rev: Revision; deleted?: true };
  /** With `include_docs`; null for a tombstone that was asked for by `keys`, and with an `error`. */
  doc?: (Document<Content> & DocumentDetails) | null;
  /** What is stored of the document is damaged, or its content has been lost: see `repair`. */
  error?: 'corrupt_data' | 'missing';
  reason?: string;
}

/** In the place of a document that was asked for by `keys` and never existed. */
export interface AllDocsMissingRow {
  key: string;
  error: 'not_found';
  id?: undefined;
  value?: undefined;
  doc?: undefined;
}

/** What `allDocs` answers. */
export interface AllDocsResponse<Row> {
  /** Documents in the database that are not deleted. */
  total_rows: number;
  /** How many of them come before the first row. */
  offset: number;
  rows: Row[];
  update_seq?: Sequence;
}

/** Whether a change is told, by its document: a tombstone, if that is what it is. */
export type ChangeFilter = (
  document: Document<any>,
  req: { query: Record<string, any> },
) => unknown;

/** Options of `changes`. */
export interface ChangesOptions extends AttachmentsOptions {
  /** Go on for ever, with each change as it happens. Default false. */
  live?: boolean;
  /** The same as `live`. */
  continuous?: boolean;
  /**
   * As CouchDB names it: `continuous` is `live`; `longpoll` ends with the first changes that there
   * are, or after `timeout`. Default `normal`.
   */
  feed?: 'normal' | 'longpoll' | 'continuous';
  /** Only changes after this one; `now`: only those still to come. Default 0: all. */
  since?: Sequence;
  /** End after this many. */
  limit?: number;
  /** With the documents. */
  include_docs?: boolean;
  /** With `_conflicts` in the documents. */
  conflicts?: boolean;
  /** Only these documents. */
  doc_ids?: string[];
  /** Which revisions `changes` names: the winning one, or every leaf of the tree. */
  style?: 'main_only' | 'all_docs';
  /** The newest first. Not with `live`. */
  descending?: boolean;
  /** How many are asked for at a time. Default: all at once, 500 with `live` or a filter run here. */
  batch_size?: number;
  /** Whether `results` has the changes again at the end. Default true, with `live` false. */
  return_docs?: boolean;
  /** Remote: milliseconds between two signs of life of the server, or false. Default 10,000. */
  heartbeat?: number | false;
  /** Remote: milliseconds that the server waits for a change before it answers with none. */
  timeout?: number | false;
  /** Remote, CouchDB: a `seq` only in every so many-eth change, which saves the server work. */
  seq_interval?: number;
  /**
   * Only changes that this function lets pass; or the function of that name in a design document,
   * `design/filter` (the server runs it for a remote database); or one of CouchDB's own: `_view`
   * (with `view`), `_doc_ids` (with `doc_ids`), `_selector` (with `selector`), `_design`.
   */
  filter?: ChangeFilter | string;
  /** What the filter function gets as `req.query`. */
  query_params?: Record<string, any>;
  /** A Mango selector that documents must match. */
  selector?: object;
  /** Only documents that this view of a design document, `design/view`, maps to something. */
  view?: string;
  /** Cancels the feed. */
  signal?: AbortSignal;
}

/** A document has changed. A document is in the feed once: with its last change. */
export interface Change<Content extends {} = {}> {
  id: string;
  seq: Sequence;
  /** The winning revision first. */
  changes: { rev: Revision }[];
  deleted?: true;
  /** With `include_docs`; null with an `error`. */
  doc?: Document<Content> & DocumentDetails;
  /** What is stored of the document is damaged, or its content has been lost: see `repair`. */
  error?: 'corrupt_data' | 'missing';
  reason?: string;
}

/** How a changes feed ended. */
export interface ChangesResult<Content extends {} = {}> {
  results: Change<Content>[];
  /** `since` for the next time. */
  last_seq: Sequence;
  /** Changes that there would have been without `limit`. */
  pending?: number;
  status?: 'cancelled';
}

/** What `revsDiff` answers, by document id; nothing for a document of which all is here. */
export type RevsDiffResponse = Record<
  string,
  { missing: Revision[]; possible_ancestors?: Revision[] }
>;

/** What `bulkGet` is asked for. */
export interface BulkGetOptions extends AttachmentsOptions {
  /** The documents, each the winning revision or the one that is named. */
  docs: { id: string; rev?: Revision }[];
  /** With `_revisions` in the documents. */
  revs?: boolean;
}

/** What `bulkGet` answers. */
export interface BulkGetResponse<Content extends {} = {}> {
  results: {
    id: string;
    docs: (
      | { ok: Document<Content> & DocumentDetails }
      | { error: { id: string; rev: string; error: string; reason: string } }
    )[];
  }[];
}

/** What `info` answers; a server adds what else it has to say. */
export interface DatabaseInfo {
  db_name: string;
  /** Documents that are not deleted. */
  doc_count: number;
  update_seq: Sequence;
  adapter: Adapter;
  /** Documents that are deleted. */
  doc_del_count?: number;
  /** How many purges there have been. */
  purge_seq?: Sequence;
  /** Whether `compact` is at work. */
  compact_running?: boolean;
  /**
   * Bytes. `file`: on disk, but for attachments in a local database. `active`: of that, what is in use.
   * `external`: the content of all documents and their attachments, as JSON text and as they came.
   */
  sizes?: { file: number; active: number; external: number };
  /** Local: the option. */
  auto_compaction?: boolean;
  /** Local, with the option `persist`: the browser's answer, as soon as there is one. */
  persisted?: boolean;
  /** Remote: the database's address, without credentials. */
  host?: string;
}

/** Options of `compact`. */
export interface CompactOptions extends CallOptions {
  /** Remote: milliseconds between two questions whether the server is done. Default 200. */
  interval?: number;
}

/** What `purge` answers. */
export interface PurgeResponse {
  ok: true;
  /** The leaf, and those of its ancestors that led to it alone, newest first. */
  deletedRevs: Revision[];
  /** It was the document's last leaf. */
  documentWasRemovedCompletely: boolean;
}

/** What `repair` answers. */
export interface RepairResponse {
  ok: true;
  /** Revisions whose content is lost. */
  lost_revisions: { id: string; rev: Revision }[];
  /** Ids of documents of which nothing is known any more. */
  lost_documents: string[];
}

// Events and feeds

type Listener = (...values: any[]) => void;

/**
 * The part of Node's EventEmitter that PouchDB documents. `Events` has the arguments of each event.
 *
 * A listener's exception becomes an uncaught error, and doesn't keep the others from being called.
 */
export class EventEmitter<Events extends Record<keyof Events, unknown[]>> {
  on<Name extends keyof Events>(event: Name, listener: (...values: Events[Name]) => void): this;
  addListener<Name extends keyof Events>(
    event: Name,
    listener: (...values: Events[Name]) => void,
  ): this;
  /** For one time only. */
  once<Name extends keyof Events>(event: Name, listener: (...values: Events[Name]) => void): this;
  off<Name extends keyof Events>(event: Name, listener: Listener): this;
  removeListener<Name extends keyof Events>(event: Name, listener: Listener): this;
  /** All of one event, or of all. */
  removeAllListeners(event?: keyof Events): this;
  /** Changes nothing: there is no limit. */
  setMaxListeners(count: number): this;
  getMaxListeners(): number;
  /** Of what there are listeners. */
  eventNames(): (string | symbol)[];
  listenerCount(event: keyof Events): number;
  listeners(event: keyof Events): Listener[];
  /** Whether there was a listener. */
  emit<Name extends keyof Events>(event: Name, ...values: Events[Name]): boolean;
}

/** The events that every feed has. */
export interface FeedEvents<Value, Result> {
  change: [change: Value];
  complete: [result: Result];
  error: [error: CouchletError];
}

/**
 * Something that runs for a while. Look at it in whichever way suits: by its events, by awaiting it, or
 * with `for await`, which ends it when the loop is left.
 */
export interface Feed<
  Value,
  Result,
  Events extends FeedEvents<Value, Result> & Record<keyof Events, unknown[]> = FeedEvents<
    Value,
    Result
  >,
>
  extends EventEmitter<Events>, PromiseLike<Result>, AsyncIterable<Value> {
  /** Ends it soon. The result says that it was cancelled; that is no error. */
  cancel(): void;
  catch<Other = never>(
    onError?: ((error: CouchletError) => Other | PromiseLike<Other>) | null,
  ): Promise<Result | Other>;
  finally(onEnd?: (() => void) | null): Promise<Result>;
}

/** A changes feed. */
export interface Changes<Content extends {} = {}> extends Feed<
  Change<Content>,
  ChangesResult<Content>
> {}

// Replication

/** Options of `replicate` and `sync`. */
export interface ReplicationOptions {
  /** Go on for ever, with each change as it happens. Default false. */
  live?: boolean;
  /** Live: wait out failures of the network, and try again. Default false. */
  retry?: boolean;
  /** From this sequence of the source on, rather than from where it stopped the last time. */
  since?: Sequence;
  /** Changes that are asked for at a time, at most. Default: as many as are worth a round trip. */
  batch_size?: number;
  /** Batches that may be in memory at a time. Default 10. */
  batches_limit?: number;
  /** Only these documents. */
  doc_ids?: string[];
  /** Only documents that match this Mango selector; evaluated by the source. */
  selector?: object;
  /**
   * Only documents that this function lets pass, or the one of that name in a design document of the
   * source, `design/filter`, which a server runs itself. As in `changes`.
   */
  filter?: ChangeFilter | string;
  /** What the filter function gets as `req.query`. */
  query_params?: Record<string, any>;
  /** Only documents that this view of the source, `design/view`, maps to something. */
  view?: string;
  /**
   * Live, with `retry`: how many milliseconds to wait after a failure, from how many they were the last
   * time (0 at first). Default: one second at first, then twice as long each time, up to two minutes.
   */
  back_off_function?: (delay: number) => number;
  /** Where progress is remembered, for the next time. Default true: on both sides. */
  checkpoint?: boolean | 'source' | 'target';
  /**
   * Milliseconds between two signs of life of a server. Default 10,000. False: none are asked for, and
   * it answers after `timeout`.
   */
  heartbeat?: number | false;
  /**
   * Milliseconds that a server may be silent, or, without a heartbeat, that it waits for a change before
   * it answers with none. Default 60,000. False: as long as it likes.
   */
  timeout?: number | false;
  /**
   * Live, from a server: how changes are waited for. `continuous`: in one answer that goes on, so that
   * what follows within a round trip is here sooner; where nothing on the way to the server holds it
   * back: a proxy that buffers, or compression. `longpoll`, the default: by one request after another.
   */
  feed?: 'longpoll' | 'continuous';
  /** Which revisions are carried: the winning one, or every leaf of the tree, the default. */
  style?: 'main_only' | 'all_docs';
  /**
   * Live, between a database in this browser and a server: one tab replicates for all that ask for the
   * same; the others have its events and status, and one of them goes on when it closes. False: this one
   * by itself. Default true, where the browser has Web Locks.
   */
  shared?: boolean;
  /**
   * Live, to a server: what is unsent when the server can't be reached, or the page is left, is pushed by
   * the app's service worker (`couchlet/service-worker`), where the browser has Background Sync.
   * Default false.
   */
  background?: boolean;
  /** Cancels the replication. */
  signal?: AbortSignal;
}

/**
 * Decides a conflict, given all leaves, the winner first. Its answer must follow from them alone (no
 * clock, no chance): then all clients decide alike, and write the same revision.
 */
export type ConflictPolicy<Content extends {} = {}> = (
  id: string,
  leaves: Document<Content>[],
) => Merge<Content> | Promise<Merge<Content>>;

/** Options of `sync`: of both directions, and of each. */
export interface SyncOptions extends ReplicationOptions {
  /** Decides conflicts here as they arrive. */
  resolve?: ConflictPolicy<any>;
  /** Options of the direction to the other database. */
  push?: Omit<ReplicationOptions, 'signal'>;
  /** Options of the direction from it. */
  pull?: Omit<ReplicationOptions, 'signal'>;
}

/** How far a replication is. */
export interface ReplicationProgress<Content extends {} = {}> {
  ok: boolean;
  start_time: string;
  /** Documents read from the source, by revision. */
  docs_read: number;
  /** Of those, written to the target. */
  docs_written: number;
  /** Of those, refused by the target. */
  doc_write_failures: number;
  errors: unknown[];
  /** The source's sequence up to which all is done. */
  last_seq: Sequence;
  /** Changes that are still to come, if the source says so. */
  pending?: number;
  /** In a change event: what it was about, if there was a listener when the replication began. */
  docs?: (Document<Content> & DocumentDetails)[];
}

/** How a replication ended. */
export interface ReplicationResult<Content extends {} = {}> extends ReplicationProgress<Content> {
  end_time: string;
  status: 'complete' | 'cancelled';
}

/**
 * How a replication goes, in a word:
 *
 * | state | meaning |
 * |---|---|
 * | `connecting` | no answer has come yet |
 * | `active` | documents are being carried |
 * | `idle` | all is done; what changes will follow at once (`live`) |
 * | `offline` | there is no network, or nobody answers; it is tried again (`retry`) |
 * | `failing` | the server answers with an error, `lastError`; it is tried again (`retry`) |
 * | `complete` | it has come to its end |
 * | `stopped` | it has ended before: cancelled, or because of `lastError` |
 */
export type ReplicationState =
  'connecting' | 'active' | 'idle' | 'offline' | 'failing' | 'complete' | 'stopped';

/** How a replication goes, to be shown to people. */
export interface ReplicationStatus {
  state: ReplicationState;
  /** Changes that are still to be carried; null as long as that isn't known. */
  pending: number | null;
  /** From 0 to 1: of what was to be done when it was last at rest. */
  progress: number;
  /**
   * When all was last done, in milliseconds since 1970; before that is so for the first time, when
   * progress was last remembered, by an earlier session say. Null: never.
   */
  lastSynced: number | null;
  /** What the last attempt met with, until there is an answer again. */
  lastError: CouchletError | null;
}

/** How a sync goes: `state` is of the direction that is worse off. */
export interface SyncStatus extends Omit<ReplicationStatus, 'pending'> {
  /**
   * Changes still to be carried from here, and to here. `unsettled`: documents that were sent and
   * refused, or, with split remotes, have not come back yet.
   */
  pending: { push: number | null; pull: number | null; unsettled: number };
}

/** A document that is not, or not as it is here, where it is to be. */
export interface PendingDocument {
  id: string;
  rev: Revision;
  /**
   * `waiting`: it has not been sent yet. `refused`: the server doesn't want it; it is sent again when it
   * has been changed. `sent`, with split remotes: it has not come back yet.
   */
  state: 'waiting' | 'refused' | 'sent';
  /** Why it was refused. */
  reason?: string;
}

/**
 * Writes go into one database, `push`, and reads come from another, `pull`, where a service takes
 * documents over that it approves of. What was pulled is not pushed.
 */
export interface SplitRemotes {
  push: string | Couchlet<any>;
  pull: string | Couchlet<any>;
}

/** Of a document that a replication could not carry. `id` names it. */
export interface Refusal extends CouchletError {
  /** The revision that was to be written, where it is known. */
  rev?: Revision;
}

/** Events of a replication. */
export interface ReplicationEvents<Content extends {} = {}> extends FeedEvents<
  ReplicationProgress<Content>,
  ReplicationResult<Content>
> {
  /** There is work to do. */
  active: [];
  /** All is done for now; or, with an error, it is waiting for the network to come back. */
  paused: [error?: CouchletError];
  /** The target refused a document. The rest goes on. */
  denied: [refusal: Refusal];
  /** Progress has been remembered. */
  checkpoint: [at: { checkpoint: Sequence }];
  /** `status` has changed. */
  status: [status: ReplicationStatus];
}

/** A replication from one database to another. */
export interface Replication<Content extends {} = {}> extends Feed<
  ReplicationProgress<Content>,
  ReplicationResult<Content>,
  ReplicationEvents<Content>
> {
  readonly status: ReplicationStatus;
  /** Tries again now, if it is waiting to. */
  wake(): void;
}

/** `push` is to the other database, `pull` from it. */
export type Direction = 'push' | 'pull';

/** A change event of a sync. */
export interface SyncChange<Content extends {} = {}> {
  direction: Direction;
  change: ReplicationProgress<Content>;
}

/** How a sync ended. */
export interface SyncResult<Content extends {} = {}> {
  push: ReplicationResult<Content>;
  pull: ReplicationResult<Content>;
}

/** Events of a sync. */
export interface SyncEvents<Content extends {} = {}> extends FeedEvents<
  SyncChange<Content>,
  SyncResult<Content>
> {
  /** There is work to do in one direction. */
  active: [at: { direction: Direction }];
  /** Both directions are paused. */
  paused: [error?: CouchletError];
  /** A document was refused. */
  denied: [refusal: { direction: Direction; doc: Refusal }];
  checkpoint: [at: { direction: Direction; checkpoint: Sequence }];
  /** `status` has changed. */
  status: [status: SyncStatus];
  /** With `resolve`: a conflict has been resolved. */
  resolved: [resolution: ResolveResponse];
  /** With `resolve`: it has failed, and the conflict is still there. */
  unresolved: [failure: { id: string; error: Error }];
}

/** Replication in both directions. */
export interface Sync<Content extends {} = {}> extends Feed<
  SyncChange<Content>,
  SyncResult<Content>,
  SyncEvents<Content>
> {
  readonly push: Replication<Content>;
  readonly pull: Replication<Content>;
  readonly status: SyncStatus;
  /** Tries again now, if it is waiting to. */
  wake(): void;
  /** Documents that are not sent yet, were refused, or, with split remotes, have not come back. */
  pendingDocs(): Promise<PendingDocument[]>;
}

/** Something that takes its time: a compaction, a replication. */
export interface ActiveTask {
  id: string;
  /** `database_compaction`, `replication from notes`, … */
  name: string;
  total_items?: number;
  completed_items?: number;
  /** ISO time. */
  created_at: string;
  updated_at?: string;
}

/** What goes on in this page that takes its time. A task is in it until it is over. */
export interface ActiveTasks {
  list(): ActiveTask[];
  get(id: string): ActiveTask | undefined;
  /** Adds a task of the app's, and gives its id. */
  add(task: { name: string; total_items?: number }): string;
  update(id: string, progress: { completed_items?: number; total_items?: number }): void;
  /** It is over. */
  remove(id: string, reason?: unknown): void;
}

/** Shows calls and requests on the console. */
export interface Debug {
  /** `couchlet:api` (calls), `couchlet:http` (requests), or `couchlet:*`; remembered. */
  enable(names: string): void;
  disable(): void;
  enabled(name: string): boolean;
}

/** Events of the class. */
export type ClassEvent = 'created' | 'destroyed';

/** Events of a database. */
export interface DatabaseEvents {
  /** It is open. */
  created: [database: Couchlet<any>];
  closed: [];
  /** By this object, or by another of its name: in this page or in another tab. */
  destroyed: [];
  /**
   * Local: it is gone while it was open. 410 `storage_lost`: the browser has removed it; open it again,
   * empty, and replicate. 412 `newer_version`: another tab has a newer couchlet; reload the page.
   */
  lost: [error: CouchletError];
}

// The class

/**
 * A database: in this browser, or on a server.
 *
 *     const notes = new Couchlet('notes');
 *     const server = new Couchlet('https://user:password@couch.example/notes');
 *
 * Calls may be made at once: they wait, in their order, until the database is open. Every method returns
 * a promise that rejects with a CouchletError, and takes a callback as its last argument as well.
 *
 * `Content` is what documents hold beside what the database keeps about them; a call about documents of
 * another kind says which: `db.get<Note>('milk')`.
 */
export default class Couchlet<
  Content extends {} = Record<string, any>,
> extends EventEmitter<DatabaseEvents> {
  /**
   * @param name of a local database, or a server's `http://` or `https://` address. A user and password
   *   in the address are taken out of it, and are sent as a header.
   * @throws CouchletError 400 for no name, an unknown adapter or a malformed address.
   */
  constructor(name: string, options?: DatabaseOptions);
  constructor(options: DatabaseOptions & { name: string });

  /** The same as `Couchlet.activeTasks`. */
  readonly activeTasks: ActiveTasks;

  /** The name, or the address without credentials. */
  readonly name: string;
  readonly adapter: Adapter;
  /** The adapter. */
  type(): Adapter;

  /**
   * Tells this database from all others, also from one that had its name before.
   *
   *     const id = await db.id();
   */
  id(callback?: Callback<string>): Promise<string>;

  /**
   * Writes a document: a new one, or a new revision of the one whose `_rev` it has.
   *
   * Errors: 409 `conflict` if the document has been changed in the meantime (get it again, and decide);
   * 412 `missing_id`; 400 for what isn't a valid document.
   *
   *     const { rev } = await db.put({ _id: 'milk', done: false });
   */
  put<Model extends {} = Content>(
    document: PutDocument<Named<Model>>,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  put<Model extends {} = Content>(
    document: PutDocument<Named<Model>>,
    options: PutOptions,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;

  /**
   * Writes a document under an id that is made for it, if it has none.
   *
   *     const { id } = await db.post({ text: 'Buy milk' });
   */
  post<Model extends {} = Content>(
    document: PostDocument<Named<Model>>,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  post<Model extends {} = Content>(
    document: PostDocument<Named<Model>>,
    options: PutOptions,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;

  /**
   * A document: the winning revision, or the one asked for.
   *
   * Errors: 404 `not_found`, with the reason `missing` or `deleted`; 400 for a malformed `rev`.
   *
   *     const milk = await db.get('milk', { conflicts: true });
   */
  get<Model extends {} = Content>(
    id: string,
    callback?: Callback<Document<Model>>,
  ): Promise<Document<Model> & DocumentDetails>;
  get<Model extends {} = Content>(
    id: string,
    options: OpenRevisionsOptions,
    callback?: Callback<OpenRevision<Model>[]>,
  ): Promise<OpenRevision<Model>[]>;
  get<Model extends {} = Content>(
    id: string,
    options: GetOptions,
    callback?: Callback<Document<Model> & DocumentDetails>,
  ): Promise<Document<Model> & DocumentDetails>;

  /**
   * Deletes a document. A tombstone stays, so that the deletion can be replicated.
   *
   * Errors: 409 `conflict` if the document has been changed in the meantime; 404 `not_found`.
   *
   *     await db.remove(await db.get('milk'));
   *     await db.remove('milk', '1-…');
   */
  remove(
    document: { _id: string; _rev: Revision },
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  remove(
    document: { _id: string; _rev: Revision },
    options: CallOptions,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  remove(
    document: { _id: string } | string,
    options: { rev: Revision } & CallOptions,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  remove(id: string, rev: Revision, callback?: Callback<WriteResponse>): Promise<WriteResponse>;
  remove(
    id: string,
    rev: Revision,
    options: CallOptions,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;

  /**
   * Writes many documents, all of them in one transaction. The answer has an entry for each document in
   * its place: that it was written, or the error why it wasn't, which doesn't keep the others from being
   * written. With `new_edits: false` only errors are in it.
   *
   * Errors: 400 if one isn't an object; then none is written.
   *
   *     for (const entry of await db.bulkDocs(documents)) if ('error' in entry) …
   */
  bulkDocs<Model extends {} = Content>(
    documents:
      | PostDocument<Named<Model>>[]
      | { docs: PostDocument<Named<Model>>[]; new_edits?: boolean },
    callback?: Callback<(WriteResponse | CouchletError)[]>,
  ): Promise<(WriteResponse | CouchletError)[]>;
  bulkDocs<Model extends {} = Content>(
    documents:
      | PostDocument<Named<Model>>[]
      | { docs: PostDocument<Named<Model>>[]; new_edits?: boolean },
    options: BulkDocsOptions,
    callback?: Callback<(WriteResponse | CouchletError)[]>,
  ): Promise<(WriteResponse | CouchletError)[]>;
  /**
   * Of an iterable: documents are taken from it and written in batches, in one transaction each, for as
   * long as it has some; a fast one waits. Await the answer for an array of all entries, or iterate it.
   *
   *     await db.bulkDocs(linesOfAFile(), { signal });
   */
  bulkDocs<Model extends {} = Content>(
    documents:
      | DocumentSource<Named<Model>>
      | { docs: DocumentSource<Named<Model>>; new_edits?: boolean },
    options?: BulkDocsOptions,
    callback?: Callback<(WriteResponse | CouchletError)[]>,
  ): Listing<WriteResponse | CouchletError>;
  bulkDocs<Model extends {} = Content>(
    documents: DocumentSource<Named<Model>>,
    callback: Callback<(WriteResponse | CouchletError)[]>,
  ): Listing<WriteResponse | CouchletError>;

  /**
   * Reads a document, lets a function change it, and writes it; where somebody else has written in
   * between, again from the start. The function gets the document, or undefined where there is none, and
   * returns the new one, or nothing to leave it: the answer is then null.
   *
   * Errors: those of `get` and `put`, and what the function throws.
   *
   *     await db.update('visits', (doc = { count: 0 }) => ({ ...doc, count: doc.count + 1 }));
   */
  update(
    id: string,
    change: (document: Document<Content> | undefined) => Update<Content> | Promise<Update<Content>>,
    options?: CallOptions,
    callback?: Callback<WriteResponse | null>,
  ): Promise<WriteResponse | null>;
  update(
    id: string,
    change: (document: Document<Content> | undefined) => Update<Content> | Promise<Update<Content>>,
    callback: Callback<WriteResponse | null>,
  ): Promise<WriteResponse | null>;

  /**
   * The documents in conflict, with the revisions that are. No content is read in a local database.
   *
   *     for await (const { id, conflicts } of db.conflicts()) console.log(id, conflicts.length);
   */
  conflicts(options?: CallOptions, callback?: Callback<Conflict[]>): Listing<Conflict>;
  conflicts(callback: Callback<Conflict[]>): Listing<Conflict>;

  /**
   * Ends the conflict of a document. The function gets the winning document and the losing ones, and
   * returns the merged document, or `'winner'` to keep that as it is, or nothing to leave the conflict.
   * The merged document and the deletions of the losing revisions are written together, in a local
   * database in one transaction; begun again where somebody else writes in between.
   *
   * Errors: those of `get` and `put`, and what the function throws.
   *
   *     await db.resolve('list', (winner, losers) => ({
   *       ...winner,
   *       items: [...new Set([winner, ...losers].flatMap(({ items }) => items))],
   *     }));
   */
  resolve(
    id: string,
    merge: (
      winner: Document<Content>,
      losers: Document<Content>[],
    ) => Merge<Content> | Promise<Merge<Content>>,
    options?: CallOptions,
    callback?: Callback<ResolveResponse | null>,
  ): Promise<ResolveResponse | null>;
  resolve(
    id: string,
    merge: (
      winner: Document<Content>,
      losers: Document<Content>[],
    ) => Merge<Content> | Promise<Merge<Content>>,
    callback: Callback<ResolveResponse | null>,
  ): Promise<ResolveResponse | null>;

  /**
   * Local: asks a function before each write of this object; what it refuses is 403 `forbidden` or 401
   * `unauthorized`. Replications are not asked about. Returns a function that takes it away.
   *
   * Errors: 501 for a remote database, whose design documents do this.
   *
   *     db.validate((newDoc) => {
   *       if (!newDoc._deleted && !newDoc.title) throw { forbidden: 'A note needs a title' };
   *     });
   */
  validate(validate: ValidateDocUpdate<Content>, options?: ValidateOptions): () => void;

  /**
   * The rows of `allDocs`, however many, page by page. Each page is true at its own time; no id comes
   * twice, and none is left out that is there all the while.
   *
   *     for await (const { doc } of db.scan({ include_docs: true })) await send(doc);
   */
  scan<Model extends {} = Content>(
    options?: ScanOptions,
    callback?: Callback<AllDocsRow<Model>[]>,
  ): Listing<AllDocsRow<Model>>;
  scan<Model extends {} = Content>(
    callback: Callback<AllDocsRow<Model>[]>,
  ): Listing<AllDocsRow<Model>>;

  /**
   * Documents in the order of their ids.
   *
   *     const { rows } = await db.allDocs({ include_docs: true, startkey: 'note:', limit: 20 });
   */
  allDocs<Model extends {} = Content>(
    options: AllDocsOptions & { keys: string[] },
    callback?: Callback<AllDocsResponse<AllDocsRow<Model> | AllDocsMissingRow>>,
  ): Promise<AllDocsResponse<AllDocsRow<Model> | AllDocsMissingRow>>;
  allDocs<Model extends {} = Content>(
    options?: AllDocsOptions,
    callback?: Callback<AllDocsResponse<AllDocsRow<Model>>>,
  ): Promise<AllDocsResponse<AllDocsRow<Model>>>;
  allDocs<Model extends {} = Content>(
    callback: Callback<AllDocsResponse<AllDocsRow<Model>>>,
  ): Promise<AllDocsResponse<AllDocsRow<Model>>>;

  /**
   * What has changed, in the order of the last change of each document; with `live` also what changes
   * from now on, here, in another tab or by a replication.
   *
   *     for await (const { id } of db.changes({ live: true, since: 'now' })) redraw(id);
   */
  changes<Model extends {} = Content>(
    options?: ChangesOptions,
    callback?: Callback<ChangesResult<Model>>,
  ): Changes<Model>;
  changes<Model extends {} = Content>(callback: Callback<ChangesResult<Model>>): Changes<Model>;

  /** Which of these revisions are not here. */
  revsDiff(
    revisions: Record<string, Revision[]>,
    callback?: Callback<RevsDiffResponse>,
  ): Promise<RevsDiffResponse>;
  revsDiff(
    revisions: Record<string, Revision[]>,
    options: CallOptions,
    callback?: Callback<RevsDiffResponse>,
  ): Promise<RevsDiffResponse>;

  /** Many documents, or revisions of them, by one request. */
  bulkGet<Model extends {} = Content>(
    options: BulkGetOptions,
    callback?: Callback<BulkGetResponse<Model>>,
  ): Promise<BulkGetResponse<Model>>;

  /**
   * Adds an attachment to a document, or replaces one, as a new revision of it. Without a revision the
   * document is made.
   */
  putAttachment(
    docId: string,
    attachmentId: string,
    rev: Revision | null | undefined,
    attachment: AttachmentData,
    type: string,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  putAttachment(
    docId: string,
    attachmentId: string,
    attachment: AttachmentData,
    type: string,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  putAttachment(
    docId: string,
    attachmentId: string,
    rev: Revision | null | undefined,
    attachment: Exclude<AttachmentData, string>,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  putAttachment(
    docId: string,
    attachmentId: string,
    attachment: Exclude<AttachmentData, string>,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;

  putAttachment(
    docId: string,
    attachmentId: string,
    rev: Revision | null | undefined,
    attachment: AttachmentData,
    type: string,
    options: CallOptions,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  putAttachment(
    docId: string,
    attachmentId: string,
    attachment: AttachmentData,
    type: string,
    options: CallOptions,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;

  /** An attachment's bytes: a Blob of its type, in Node a Buffer (`getAttachment<Buffer>`). */
  getAttachment<Data = Blob>(
    docId: string,
    attachmentId: string,
    options?: { rev?: Revision } & CallOptions,
    callback?: Callback<Data>,
  ): Promise<Data>;
  getAttachment<Data = Blob>(
    docId: string,
    attachmentId: string,
    callback: Callback<Data>,
  ): Promise<Data>;

  /** Removes an attachment, as a new revision of its document. */
  removeAttachment(
    docId: string,
    attachmentId: string,
    rev: Revision,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;
  removeAttachment(
    docId: string,
    attachmentId: string,
    rev: Revision,
    options: CallOptions,
    callback?: Callback<WriteResponse>,
  ): Promise<WriteResponse>;

  /** How many documents there are, and the last sequence. */
  info(callback?: Callback<DatabaseInfo>): Promise<DatabaseInfo>;
  info(options: CallOptions, callback?: Callback<DatabaseInfo>): Promise<DatabaseInfo>;

  /**
   * Gives space back: the content of revisions that have been superseded goes, and what storage holds of
   * things that were removed. Reads and writes go on meanwhile. On a server it is an administrator's to
   * ask for.
   *
   *     await db.compact();
   */
  compact(options?: CompactOptions, callback?: Callback<{ ok: true }>): Promise<{ ok: true }>;
  compact(callback: Callback<{ ok: true }>): Promise<{ ok: true }>;

  /**
   * Local: removes a leaf as if it had never been, with those of its ancestors that led to it alone. No
   * replication is told.
   *
   * Errors: 404 `not_found` if there is no such leaf; 501 for a remote database.
   *
   *     await db.purge('milk', '2-…');
   */
  purge(id: string, rev: Revision, callback?: Callback<PurgeResponse>): Promise<PurgeResponse>;
  purge(
    id: string,
    rev: Revision,
    options: CallOptions,
    callback?: Callback<PurgeResponse>,
  ): Promise<PurgeResponse>;

  /**
   * Local: makes the database consistent again after 500 `corrupt_data`, and says what is lost. The next
   * replication to begin compares everything, and brings back what the other side has.
   *
   * Errors: 501 for a remote database.
   */
  repair(callback?: Callback<RepairResponse>): Promise<RepairResponse>;
  repair(options: CallOptions, callback?: Callback<RepairResponse>): Promise<RepairResponse>;

  /** Replication from here to another database, and from another to here. */
  readonly replicate: {
    to(
      target: string | Couchlet<any>,
      options?: ReplicationOptions,
      callback?: Callback<ReplicationResult<Content>>,
    ): Replication<Content>;
    from(
      source: string | Couchlet<any>,
      options?: ReplicationOptions,
      callback?: Callback<ReplicationResult<Content>>,
    ): Replication<Content>;
  };

  /**
   * Replication in both directions.
   *
   *     notes.sync('https://couch.example/notes', { live: true, retry: true }).on('change', redraw);
   */
  sync(
    other: string | Couchlet<any> | SplitRemotes,
    options?: SyncOptions,
    callback?: Callback<SyncResult<Content>>,
  ): Sync<Content>;

  /**
   * Local: how many documents have changed that `remote` isn't known to have, as far as can be told
   * without asking it: since the last checkpoint of a push with these options (`doc_ids`, `filter` and so
   * on). What was pulled from there doesn't count.
   *
   * Errors: 501 for a remote database.
   *
   *     const unsent = await notes.pendingChanges('https://couch.example/notes');
   */
  pendingChanges(
    remote: string | Couchlet<any>,
    options?: ReplicationOptions,
    callback?: Callback<number>,
  ): Promise<number>;
  pendingChanges(remote: string | Couchlet<any>, callback: Callback<number>): Promise<number>;

  /** Ends the database's feeds, and closes it. The data stays; this object is of no use any more. */
  close(callback?: Callback<void>): Promise<void>;

  /** Deletes the database with all that is in it; a remote one on the server. */
  destroy(callback?: Callback<{ ok: true }>): Promise<{ ok: true }>;
  destroy(options: {}, callback?: Callback<{ ok: true }>): Promise<{ ok: true }>;

  /** Of couchlet. */
  static readonly version: string;

  /** Replication between two databases, each given as a Couchlet, a name or an address. */
  static replicate(
    source: string | Couchlet<any>,
    target: string | Couchlet<any>,
    options?: ReplicationOptions,
    callback?: Callback<ReplicationResult<any>>,
  ): Replication<any>;

  /** Replication between two databases in both directions. */
  static sync(
    local: string | Couchlet<any>,
    remote: string | Couchlet<any> | SplitRemotes,
    options?: SyncOptions,
    callback?: Callback<SyncResult<any>>,
  ): Sync<any>;

  /**
   * A class whose databases have these options, where they aren't given others.
   *
   *     const MemoryCouchlet = Couchlet.defaults({ adapter: 'memory' });
   */
  static defaults(options: DatabaseOptions): typeof Couchlet;

  /**
   * Adds methods to all databases of this class, or hands the class to a function.
   *
   *     Couchlet.plugin({
   *       async count() {
   *         return (await this.info()).doc_count;
   *       },
   *     });
   *
   * One that replaces `bulkDocs` sees all writes but those of local documents: `put`, `post`,
   * `remove`, `putAttachment`, `removeAttachment` and replications then call it.
   */
  static plugin(
    plugin:
      (Record<string, unknown> & ThisType<Couchlet<any>>) | ((Class: typeof Couchlet) => void),
  ): typeof Couchlet;

  /**
   * Copies a PouchDB database: all documents with their leaves, those in conflict and deleted ones too,
   * their histories and attachments, and local documents but checkpoints. Revision ids stay what they
   * are. It may be repeated, and then copies what is new. The PouchDB database is not changed.
   *
   * Errors: 500 `migration_incomplete` names revisions that could not be copied.
   *
   *     const notes = await Couchlet.fromPouchDB(new PouchDB('notes'), {
   *       onProgress: ({ documents }) => console.log(documents),
   *     });
   */
  static fromPouchDB<Content extends {} = Record<string, any>>(
    pouch: object,
    options?: MigrationOptions,
  ): Promise<Couchlet<Content>>;

  /**
   * The names of the databases in this browser and in this page's memory; of a class with a
   * `prefix`, those that have it, without it.
   *
   * Errors: 501 `not_implemented` in a browser that can't list databases.
   *
   *     for (const name of await Couchlet.allDbs()) console.log(name);
   */
  static allDbs(callback?: Callback<string[]>): Promise<string[]>;

  /** What goes on in this page that takes its time. */
  static readonly activeTasks: ActiveTasks;

  /**
   * Shows calls and requests on the console.
   *
   *     Couchlet.debug.enable('couchlet:*');
   */
  static readonly debug: Debug;

  /** The `fetch` that remote databases use, for a custom one to call. */
  static fetch(url: string, init?: RequestInit): Promise<Response>;

  /** The `Headers` that go with it. */
  static readonly Headers: typeof Headers;

  /** A database has been opened, or destroyed, by any instance. The listener gets its name. */
  static on(event: ClassEvent, listener: (name: string) => void): typeof Couchlet;
  static addListener(event: ClassEvent, listener: (name: string) => void): typeof Couchlet;
  static once(event: ClassEvent, listener: (name: string) => void): typeof Couchlet;
  static off(event: ClassEvent, listener: (name: string) => void): typeof Couchlet;
  static removeListener(event: ClassEvent, listener: (name: string) => void): typeof Couchlet;
  static removeAllListeners(event?: ClassEvent): typeof Couchlet;
  static listeners(event: ClassEvent): ((name: string) => void)[];
  static listenerCount(event: ClassEvent): number;
  static setMaxListeners(count: number): typeof Couchlet;
  static emit(event: ClassEvent, name: string): boolean;
}
