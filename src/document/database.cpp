#include "document/database.h"

#include <type_traits>
#include <utility>

#include "base/alarm.h"
#include "base/uuid.h"
#include "document/all_docs.h"
#include "document/attachment_reader.h"
#include "document/bulk_get.h"
#include "document/changes_feed.h"
#include "document/compaction.h"
#include "document/conflict_list.h"
#include "document/counters.h"
#include "document/damage.h"
#include "document/document_id.h"
#include "document/document_reader.h"
#include "document/document_writer.h"
#include "document/incoming_document.h"
#include "document/keys.h"
#include "document/local_documents.h"
#include "json/json_writer.h"
#include "store/snapshot_gone.h"

namespace couchlet {
namespace {

// Documents of one write: what came of the scan, in order.
using IncomingDocuments = std::vector<Result<IncomingDocument>>;

Task<Result<WriteResult>> write_one(WriteView& view, DocumentWriter& writer,
                                    const IncomingDocument& document, const WriteOptions& options) {
  if (is_local_id(document.id)) return write_local_document(view, document);
  return options.new_edits ? writer.edit(document) : writer.merge(document, options.lineage);
}

bool is_missing_stub(const std::optional<Error>& error) {
  return error && error->name == kMissingStub;
}

Task<Result<void>> write_all(WriteView& view, const IncomingDocuments& documents,
                             const WriteOptions& options, const Retention& retention,
                             std::vector<WriteResult>& results) {
  DocumentWriter writer(view, retention);
  CO_TRY(co_await writer.begin());
  results.clear();
  for (const auto& document : documents) {
    WriteResult result;
    if (document.ok()) {
      CO_TRY_ASSIGN(result, co_await write_one(view, writer, *document, options));
    } else {
      result.error = document.error();
    }
    const bool refuses_all =
        options.all_or_nothing || (options.all_well_formed && is_missing_stub(result.error));
    if (result.error && refuses_all) co_return *std::move(result.error);
    results.push_back(std::move(result));
  }
  co_return co_await writer.finish();
}

void append_member(std::string& text, std::string_view name, uint64_t number) {
  text.append(text.back() == '{' ? "\"" : ",\"").append(name).append("\":");
  text.append(std::to_string(number));
}

std::string json_of(const DatabaseInfo& info) {
  std::string text = "{";
  append_member(text, "doc_count", info.document_count);
  append_member(text, "doc_del_count", info.deleted_count);
  append_member(text, "update_seq", info.update_sequence);
  append_member(text, "purge_seq", info.purge_sequence);
  text.append(",\"db_name\":").append(json_string(info.name));
  text.append(",\"uuid\":").append(json_string(info.uuid));
  text.append(",\"compact_running\":").append(info.is_compacting ? "true" : "false");
  text.append(",\"sizes\":{");
  append_member(text, "file", info.stored.file);
  append_member(text, "active", info.stored.active);
  append_member(text, "external", info.content_bytes);
  text.append("}}");
  return text;
}

Task<Result<void>> ensure_uuid(WriteView& view, Random& random) {
  CO_TRY_ASSIGN(auto present, co_await view.get(keys::kUuid));
  if (!present) view.put(keys::kUuid, uuid_hex(random));
  co_return Result<void>();
}

Task<Result<Counters>> read_counters(const DocumentReader& now) {
  CO_TRY_ASSIGN(const auto bytes, co_await now.value(keys::kCounters));
  co_return Counters::decode(bytes);
}

}  // namespace

class Database::Impl {
 public:
  Impl(std::unique_ptr<Store> store, DatabaseSettings settings, Clock& clock, Random& random)
      : store_(std::move(store)),
        settings_(std::move(settings)),
        retention_{settings_.revs_limit, settings_.auto_compaction},
        clock_(clock),
        random_(random) {
    store_->on_commit([this] { notify(); });
  }

  // Gives a new database its uuid. Opening one that is there writes nothing; a damaged one is
  // opened as well, to be read where it can be, and repaired.
  Task<Result<void>> set_up() {
    const auto uuid =
        co_await read([](const DocumentReader& now) { return now.value(keys::kUuid); });
    if (!uuid.ok() && !is_damage(uuid.error())) co_return uuid.error();
    if (!uuid.ok() || *uuid) co_return Result<void>();
    co_return co_await store_->commit(
        [this](WriteView& view) { return ensure_uuid(view, random_); });
  }

