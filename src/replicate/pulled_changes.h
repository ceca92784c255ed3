// Pulled changes: those of a push's source that its target has, as they were pulled from there
// (pull_lineage.h).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "replicate/peer.h"
#include "replicate/pull_lineage.h"

namespace couchlet {

// One for each session of a push. What the target has is asked once for each lineage.
class PulledChanges {
 public:
  // `here` is the push's source. Both must outlive it.
  PulledChanges(Peer& here, Peer& target) : here_(here), target_(target) {}

  // Takes out the changes that the target has.
  Task<Result<void>> leave_out(std::vector<PeerChange>& rows);

  // Whether what was left out is still known to be there. If not, the target may be another
  // database now, and nothing may be told to have been replicated.
  Task<Result<bool>> confirm();

 private:
  struct Known {
    PullLineage lineage;
    bool is_at_target = false;
    bool is_to_confirm = false;
  };

  Task<Result<Known>> look_up(uint64_t number);
  Task<Result<bool>> is_at_target(const PullLineage& lineage);

  Peer& here_;
  Peer& target_;
  std::map<uint64_t, Known> known_;  // by lineage
};

}  // namespace couchlet
