// ReplicationAgreement: what has to be so in the end, when all has been replicated: what is shared
// is the same everywhere, and has everything that was acknowledged anywhere; what is not is where
// it was made, and where it may come to.
#pragma once

#include <string>

#include "database_contents.h"
#include "edit_ledger.h"
#include "replication_plan.h"
#include "simulated_run.h"

namespace couchlet {

class ReplicationAgreement {
 public:
  ReplicationAgreement(SimulatedRun& run, const ReplicationPlan& plan, const EditLedger& ledger)
      : run_(run), plan_(plan), ledger_(ledger) {}

  // A database that all edits come to. The first one that is looked at is what the others have to
  // be.
  void look(const std::string& site, const DatabaseContents& contents);
  // Where edits wait, and stay if nobody takes them over.
  void look_at_inbox(const std::string& site, const DatabaseContents& contents,
                     const std::string& origin);

 private:
  void compare(const std::string& site, const DatabaseContents& shared);

  SimulatedRun& run_;
  const ReplicationPlan& plan_;
  const EditLedger& ledger_;
  std::string first_site_;
  DatabaseContents first_;
};

}  // namespace couchlet