  Task<Result<std::vector<WriteResult>>> write(std::vector<std::string_view> texts,
                                               WriteOptions options) {
    options.random_revisions = settings_.random_revisions;
    IncomingDocuments documents;
    documents.reserve(texts.size());
    for (std::string_view text : texts) {
      documents.push_back(read_incoming_document(text, options, random_));
      const auto& document = documents.back();
      if (options.all_well_formed && !document.ok()) co_return document.error();
    }
    std::vector<WriteResult> results;
    const auto decide = [&](WriteView& view) {
      return write_all(view, documents, options, retention_, results);
    };
    CO_TRY(co_await store_->commit(decide));
    co_return results;
  }

  std::optional<std::string> get_at_once(std::string_view id) {
    if (store_->is_behind()) return std::nullopt;
    return DocumentReader(*store_, store_->snapshot()).get_at_once(id);
  }

  // What `read` finds in the newest snapshot, with all that this context has heard of. Where
  // another context has removed what that needs, it is read again from a newer one.
  template <typename Read>
  auto read(Read read) -> std::invoke_result_t<Read, const DocumentReader&> {
    // What it can't read is told to who commits; what is there stays readable.
    if (store_->is_behind()) (void)co_await store_->catch_up();
    while (true) {
      const SnapshotRef snapshot = store_->snapshot();
      const DocumentReader reader(*store_, snapshot);
      auto found = co_await read(reader);
      if (found.ok()) co_return found;
      if (is_snapshot_gone(found.error())) {
        CO_TRY(co_await store_->renew(snapshot));
      } else if (!is_attachment_gone(found.error())) {
        co_return found;
      }
    }
  }

  Task<Result<void>> read_attachment(const Attachment& attachment, AttachmentReader::Take take) {
    const AttachmentReader reader(*store_);
    co_return co_await reader.read(attachment, std::move(take));
  }

  Task<Result<ChangesPage>> changes_page(ChangesOptions options,
                                         std::shared_ptr<Cancellation> cancellation,
                                         RowSink* sink) {
    auto wait = std::make_shared<Wait>(clock_);
    if (cancellation) cancellation->on_cancel([this, wait] { end_wait(*wait); });
    if (options.longpoll && options.timeout_ms > 0) spawn(time_out(wait, options.timeout_ms));
    while (true) {
      auto page = co_await read(
          [&options, sink](const DocumentReader& now) { return read_changes(now, options, sink); });
      const bool is_over =
          wait->is_over || is_closed_ || (cancellation && cancellation->is_cancelled());
      const bool is_partial = page.ok() && page->is_partial;
      // One who looks at a part asks for the next one, and the page is not held up meanwhile.
      if (is_partial && !is_over) co_await clock_.sleep(0);
      if (!page.ok() || !options.longpoll || page->row_count > 0 || is_partial || is_over) {
        wait->is_done = true;
        wait->alarm.wake();
        if (cancellation) cancellation->on_cancel(nullptr);
        co_return page;
      }
      options.since = page->last_sequence;
      options.since_now = false;
      co_await changed_;
      // News of what other contexts write can get lost.
      if (wait->is_late && !is_closed_) (void)co_await store_->catch_up();
    }
  }

  Task<Result<DatabaseInfo>> info() {
    DatabaseInfo info;
    CO_TRY_ASSIGN(const Counters counters, co_await read(read_counters));
    CO_TRY_ASSIGN(auto uuid,
                  co_await read([](const DocumentReader& now) { return now.value(keys::kUuid); }));
    info.name = settings_.name;
    info.uuid = uuid.value_or("");
    info.document_count = counters.live_documents;
    info.deleted_count = counters.deleted_documents;
    info.update_sequence = counters.update_sequence;
    info.purge_sequence = counters.purge_sequence;
    info.content_bytes = counters.content_bytes;
    info.stored = store_->sizes();
    info.is_compacting = compaction_ != nullptr;
    co_return info;
  }

