#include "replicate/failed_documents.h"

#include <algorithm>
#include <utility>

#include "json/json_reader.h"
#include "json/json_writer.h"
#include "replicate/checkpointer.h"
#include "replicate/protocol_json.h"

namespace couchlet {

namespace {

using Type = JsonReader::Type;

constexpr std::string_view kSuffix = "-failed";

std::string local_id(const std::string& replication_id) {
  return replication_id + std::string(kSuffix);
}

bool contains(const std::vector<Revision>& revisions, const Revision& revision) {
  return std::find(revisions.begin(), revisions.end(), revision) != revisions.end();
}

// Whether it wasn't there.
bool add_once(std::vector<Revision>& revisions, Revision revision) {
  if (contains(revisions, revision)) return false;
  revisions.push_back(std::move(revision));
  return true;
}

// {"id": ["2-…", …], …}; what isn't that is passed over.
void read_revisions(JsonReader& reader, RevisionsById& all) {
  if (reader.peek() != Type::kObject) {
    reader.skip();
    return;
  }
  reader.enter_object();
  for (std::string id; reader.next_member(id);) {
    if (reader.peek() != Type::kArray) {
      reader.skip();
      continue;
    }
    reader.enter_array();
    for (std::string text; reader.next_element() && reader.read_string(text);) {
      auto revision = Revision::parse(text);
      if (revision.ok()) all[id].push_back(*std::move(revision));
    }
  }
}

void append_revisions(std::string& text, std::string_view name, const RevisionsById& all) {
  text.append(",\"").append(name).append("\":{");
  for (const auto& [id, revisions] : all) {
    if (!text.ends_with('{')) text.push_back(',');
    append_json_string(text, id);
    text.append(":").append(revisions_json(revisions));
  }
  text.push_back('}');
}

StoredFailures parse_failures(std::string_view document) {
  StoredFailures failures;
  JsonReader reader(document);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "_rev" && reader.peek() == Type::kString) {
      reader.read_string(failures.rev);
    } else if (key == "has_checkpoint" && reader.peek() == Type::kTrue) {
      reader.read_bool(failures.has_checkpoint);
    } else if (key == "refused") {
      read_revisions(reader, failures.refused);
    } else if (key == "spoilt") {
      read_revisions(reader, failures.spoilt);
    } else {
      reader.skip();
    }
  }
  return failures;
}

}  // namespace

Task<Result<StoredFailures>> read_failures(Peer& keeper, const std::string& replication_id) {
  CO_TRY_ASSIGN(const auto document, co_await keeper.get_local(local_id(replication_id)));
  co_return document ? parse_failures(*document) : StoredFailures();
}

Task<Result<void>> FailedDocuments::load(Peer* keeper, std::string replication_id) {
  keeper_ = keeper;
  replication_id_ = std::move(replication_id);
  if (keeper_ == nullptr) co_return Result<void>();
  auto stored = co_await read_failures(*keeper_, replication_id_);
  if (is_refused(stored)) co_return Result<void>();
  CO_TRY_ASSIGN(failures_, std::move(stored));
  co_return Result<void>();
}

// From then on it isn't asked again.
template <typename T>
bool FailedDocuments::is_refused(const Result<T>& answered) {
  const bool is_refused = !answered.ok() && is_refusal_to_tell(answered.error());
  if (is_refused) keeper_ = nullptr;
  return is_refused;
}

Task<Result<void>> FailedDocuments::save() {
  if (keeper_ == nullptr || !std::exchange(has_changed_, false)) co_return Result<void>();
  const std::string id = local_id(replication_id_);
  auto rev = co_await keeper_->put_local(id, json());
  if (!rev.ok() && rev.error().status == 409) {
    // Another tab does the same replication. What was refused to it is refused here, too; but its
    // checkpoints have passed by what was spoilt for it.
    CO_TRY_ASSIGN(StoredFailures theirs, co_await read_failures(*keeper_, replication_id_));
    failures_.rev = std::move(theirs.rev);
    add_all_spoilt(std::move(theirs.spoilt));
    rev = co_await keeper_->put_local(id, json());
  }
  if (is_refused(rev)) co_return Result<void>();
  has_changed_ = has_changed_ || !rev.ok();
  CO_TRY_ASSIGN(failures_.rev, std::move(rev));
  co_return Result<void>();
}

std::string FailedDocuments::json() const {
  std::string text = "{\"_id\":" + json_string("_local/" + local_id(replication_id_));
  if (!failures_.rev.empty()) text.append(",\"_rev\":").append(json_string(failures_.rev));
  if (failures_.has_checkpoint) text.append(",\"has_checkpoint\":true");
  append_revisions(text, "refused", failures_.refused);
  RevisionsById spoilt = retried_;
  for (const auto& [id, revisions] : failures_.spoilt) {
    for (const Revision& revision : revisions) add_once(spoilt[id], revision);
  }
  append_revisions(text, "spoilt", spoilt);
  text.push_back('}');
  return text;
}

void FailedDocuments::begin_session(bool has_checkpoint) {
  add_all_spoilt(std::exchange(retried_, {}));  // the last session broke off before it was done
  if (failures_.has_checkpoint && !has_checkpoint) forget();
  failures_.has_checkpoint = has_checkpoint;
}

void FailedDocuments::checkpoint_saved() {
  const bool is_first = !std::exchange(failures_.has_checkpoint, true);
  has_changed_ = has_changed_ || (is_first && !failures_.is_empty());
}

void FailedDocuments::forget() {
  has_changed_ = has_changed_ || !failures_.is_empty() || !retried_.empty();
  failures_.refused.clear();
  failures_.spoilt.clear();
  retried_.clear();
}

void FailedDocuments::add_refused(const std::string& id, Revision revision) {
  add(failures_.refused, id, std::move(revision));
}

void FailedDocuments::add_spoilt(const std::string& id, Revision revision) {
  add(failures_.spoilt, id, std::move(revision));
}

void FailedDocuments::add(RevisionsById& all, const std::string& id, Revision revision) {
  if (all.size() >= kMaxDocuments && !all.contains(id)) return;
  has_changed_ = add_once(all[id], std::move(revision)) || has_changed_;
}

void FailedDocuments::add_all_spoilt(RevisionsById spoilt) {
  for (auto& [id, revisions] : spoilt) {
    for (Revision& revision : revisions) add_spoilt(id, std::move(revision));
  }
}

void FailedDocuments::leave_out_refused(std::vector<PeerChange>& rows) {
  if (failures_.refused.empty()) return;
  for (PeerChange& row : rows) {
    const auto found = failures_.refused.find(row.id);
    if (found == failures_.refused.end()) continue;
    std::vector<Revision>& refused = found->second;
    const size_t old = std::erase_if(
        refused, [&](const Revision& known) { return !contains(row.revisions, known); });
    has_changed_ = has_changed_ || old > 0;
    std::erase_if(row.revisions,
                  [&](const Revision& revision) { return contains(refused, revision); });
    if (refused.empty()) failures_.refused.erase(found);
  }
  std::erase_if(rows, [](const PeerChange& row) { return row.revisions.empty(); });
}

std::vector<PeerChange> FailedDocuments::retry_spoilt() {
  retried_ = std::exchange(failures_.spoilt, {});
  std::vector<PeerChange> rows;
  for (const auto& [id, revisions] : retried_) {
    PeerChange row;
    row.id = id;
    row.revisions = revisions;
    rows.push_back(std::move(row));
  }
  return rows;
}

void FailedDocuments::spoilt_retried() {
  has_changed_ = has_changed_ || !retried_.empty();
  retried_.clear();
}

}  // namespace couchlet
