// Promoter: takes what waits in one database over into another, for a split remote: a document as
// it is, with its history; some it never takes.
#pragma once

#include "remote_site.h"
#include "replication_plan.h"
#include "simulated_run.h"

namespace couchlet {

class Promoter {
 public:
  Promoter(SimulatedRun& run, const ReplicationPlan& plan, RemoteSite& inbox, RemoteSite& origin)
      : run_(run), plan_(plan), inbox_(inbox), origin_(origin) {}

  // All that waits now; how many revisions that was.
  size_t promote();

 private:
  SimulatedRun& run_;
  const ReplicationPlan& plan_;
  RemoteSite& inbox_;
  RemoteSite& origin_;
};

}  // namespace couchlet