  Task<Result<void>> compact() {
    if (const auto running = compaction_) {
      while (!running->outcome) co_await running->end;
      co_return *running->outcome;
    }
    const auto running = compaction_ = std::make_shared<Compaction>();
    running->outcome = co_await compact_now();
    compaction_ = nullptr;
    running->end.signal();
    co_return *running->outcome;
  }

  Task<Result<RepairReport>> repair() { return repair_documents(*store_, clock_, random_); }

  Task<Result<PurgeResult>> purge(std::string id, std::string rev) {
    CO_TRY_ASSIGN(const Revision leaf, Revision::parse(rev));
    PurgeResult purged;
    const auto decide = [&](WriteView& view) -> Task<Result<void>> {
      CO_TRY_ASSIGN(purged, co_await purge_leaf(view, id, leaf));
      co_return Result<void>();
    };
    CO_TRY(co_await store_->commit(decide));
    co_return purged;
  }

  void on_change(std::function<void()> listener) { listener_ = std::move(listener); }

  Task<Result<void>> close() {
    end_waits();
    co_return co_await store_->close();
  }

  Task<Result<void>> destroy() {
    end_waits();
    co_return co_await store_->destroy();
  }

 private:
  // A longpoll that is under way. The timer may outlive it, and the database too.
  struct Wait {
    explicit Wait(Clock& clock) : alarm(clock) {}

    Alarm alarm;           // for the time that it may take
    bool is_over = false;  // time is over, or it was cancelled
    bool is_late = false;  // time is over
    bool is_done = false;  // it has returned
  };

  // A compaction that is under way.
  struct Compaction {
    std::optional<Result<void>> outcome;
    Event end;
  };

  Task<Result<void>> compact_now() {
    CO_TRY(co_await compact_documents(*store_, clock_, retention_.revs_limit));
    co_return co_await store_->compact();
  }

  void notify() {
    changed_.signal();
    if (listener_) listener_();
  }

  void end_wait(Wait& wait) {
    wait.is_over = true;
    changed_.signal();
  }

  void end_waits() {
    is_closed_ = true;
    changed_.signal();
  }

  Task<void> time_out(std::shared_ptr<Wait> wait, int64_t milliseconds) {
    co_await wait->alarm.sleep(milliseconds);
    if (wait->is_done) co_return;
    wait->is_late = true;
    end_wait(*wait);
  }

