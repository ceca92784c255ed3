#include "document/repair.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/uuid.h"
#include "base/varint.h"
#include "document/changes_entry.h"
#include "document/damage.h"
#include "document/document_record.h"
#include "document/document_text.h"
#include "document/keys.h"
#include "document/on_snapshot.h"
#include "document/recount.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

// A step reads so many entries, with their documents' bodies.
constexpr size_t kReadAtATime = 64;

using Value = std::optional<std::string>;

// Reads from a snapshot or from a commit's view.
using Read = std::function<Task<Result<Value>>(std::string key)>;

// Where nobody can have removed what is missing, renew() says that it is damage.
Read read_from(Store& store, const SnapshotRef& snapshot) {
  return [&store, snapshot](std::string key) -> Task<Result<Value>> {
    auto value = co_await store.get(snapshot, key);
    if (!value.ok() && is_snapshot_gone(value.error())) CO_TRY(co_await store.renew(snapshot));
    co_return value;
  };
}

Read read_from(WriteView& view) {
  return [&view](std::string key) -> Task<Result<Value>> { co_return co_await view.get(key); };
}

// A value where one that is damaged is one that isn't there.
Task<Result<Value>> read_sound(const Read& read, std::string key) {
  auto value = co_await read(std::move(key));
  if (!value.ok() && is_damage(value.error())) co_return Value();
  co_return value;
}

// What is wrong with a document.
struct Diagnosis {
  std::optional<DocumentRecord> record;  // none: it is damaged, or there is no such document
  std::vector<RevisionNode> damaged;     // whose bodies are
  bool has_wrong_entry = false;          // in the changes feed, or none

  bool is_sound() const { return record && damaged.empty() && !has_wrong_entry; }
};

Task<Result<bool>> is_body_sound(const Read& read, uint64_t number) {
  CO_TRY_ASSIGN(const Value bytes, co_await read_sound(read, keys::body(number)));
  co_return bytes&& StoredBody::decode(*bytes).ok();
}

// The entry alone knows where the newest change was made, and what the document came with.
bool is_entry_of(std::string_view bytes, const std::string& id, const RevisionTree& tree) {
  const auto entry = ChangesEntry::decode(bytes);
  if (!entry.ok()) return false;
  return bytes == encode_changes_entry(id, tree, {entry->is_plain_edit, entry->lineage});
}

Task<Result<Diagnosis>> diagnose(const Read& read, const std::string& id) {
  Diagnosis diagnosis;
  CO_TRY_ASSIGN(const Value bytes, co_await read_sound(read, keys::document(id)));
  if (!bytes) co_return diagnosis;
  auto record = DocumentRecord::decode(*bytes);
  if (!record.ok()) co_return diagnosis;
  for (RevisionNode& node : record->tree.revisions_with_bodies()) {
    CO_TRY_ASSIGN(const bool is_sound, co_await is_body_sound(read, node.info.body));
    if (!is_sound) diagnosis.damaged.push_back(std::move(node));
  }
  CO_TRY_ASSIGN(const Value entry, co_await read_sound(read, keys::sequence(record->sequence)));
  diagnosis.has_wrong_entry = !entry || !is_entry_of(*entry, id, record->tree);
  diagnosis.record = std::move(*record);
  co_return diagnosis;
}

// Whose entry this is in the changes feed, and whether the document knows of it.
struct EntryDiagnosis {
  std::optional<std::string> id;  // none: the entry is damaged
  bool has_document = false;
  bool is_sound = false;
};

Task<Result<EntryDiagnosis>> diagnose_entry(const Read& read, uint64_t sequence) {
  EntryDiagnosis diagnosis;
  CO_TRY_ASSIGN(const Value bytes, co_await read_sound(read, keys::sequence(sequence)));
  if (!bytes) co_return diagnosis;
  const auto entry = ChangesEntry::decode(*bytes);
  if (!entry.ok()) co_return diagnosis;
  diagnosis.id = std::string(entry->id);
  CO_TRY_ASSIGN(const Value document, co_await read_sound(read, keys::document(entry->id)));
  const auto record = document ? DocumentRecord::decode(*document)
                               : Result<DocumentRecord>(errors::not_found("missing"));
  diagnosis.has_document = record.ok();
  diagnosis.is_sound = record.ok() && record->sequence == sequence;
  co_return diagnosis;
}

