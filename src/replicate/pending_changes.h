// How much a replication has still to carry, as far as the local side of it can tell: no server is
// asked. Its checkpoint says up to where all was in the target; what the source's feed has after
// that counts, one for each document, but for what has come from there (pull_lineage.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "replicate/peer.h"
#include "replicate/replicator.h"

namespace couchlet {

struct WaitingDocument {
  std::string id;
  std::string rev;  // of the winner
};

struct PendingChanges {
  std::optional<uint64_t> count;  // none where the source is remote
  uint64_t refused = 0;  // documents the target has refused, and not among these: unchanged since
  std::string since = "0";  // raw JSON: counted from here
  std::string saved_at;     // when the checkpoint was written, as it says; "" without one
  std::optional<std::vector<WaitingDocument>> waiting;  // those that count, if they are listed
};

// With options.since from there, else from the checkpoint on. The peers must outlive the task.
// REQUIRES: one of them is local.
Task<Result<PendingChanges>> pending_changes(Peer& source, Peer& target,
                                             const ReplicationOptions& options, bool lists = false);

std::string pending_changes_json(const PendingChanges& pending);

}  // namespace couchlet