  std::unique_ptr<Store> store_;
  const DatabaseSettings settings_;
  const Retention retention_;
  Clock& clock_;
  Random& random_;
  Event changed_;
  std::function<void()> listener_;
  std::shared_ptr<Compaction> compaction_;  // null if none is
  bool is_closed_ = false;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Task<Result<std::unique_ptr<Database>>> Database::open(std::unique_ptr<Medium> medium,
                                                       DatabaseSettings settings, Clock& clock,
                                                       Random& random) {
  settings.store.write_once_prefix = keys::kBody;
  CO_TRY_ASSIGN(auto store, co_await Store::open(std::move(medium), clock, random, settings.store));
  auto impl = std::make_unique<Impl>(std::move(store), std::move(settings), clock, random);
  if (Result<void> set_up = co_await impl->set_up(); !set_up.ok()) {
    CO_TRY(co_await impl->close());  // the store may be at work for itself
    co_return std::move(set_up).error();
  }
  co_return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Task<Result<std::vector<WriteResult>>> Database::write(std::vector<std::string_view> documents,
                                                       WriteOptions options) {
  return impl_->write(std::move(documents), std::move(options));
}

Task<Result<std::string>> Database::get(std::string_view id, GetOptions options) {
  co_return co_await impl_->read([id, options = std::move(options)](const DocumentReader& now) {
    return now.get(id, options);
  });
}

std::optional<std::string> Database::get_at_once(std::string_view id) {
  return impl_->get_at_once(id);
}

Task<Result<Attachment>> Database::attachment(std::string_view id, std::string_view name,
                                              GetOptions options) {
  co_return co_await impl_->read(
      [&](const DocumentReader& now) { return now.attachment(id, name, options); });
}

Task<Result<void>> Database::read_attachment(Attachment attachment,
                                             std::function<void(std::string_view piece)> take) {
  co_return co_await impl_->read_attachment(attachment, std::move(take));
}

Task<Result<WriteResult>> Database::edit_attachment(AttachmentEdit edit,
                                                    std::vector<StagedBytes> staged) {
  CO_TRY_ASSIGN(const std::string text, co_await impl_->read([&](const DocumentReader& now) {
    return couchlet::edit_attachment(now, edit);
  }));
  const WriteOptions options{.new_edits = true, .staged = std::move(staged)};
  CO_TRY_ASSIGN(auto results, co_await write({text}, options));
  co_return std::move(results.front());
}

Task<Result<std::string>> Database::all_docs(AllDocsOptions options) {
  RowText rows;
  CO_TRY_ASSIGN(std::string text, co_await all_docs(std::move(options), rows));
  text.back() = ',';
  text.append("\"rows\":[");
  rows.append_to(text);
  text.append("]}");
  co_return text;
}

Task<Result<std::string>> Database::all_docs(AllDocsOptions options, RowSink& sink) {
  co_return co_await impl_->read(
      [&](const DocumentReader& now) { return read_all_docs(now, options, sink); });
}

Task<Result<ChangesPage>> Database::changes_page(ChangesOptions options,
                                                 std::shared_ptr<Cancellation> cancellation) {
  return impl_->changes_page(std::move(options), std::move(cancellation), nullptr);
}

Task<Result<std::string>> Database::changes(ChangesOptions options,
                                            std::shared_ptr<Cancellation> cancellation) {
  RowText rows;
  CO_TRY_ASSIGN(const std::string tail,
                co_await changes(std::move(options), std::move(cancellation), rows));
  std::string text = "{\"results\":[";
  rows.append_to(text);
  text.append("],").append(tail, 1);
  co_return text;
}

Task<Result<std::string>> Database::changes(ChangesOptions options,
                                            std::shared_ptr<Cancellation> cancellation,
                                            RowSink& sink) {
  CO_TRY_ASSIGN(const ChangesPage page,
                co_await impl_->changes_page(std::move(options), std::move(cancellation), &sink));
  co_return changes_tail_json(page);
}

Task<Result<std::string>> Database::conflicts(ConflictListOptions options) {
  co_return co_await impl_->read(
      [&](const DocumentReader& now) { return read_conflict_list(now, options); });
}

Task<Result<std::vector<MissingRevisions>>> Database::missing_revisions(
    std::vector<RevisionsOfDocument> documents) {
  co_return co_await impl_->read(
      [&](const DocumentReader& now) { return find_missing_revisions(now, documents); });
}

Task<Result<std::string>> Database::revs_diff(std::string_view request) {
  CO_TRY_ASSIGN(auto documents, parse_revs_diff_request(request));
  CO_TRY_ASSIGN(auto missing, co_await missing_revisions(std::move(documents)));
  co_return revs_diff_json(missing);
}

Task<Result<std::string>> Database::bulk_get(std::string_view request, GetOptions options) {
  co_return co_await impl_->read(
      [&](const DocumentReader& now) { return read_bulk_get(now, request, options); });
}

Task<Result<std::string>> Database::get_local(std::string_view id) {
  co_return co_await impl_->read(
      [&](const DocumentReader& now) { return read_local_document(now, id); });
}

Task<Result<WriteResult>> Database::put_local(std::string_view document) {
  CO_TRY_ASSIGN(auto results, co_await write({document}, WriteOptions{}));
  co_return std::move(results.front());
}

Task<Result<void>> Database::compact() { return impl_->compact(); }

Task<Result<PurgeResult>> Database::purge(std::string_view id, std::string_view rev) {
  return impl_->purge(std::string(id), std::string(rev));
}

Task<Result<RepairReport>> Database::repair() { return impl_->repair(); }

Task<Result<DatabaseInfo>> Database::info() { return impl_->info(); }

Task<Result<std::string>> Database::info_json() {
  CO_TRY_ASSIGN(const DatabaseInfo info, co_await impl_->info());
  co_return json_of(info);
}

void Database::on_change(std::function<void()> listener) { impl_->on_change(std::move(listener)); }

Task<Result<void>> Database::close() { return impl_->close(); }

Task<Result<void>> Database::destroy() { return impl_->destroy(); }

}  // namespace couchlet
