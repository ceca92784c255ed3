#include "replicate/pending_changes.h"

#include <algorithm>
#include <utility>

#include "json/json_writer.h"
#include "replicate/checkpointer.h"
#include "replicate/failed_documents.h"
#include "replicate/pull_lineage.h"
#include "replicate/replication_id.h"

namespace couchlet {

namespace {

constexpr uint64_t kPageRows = 1000;  // that are in memory at a time

Task<Result<void>> read_progress(Peer& here, const std::string& id, bool has_since,
                                 PendingChanges& pending) {
  CO_TRY_ASSIGN(const Checkpoint checkpoint, co_await read_checkpoint(here, id));
  if (checkpoint.history.empty()) co_return Result<void>();
  const CheckpointEntry& latest = checkpoint.history.front();
  pending.saved_at = latest.end_time;
  if (!has_since) pending.since = latest.recorded_sequence;
  co_return Result<void>();
}

// Those that have come from the target.
Task<Result<std::vector<uint64_t>>> lineages_of(Peer& here, Peer& target) {
  CO_TRY_ASSIGN(const std::string from, co_await target.pulled_from().identity());
  CO_TRY_ASSIGN(const auto lineages, co_await read_pull_lineages(here));
  std::vector<uint64_t> numbers;
  for (const PullLineage& lineage : lineages) {
    if (lineage.source == from) numbers.push_back(lineage.number);
  }
  co_return numbers;
}

// What was refused and has changed since is to be sent.
Task<Result<void>> count_changes(Peer& source, const ReplicationOptions& options,
                                 const std::vector<uint64_t>& known, RevisionsById refused,
                                 PendingChanges& pending) {
  PeerChangesQuery query = changes_to_carry(options, pending.since);
  query.limit = kPageRows;
  for (uint64_t count = 0;;) {
    CO_TRY_ASSIGN(PeerChanges page, co_await source.changes(query));
    const bool is_last = !page.is_partial && page.rows.size() < kPageRows;
    std::erase_if(page.rows, [&](const PeerChange& row) {
      return std::find(known.begin(), known.end(), row.lineage) != known.end();
    });
    count += page.rows.size();
    for (PeerChange& row : page.rows) {
      refused.erase(row.id);
      if (!pending.waiting) continue;
      pending.waiting->push_back({std::move(row.id), row.revisions.front().text()});
    }
    query.since = std::move(page.last_sequence);
    if (!is_last) continue;
    pending.count = count;
    pending.refused = refused.size();
    co_return Result<void>();
  }
}

std::string waiting_json(const std::vector<WaitingDocument>& waiting) {
  std::string text = "[";
  for (const WaitingDocument& document : waiting) {
    text.append(text.ends_with('[') ? "{\"id\":" : ",{\"id\":");
    append_json_string(text, document.id);
    text.append(",\"rev\":\"").append(document.rev).append("\"}");
  }
  return text + "]";
}

}  // namespace

Task<Result<PendingChanges>> pending_changes(Peer& source, Peer& target,
                                             const ReplicationOptions& options, bool lists) {
  PendingChanges pending;
  if (lists) pending.waiting.emplace();
  if (options.since) pending.since = *options.since;
  CO_TRY_ASSIGN(const std::string from, co_await source.identity());
  CO_TRY_ASSIGN(const std::string to, co_await target.identity());
  const std::string id = replication_id(from, to, options);
  Peer& here = source.is_remote() ? target : source;
  CO_TRY(co_await read_progress(here, id, options.since.has_value(), pending));
  if (source.is_remote()) co_return pending;
  CO_TRY_ASSIGN(StoredFailures failures, co_await read_failures(here, id));
  CO_TRY_ASSIGN(const auto known, co_await lineages_of(source, target));
  CO_TRY(co_await count_changes(source, options, known, std::move(failures.refused), pending));
  co_return pending;
}

std::string pending_changes_json(const PendingChanges& pending) {
  std::string text = "{\"count\":" + (pending.count ? std::to_string(*pending.count) : "null");
  text.append(",\"refused\":").append(std::to_string(pending.refused));
  text.append(",\"since\":").append(pending.since);
  text.append(",\"saved_at\":").append(json_string(pending.saved_at));
  if (pending.waiting) text.append(",\"waiting\":").append(waiting_json(*pending.waiting));
  text.push_back('}');
  return text;
}

}  // namespace couchlet
