#include "replicate/pull_lineage.h"

#include <algorithm>
#include <utility>

#include "base/uuid.h"
#include "json/json_reader.h"
#include "json/json_writer.h"
#include "replicate/checkpointer.h"

namespace couchlet {

namespace {

using Type = JsonReader::Type;

constexpr const char* kListId = "couchlet-lineages";

std::string token_id(const PullLineage& lineage) { return lineage.replication_id + "-lineage"; }

void begin_document(std::string& text, const std::string& local_id, const std::string& rev) {
  text.append("{\"_id\":").append(json_string("_local/" + local_id));
  if (!rev.empty()) text.append(",\"_rev\":").append(json_string(rev));
}

// The list as it is stored.
struct StoredLineages {
  std::string rev;  // "" if there is no such document yet
  std::vector<PullLineage> lineages;
};

PullLineage read_lineage(JsonReader& reader) {
  PullLineage lineage;
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "number") {
      reader.read_uint64(lineage.number);
    } else if (key == "source") {
      reader.read_string(lineage.source);
    } else if (key == "replication_id") {
      reader.read_string(lineage.replication_id);
    } else if (key == "token") {
      reader.read_string(lineage.token);
    } else {
      reader.skip();
    }
  }
  return lineage;
}

StoredLineages parse_lineages(std::string_view document) {
  StoredLineages stored;
  JsonReader reader(document);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "_rev") {
      reader.read_string(stored.rev);
    } else if (key == "lineages" && reader.peek() == Type::kArray) {
      reader.enter_array();
      while (reader.next_element()) stored.lineages.push_back(read_lineage(reader));
      std::erase_if(stored.lineages,
                    [](const PullLineage& lineage) { return lineage.number == 0; });
    } else {
      reader.skip();
    }
  }
  return stored;
}

std::string lineages_json(const StoredLineages& stored) {
  std::string text;
  begin_document(text, kListId, stored.rev);
  text.append(",\"lineages\":[");
  for (const PullLineage& lineage : stored.lineages) {
    text.append(text.ends_with('[') ? "{" : ",{");
    text.append("\"number\":").append(std::to_string(lineage.number));
    text.append(",\"source\":").append(json_string(lineage.source));
    text.append(",\"replication_id\":").append(json_string(lineage.replication_id));
    text.append(",\"token\":").append(json_string(lineage.token)).append("}");
  }
  text.append("]}");
  return text;
}

Task<Result<StoredLineages>> read_stored(Peer& here) {
  CO_TRY_ASSIGN(const auto document, co_await here.get_local(kListId));
  co_return document ? parse_lineages(*document) : StoredLineages();
}

auto find_pull(std::vector<PullLineage>& lineages, const std::string& replication_id) {
  return std::find_if(lineages.begin(), lineages.end(), [&](const PullLineage& lineage) {
    return lineage.replication_id == replication_id;
  });
}

uint64_t next_number(const std::vector<PullLineage>& lineages) {
  uint64_t last = 0;
  for (const PullLineage& lineage : lineages) last = std::max(last, lineage.number);
  return last + 1;
}

// Puts it into the list, with a number, in the place of the pull's former one. If that isn't the
// one that is known, another tab has just begun one, and that is `lineage` now.
Task<Result<void>> list_lineage(Peer& here, PullLineage& lineage, const std::string& known_token) {
  while (true) {
    CO_TRY_ASSIGN(StoredLineages stored, co_await read_stored(here));
    std::vector<PullLineage>& lineages = stored.lineages;
    const auto former = find_pull(lineages, lineage.replication_id);
    if (former != lineages.end() && former->token != known_token) {
      lineage = *former;
      co_return Result<void>();
    }
    lineage.number = next_number(lineages);
    if (former != lineages.end()) lineages.erase(former);
    if (lineages.size() >= kMaxPullLineages) lineages.erase(lineages.begin());
    lineages.push_back(lineage);
    const auto rev = co_await here.put_local(kListId, lineages_json(stored));
    if (rev.ok()) co_return Result<void>();
    if (rev.error().status != 409) co_return rev.error();  // else: another tab was faster
  }
}