Task<Result<bool>> is_local_document_sound(const Read& read, const std::string& key) {
  CO_TRY_ASSIGN(const Value bytes, co_await read_sound(read, key));
  uint64_t number = 0;
  std::string_view in = bytes ? std::string_view(*bytes) : std::string_view();
  co_return get_varint(in, number);
}

class Repair {
 public:
  Repair(Store& store, Clock& clock, Random& random)
      : store_(store), clock_(clock), random_(random) {}

  Task<Result<RepairReport>> run() {
    CO_TRY(co_await store_.salvage());
    CO_TRY(co_await for_each_key(
        keys::kDocument, is_document_sound,
        [this](WriteView& view, const std::string& key) { return repair_document(view, key); }));
    CO_TRY(co_await for_each_key(
        keys::kSequence, is_entry_sound,
        [this](WriteView& view, const std::string& key) { return repair_entry(view, key); }));
    CO_TRY(co_await for_each_key(keys::kLocal, is_local_document_sound,
                                 [this](WriteView& view, const std::string& key) {
                                   return repair_local_document(view, key);
                                 }));
    CO_TRY(co_await commit([this](WriteView& view) { return repair_uuid(view); }));
    CO_TRY(co_await recount(store_, clock_));
    co_return std::move(report_);
  }

 private:
  using IsSound = std::function<Task<Result<bool>>(const Read& read, const std::string& key)>;
  // Some keys one after another, as far as they have been looked at.
  struct Step {
    std::string next;                  // where the next step begins
    std::vector<std::string> unsound;  // of those of this one
    bool is_last = true;
  };

  using RepairOne = std::function<Task<Result<void>>(WriteView& view, const std::string& key)>;

  // Repairs what isn't sound, each in a commit of its own: there are few.
  Task<Result<void>> for_each_key(char kind, IsSound is_sound, RepairOne repair_one) {
    Step step{std::string(1, kind), {}, false};
    while (!step.is_last) {
      CO_TRY_ASSIGN(step, co_await on_snapshot(store_, [&](SnapshotRef snapshot) {
                      return find_unsound(std::move(snapshot), step.next, is_sound);
                    }));
      for (const std::string& key : step.unsound) {
        CO_TRY(co_await commit([&](WriteView& view) { return repair_one(view, key); }));
      }
      if (!step.is_last) co_await clock_.sleep(0);
    }
    co_return Result<void>();
  }

  Task<Result<Step>> find_unsound(SnapshotRef snapshot, std::string first,
                                  const IsSound& is_sound) {
    Step step;
    const Read read = read_from(store_, snapshot);
    CO_TRY_ASSIGN(const auto keys, co_await keys_from(snapshot, first));
    for (const std::string& key : keys) {
      CO_TRY_ASSIGN(const bool is_good, co_await is_sound(read, key));
      if (!is_good) step.unsound.push_back(key);
    }
    step.is_last = keys.size() < kReadAtATime;
    if (!step.is_last) step.next = keys.back() + '\0';
    co_return step;
  }

  Task<Result<std::vector<std::string>>> keys_from(SnapshotRef snapshot, std::string first) {
    std::vector<std::string> keys;
    const std::unique_ptr<Cursor> cursor = store_.cursor(std::move(snapshot));
    CO_TRY(co_await cursor->seek(first));
    while (cursor->valid() && cursor->key().front() == first.front() &&
           keys.size() < kReadAtATime) {
      keys.emplace_back(cursor->key());
      CO_TRY(co_await cursor->next());
    }
    co_return keys;
  }

  // What a decision finds lost counts once it is committed, and not more often than that.
  Task<Result<void>> commit(std::function<Task<Result<void>>(WriteView&)> decide) {
    CO_TRY(co_await store_.commit([&](WriteView& view) {
      found_ = {};
      return decide(view);
    }));
    std::ranges::move(found_.revisions, std::back_inserter(report_.revisions));
    std::ranges::move(found_.documents, std::back_inserter(report_.documents));
    co_return Result<void>();
  }

  void begin_anew(WriteView& view) { view.put(keys::kUuid, uuid_hex(random_)); }

