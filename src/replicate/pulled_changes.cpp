#include "replicate/pulled_changes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "replicate/checkpointer.h"
#include "replicate/task_group.h"

namespace couchlet {

Task<Result<void>> PulledChanges::leave_out(std::vector<PeerChange>& rows) {
  for (const PeerChange& row : rows) {
    if (row.lineage == 0) continue;
    auto known = known_.find(row.lineage);
    if (known == known_.end()) {
      CO_TRY_ASSIGN(Known found, co_await look_up(row.lineage));
      known = known_.emplace(row.lineage, std::move(found)).first;
    }
    if (known->second.is_at_target) known->second.is_to_confirm = true;
  }
  std::erase_if(rows, [this](const PeerChange& row) {
    return row.lineage != 0 && known_.at(row.lineage).is_at_target;
  });
  co_return Result<void>();
}

Task<Result<PulledChanges::Known>> PulledChanges::look_up(uint64_t number) {
  Known known;
  CO_TRY_ASSIGN(const std::string source, co_await target_.pulled_from().identity());
  CO_TRY_ASSIGN(const auto lineages, co_await read_pull_lineages(here_));
  const auto listed =
      std::find_if(lineages.begin(), lineages.end(),
                   [&](const PullLineage& lineage) { return lineage.number == number; });
  if (listed == lineages.end() || listed->source != source) co_return known;
  known.lineage = *listed;
  CO_TRY_ASSIGN(known.is_at_target, co_await is_at_target(known.lineage));
  co_return known;
}

Task<Result<bool>> PulledChanges::is_at_target(const PullLineage& lineage) {
  Peer& source = target_.pulled_from();
  // Ours first: theirs may move on meanwhile, and then is the later one.
  CO_TRY_ASSIGN(const Checkpoint ours, co_await read_checkpoint(here_, lineage.replication_id));
  Result<bool> has_it = false;
  Result<Checkpoint> theirs = Checkpoint();
  TaskGroup both;
  both.spawn(store(has_token(source, lineage), has_it));
  both.spawn(store(read_checkpoint(source, lineage.replication_id), theirs));
  co_await both.join();
  CO_TRY(has_it);
  CO_TRY(theirs);
  if (!*has_it) co_return false;
  co_return goes_on_from(*theirs, ours);
}

Task<Result<bool>> PulledChanges::confirm() {
  for (auto& [number, known] : known_) {
    if (!std::exchange(known.is_to_confirm, false)) continue;
    CO_TRY_ASSIGN(const bool has_it, co_await has_token(target_.pulled_from(), known.lineage));
    if (!has_it) co_return false;
  }
  co_return true;
}

}  // namespace couchlet