struct StoredToken {
  std::string rev;
  std::string token;
};

Task<Result<StoredToken>> read_token(Peer& source, const PullLineage& lineage) {
  StoredToken stored;
  const auto document = co_await source.get_local(token_id(lineage));
  if (!document.ok() && !is_refusal_to_tell(document.error())) co_return document.error();
  if (!document.ok() || !*document) co_return stored;
  JsonReader reader(**document);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "_rev" && reader.peek() == Type::kString) {
      reader.read_string(stored.rev);
    } else if (key == "token" && reader.peek() == Type::kString) {
      reader.read_string(stored.token);
    } else {
      reader.skip();
    }
  }
  co_return stored;
}

Task<Result<void>> put_token(Peer& source, const PullLineage& lineage) {
  StoredToken former;
  for (int attempts = 1;; ++attempts) {
    std::string text;
    begin_document(text, token_id(lineage), former.rev);
    text.append(",\"token\":").append(json_string(lineage.token)).append("}");
    const auto rev = co_await source.put_local(token_id(lineage), std::move(text));
    if (rev.ok()) co_return Result<void>();
    if (rev.error().status != 409 || attempts == kMaxAttempts) co_return rev.error();
    CO_TRY_ASSIGN(former, co_await read_token(source, lineage));
    if (former.token == lineage.token) co_return Result<void>();
  }
}

}  // namespace

Task<Result<std::vector<PullLineage>>> read_pull_lineages(Peer& here) {
  CO_TRY_ASSIGN(StoredLineages stored, co_await read_stored(here));
  co_return std::move(stored.lineages);
}

Task<Result<bool>> has_token(Peer& source, const PullLineage& lineage) {
  CO_TRY_ASSIGN(const StoredToken stored, co_await read_token(source, lineage));
  co_return stored.token == lineage.token;
}

Task<Result<void>> LineageOfPull::find(std::string replication_id) {
  CO_TRY_ASSIGN(const bool is_read_only, co_await is_source_read_only(replication_id));
  if (is_read_only) co_return Result<void>();
  CO_TRY_ASSIGN(std::vector<PullLineage> lineages, co_await read_pull_lineages(target_));
  const auto listed = find_pull(lineages, replication_id);
  if (listed != lineages.end()) {
    lineage_ = std::move(*listed);
    co_return Result<void>();
  }
  CO_TRY_ASSIGN(std::string source, co_await source_.identity());
  lineage_ = PullLineage{0, std::move(source), std::move(replication_id), {}};
  co_return co_await begin_another();
}

// As far as an earlier session has found that out.
Task<Result<bool>> LineageOfPull::is_source_read_only(const std::string& replication_id) {
  CO_TRY_ASSIGN(const Checkpoint ours, co_await read_checkpoint(target_, replication_id));
  co_return ours.is_alone;
}

Task<Result<void>> LineageOfPull::begin(bool goes_on) {
  if (!lineage_ || is_at_source_ || goes_on) co_return Result<void>();
  co_return co_await begin_another();
}

// REQUIRES: lineage_ tells of which pull. There is none after that if the source takes no token. It
// is listed first, so that the same pull of another tab goes on with it and begins none.
Task<Result<void>> LineageOfPull::begin_another() {
  const std::string former = std::exchange(lineage_->token, uuid_hex(random_));
  CO_TRY(co_await list_lineage(target_, *lineage_, former));
  auto put = co_await put_token(source_, *lineage_);
  if (!put.ok()) {
    lineage_.reset();
    if (is_refusal_to_keep(put.error())) co_return Result<void>();
    co_return put;
  }
  is_at_source_ = true;
  co_return Result<void>();
}

Task<Result<uint64_t>> LineageOfPull::number() {
  if (!lineage_) co_return 0;
  if (!is_at_source_) {
    CO_TRY_ASSIGN(is_at_source_, co_await has_token(source_, *lineage_));
    if (!is_at_source_) {
      // It may have been another database from which the first of this was read.
      CO_TRY(co_await begin_another());
      lineage_.reset();
      co_return 0;
    }
  }
  co_return lineage_->number;
}

}  // namespace couchlet
