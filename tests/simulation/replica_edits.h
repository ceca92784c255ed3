// ReplicaEdits: what is written to replicas and, by others, to their server: edits on the winner or
// on another leaf, with attachments that are new, kept or dropped.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "edit_ledger.h"
#include "json_text.h"
#include "remote_site.h"
#include "replica_life.h"
#include "replication_plan.h"
#include "simulated_run.h"

namespace couchlet {

class ReplicaEdits {
 public:
  ReplicaEdits(SimulatedRun& run, const ReplicationPlan& plan, EditLedger& ledger);

  std::string draw_id();
  // REQUIRES: a replica is open there: it is the first one that is edited.
  Task<Result<void>> edit(ReplicaLife& life, std::string id);
  void edit_remotely(RemoteSite& site, const std::string& id);

 private:
  struct Draft {
    size_t number = 0;
    Json document;
  };

  Draft draft(const std::string& site, const std::string& id, const Json& parent);
  Json draw_attachment(std::string& data);
  Task<Result<void>> write(ReplicaLife& life, Draft draft);

  SimulatedRun& run_;
  const ReplicationPlan& plan_;
  EditLedger& ledger_;
  size_t large_attachments_;  // that may still be made
};

}  // namespace couchlet