  static Task<Result<bool>> is_document_sound(const Read& read, const std::string& key) {
    CO_TRY_ASSIGN(const Diagnosis diagnosis,
                  co_await diagnose(read, std::string(keys::id_of(key))));
    co_return diagnosis.is_sound();
  }

  Task<Result<void>> repair_document(WriteView& view, const std::string& key) {
    const std::string id(keys::id_of(key));
    CO_TRY_ASSIGN(Diagnosis diagnosis, co_await diagnose(read_from(view), id));
    if (diagnosis.is_sound()) co_return Result<void>();
    if (!diagnosis.record) {
      const auto bytes = co_await view.get(key);
      if (bytes.ok() && !*bytes) co_return Result<void>();  // purged since
      view.erase(key);
      begin_anew(view);
      found_.documents.push_back(id);
      co_return Result<void>();
    }
    DocumentRecord& record = *diagnosis.record;
    for (const RevisionNode& node : diagnosis.damaged) {
      record.tree.forget_body(node.revision);
      view.erase(keys::body(node.info.body));
      found_.revisions.push_back({id, node.revision});
    }
    begin_anew(view);
    view.put(key, record.encode());
    view.put(keys::sequence(record.sequence), encode_changes_entry(id, record.tree, {}));
    co_return Result<void>();
  }

  static Task<Result<bool>> is_entry_sound(const Read& read, const std::string& key) {
    CO_TRY_ASSIGN(const EntryDiagnosis diagnosis,
                  co_await diagnose_entry(read, keys::number_of(key)));
    co_return diagnosis.is_sound;
  }

  // Documents have been seen to have their entries, so that what is left over is nobody's.
  Task<Result<void>> repair_entry(WriteView& view, const std::string& key) {
    CO_TRY_ASSIGN(const EntryDiagnosis diagnosis,
                  co_await diagnose_entry(read_from(view), keys::number_of(key)));
    if (diagnosis.is_sound) co_return Result<void>();
    const auto bytes = co_await view.get(key);
    if (bytes.ok() && !*bytes) co_return Result<void>();  // changed since
    view.erase(key);
    const auto& lost = report_.documents;
    const bool is_news = diagnosis.id && !diagnosis.has_document &&
                         std::ranges::find(lost, *diagnosis.id) == lost.end();
    if (is_news) {
      begin_anew(view);
      found_.documents.push_back(*diagnosis.id);
    }
    co_return Result<void>();
  }

  Task<Result<void>> repair_local_document(WriteView& view, const std::string& key) {
    CO_TRY_ASSIGN(const bool is_sound, co_await is_local_document_sound(read_from(view), key));
    if (is_sound) co_return Result<void>();
    const auto bytes = co_await view.get(key);
    if (bytes.ok() && !*bytes) co_return Result<void>();  // removed since
    view.erase(key);
    found_.documents.emplace_back(keys::id_of(key));
    co_return Result<void>();
  }

  Task<Result<void>> repair_uuid(WriteView& view) {
    CO_TRY_ASSIGN(const Value uuid, co_await read_sound(read_from(view), std::string(keys::kUuid)));
    if (!uuid) begin_anew(view);
    co_return Result<void>();
  }

  Store& store_;
  Clock& clock_;
  Random& random_;
  RepairReport report_;
  RepairReport found_;  // by the decision that is being made
};

}  // namespace

Task<Result<RepairReport>> repair_documents(Store& store, Clock& clock, Random& random) {
  Repair repair(store, clock, random);
  co_return co_await repair.run();
}

std::string repair_report_json(const RepairReport& report) {
  std::string text = "{\"ok\":true,\"lost_revisions\":[";
  for (const LostRevision& lost : report.revisions) {
    text.append(text.back() == '[' ? "{\"id\":" : ",{\"id\":");
    append_json_string(text, lost.id);
    text.append(",\"rev\":");
    append_json_string(text, lost.revision.text());
    text.push_back('}');
  }
  text.append("],\"lost_documents\":[");
  for (const std::string& id : report.documents) {
    if (text.back() != '[') text.push_back(',');
    append_json_string(text, id);
  }
  text.append("]}");
  return text;
}

}  // namespace couchlet
