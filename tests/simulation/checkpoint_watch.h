// CheckpointWatch: looks at each checkpoint before it is written, on either side: everything at or
// before its sequence that is to be replicated has to be in the target by then.
//
// A checkpoint counts that is on both sides. So where one of them has been deleted and made anew,
// what is written to the other one alone may be of former times. And what is known to have come
// spoilt, which is noted beside the checkpoint (failed_documents.h), comes later.
#pragma once

#include <set>
#include <string>
#include <tuple>

#include "base/result.h"
#include "base/task.h"
#include "json_text.h"
#include "replica_life.h"
#include "replication_plan.h"
#include "simulated_run.h"
#include "site.h"

namespace couchlet {

class CheckpointWatch {
 public:
  CheckpointWatch(SimulatedRun& run, const ReplicationPlan& plan) : run_(run), plan_(plan) {}

  Task<void> look(const ReplicaLife& life, Route route, const Site& written_to,
                  std::string checkpoint);

 private:
  static bool counts(Route route, const Site& written_to);
  Task<Result<std::string>> find_lacking(Route route, uint64_t sequence);

  // {source, target, document, revision}
  using Spoilt = std::tuple<const Site*, const Site*, std::string, std::string>;

  void learn_spoilt(Route route, const Json& noted);

  SimulatedRun& run_;
  const ReplicationPlan& plan_;
  std::set<Spoilt> spoilt_;
};

}  // namespace couchlet
