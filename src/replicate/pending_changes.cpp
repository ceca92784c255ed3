#include "replicate/pending_changes.h"

#include <utility>

#include "json/json_writer.h"
#include "replicate/checkpoint.h"
#include "replicate/replication_id.h"

namespace couchlet {

namespace {

constexpr uint64_t kPageRows = 1000;  // that are in memory at a time

Task<Result<void>> read_checkpoint(Peer& source, Peer& target, const ReplicationOptions& options,
                                   PendingChanges& pending) {
  CO_TRY_ASSIGN(const std::string from, co_await source.identity());
  CO_TRY_ASSIGN(const std::string to, co_await target.identity());
  Peer& here = source.is_remote() ? target : source;
  CO_TRY_ASSIGN(const auto document, co_await here.get_local(replication_id(from, to, options)));
  if (!document) co_return Result<void>();
  const Checkpoint checkpoint = parse_checkpoint(*document);
  if (checkpoint.history.empty()) co_return Result<void>();
  const CheckpointEntry& latest = checkpoint.history.front();
  pending.saved_at = latest.end_time;
  if (!options.since) pending.since = latest.recorded_sequence;
  co_return Result<void>();
}

Task<Result<uint64_t>> count_changes(Peer& source, std::string since,
                                     const ReplicationOptions& options) {
  PeerChangesQuery query = changes_to_carry(options, std::move(since));
  query.limit = kPageRows;
  for (uint64_t count = 0;;) {
    CO_TRY_ASSIGN(PeerChanges page, co_await source.changes(query));
    count += page.rows.size();
    query.since = std::move(page.last_sequence);
    if (!page.is_partial && page.rows.size() < kPageRows) co_return count;
  }
}

}  // namespace

Task<Result<PendingChanges>> pending_changes(Peer& source, Peer& target,
                                             const ReplicationOptions& options) {
  PendingChanges pending;
  if (options.since) pending.since = *options.since;
  CO_TRY(co_await read_checkpoint(source, target, options, pending));
  if (source.is_remote()) co_return pending;
  CO_TRY_ASSIGN(pending.count, co_await count_changes(source, pending.since, options));
  co_return pending;
}

std::string pending_changes_json(const PendingChanges& pending) {
  std::string text = "{\"count\":" + (pending.count ? std::to_string(*pending.count) : "null");
  text.append(",\"since\":").append(pending.since);
  text.append(",\"saved_at\":").append(json_string(pending.saved_at)).append("}");
  return text;
}

}  // namespace couchlet
