// Replications: runs the replications of a fleet, as the plan says, each from one site to another.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "checkpoint_watch.h"
#include "replica_life.h"
#include "replicate/replicator.h"
#include "replication_plan.h"
#include "simulated_run.h"
#include "site.h"

namespace couchlet {

class Replications {
 public:
  Replications(SimulatedRun& run, const ReplicationPlan& plan)
      : run_(run), plan_(plan), watch_(run, plan) {}

  // One, to its end.
  Task<Result<ReplicationResult>> run(ReplicaLife& life, Route route, bool is_live);

 private:
  ReplicationOptions options(bool is_live) const;
  std::shared_ptr<ChangeFilter> filter() const;
  void accept_refusal(const WriteResult& refused);

  SimulatedRun& run_;
  const ReplicationPlan& plan_;
  CheckpointWatch watch_;
};

}  // namespace couchlet
