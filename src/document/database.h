// Database: documents with revision trees over a Store. What CouchDB keeps for one database.
//
// Documents come in as JSON text and go out as JSON text; a body is the bytes that came in. Answers
// are the JSON texts that CouchDB gives for the same request, so that whoever asks needs to know
// one shape.
//
// All calls on one thread, from any number of coroutines. The Database must outlive its unfinished
// tasks. Reads see one snapshot each. Writes go through Store::commit and are as atomic as one
// IndexedDB transaction: a whole write() call is durable when it resumes, or none of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/completion.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "document/attachment.h"
#include "document/attachment_edit.h"
#include "document/changes_page.h"
#include "document/options.h"
#include "document/purge.h"
#include "document/repair.h"
#include "document/retention.h"
#include "document/revision.h"
#include "document/revision_diff.h"
#include "document/row_sink.h"
#include "document/write_result.h"
#include "store/store.h"

namespace couchlet {

struct DatabaseInfo {
  std::string name;
  std::string uuid;  // made with the database: tells a recreated one from its forerunner
  uint64_t document_count = 0;
  uint64_t deleted_count = 0;
  uint64_t update_sequence = 0;
  uint64_t purge_sequence = 0;  // how many purges there have been
  uint64_t content_bytes = 0;   // of all leaves, uncompressed, with their attachments
  StoreSizes stored;
  bool is_compacting = false;
};

// Told to give up, a waiting call returns as if its time were over.
class Cancellation {
 public:
  void cancel() {
    is_cancelled_ = true;
    if (const auto callback = on_cancel_) callback();  // a copy: it may be replaced meanwhile
  }
  bool is_cancelled() const { return is_cancelled_; }
  void on_cancel(std::function<void()> callback) { on_cancel_ = std::move(callback); }

 private:
  bool is_cancelled_ = false;
  std::function<void()> on_cancel_;
};

struct DatabaseSettings {
  std::string name;
  uint64_t revs_limit = Retention{}.revs_limit;
  bool auto_compaction = false;
  bool random_revisions = false;  // rather than CouchDB's own
  StoreOptions store = {};
};

class Database {
 public:
  // `clock` and `random` must outlive the database.
  static Task<Result<std::unique_ptr<Database>>> open(std::unique_ptr<Medium> medium,
                                                      DatabaseSettings settings, Clock& clock,
                                                      Random& random);
  ~Database();

  // Writes documents. With new_edits a document's _rev must be a leaf (or absent, for a new or
  // deleted document), and the revision id is made as CouchDB makes it; a document without _id gets
  // a UUID. Without new_edits (replication) each document brings _rev or _revisions and is merged
  // into the tree. One result for each document, in order; one document's error does not stop the
  // others (but with all_or_nothing). The texts must stay valid until the task ends.
  Task<Result<std::vector<WriteResult>>> write(std::vector<std::string_view> documents,
                                               WriteOptions options);

  // The document's JSON text; with open_revs an array of {"ok": …} and {"missing": …}.
  // Errors: 404 not_found "missing" or "deleted", 400 for a bad rev.
  Task<Result<std::string>> get(std::string_view id, GetOptions options);

  // What get() without options answers, where nothing has to be read for it; none where it has to
  // be, and where the answer would be an error: get() tells then.
  std::optional<std::string> get_at_once(std::string_view id);

  // What the document says of its attachment: its digest is the blob's key in the medium. `options`
  // chooses the revision. Errors: as get(), and 404 where the document has no such attachment.
  Task<Result<Attachment>> attachment(std::string_view id, std::string_view name,
                                      GetOptions options);

  // Gives its bytes to `take`, piece by piece; they may not be what its digest says. Errors: 500
  // attachment_gone, corrupt_data.
  Task<Result<void>> read_attachment(Attachment attachment,
                                     std::function<void(std::string_view piece)> take);

  // Puts or removes one attachment: see attachment_edit.h. `staged` has the number that is named.
  Task<Result<WriteResult>> edit_attachment(AttachmentEdit edit, std::vector<StagedBytes> staged);

  // {"total_rows": …, "offset": …, "rows": […]}
  Task<Result<std::string>> all_docs(AllDocsOptions options);
  // The same without the rows: these go into `sink`, which must outlive the task.
  Task<Result<std::string>> all_docs(AllDocsOptions options, RowSink& sink);

  // The feed, as rows and as JSON {"results": […], "last_seq": …, "pending": …}. A longpoll returns
  // when there is a row, when its time is over, or when `cancellation` (may be null) is cancelled.
  Task<Result<ChangesPage>> changes_page(ChangesOptions options,
                                         std::shared_ptr<Cancellation> cancellation);
  Task<Result<std::string>> changes(ChangesOptions options,
                                    std::shared_ptr<Cancellation> cancellation);
  // The same without "results", which go into `sink`, which must outlive the task.
  Task<Result<std::string>> changes(ChangesOptions options,
                                    std::shared_ptr<Cancellation> cancellation, RowSink& sink);

  // The documents that are in conflict: see conflict_list.h.
  Task<Result<std::string>> conflicts(ConflictListOptions options);

  // Which of these revisions are not here. `request` in the JSON form: {"id": ["1-…", …], …},
  // answer
  // {"id": {"missing": […], "possible_ancestors": […]}}.
  Task<Result<std::vector<MissingRevisions>>> missing_revisions(
      std::vector<RevisionsOfDocument> documents);
  Task<Result<std::string>> revs_diff(std::string_view request);

  // {"docs": [{"id": …, "rev": …, "atts_since": […]}, …]} → {"results": [{"id": …, "docs": [{"ok":
  // …} | {"error": …}]}]}. `options` says what documents carry (revs, attachments).
  Task<Result<std::string>> bulk_get(std::string_view request, GetOptions options);

  // Local documents: never replicated, no tree; their revision is "0-N". `id` begins with
  // "_local/". The text given to put_local carries _rev, or none for a new one; 409 if it is not
  // the present one.
  Task<Result<std::string>> get_local(std::string_view id);
  Task<Result<WriteResult>> put_local(std::string_view document);

  // Gives back the space of what nobody can ask for any more: bodies of superseded revisions
  // (compaction.h), and what the store holds of it (Store::compact). Reads and writes go on
  // meanwhile. A call while another one runs waits for that one's end.
  Task<Result<void>> compact();

  // Removes a leaf without a trace: see purge.h.
  Task<Result<PurgeResult>> purge(std::string_view id, std::string_view rev);

  // Makes good what can be after damage, and says what is lost: see repair.h. The calls that meet
  // with it answer 500 corrupt_data, lists in the row that it concerns.
  Task<Result<RepairReport>> repair();

  Task<Result<DatabaseInfo>> info();
  Task<Result<std::string>> info_json();

  // Called after the visible state has changed, by this context or by another.
  void on_change(std::function<void()> listener);

  Task<Result<void>> close();
  Task<Result<void>> destroy();

 private:
  class Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace couchlet
