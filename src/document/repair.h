// Repair: after damage to what is stored, makes the database consistent again, without what is
// lost, so that a replication brings back what another database still has.
//
// What can't be read is left out of the store first (store/salvage.h). Then
//
//   damaged                     becomes
//   a body                      missing: its revision is known, and asked for by a replication
//                               where it is a leaf (revision_diff.h)
//   a document record           gone, with the document's entry in the changes feed
//   an entry of the feed        written anew from the document's record
//   a local document            gone
//   the counters                counted anew (recount.h)
//
// With each document that is repaired the database takes a new uuid, in the same commit. It is no
// longer the database that replications have their checkpoints for: they begin anew with their next
// session, and compare every document. (To remove the checkpoints here would not do: a session that
// is under way would write its own again.)
//
// Reads every document and every body. It goes step by step as compaction does (compaction.h):
// what is damaged is found in a snapshot, and what is lost is decided by commits on the newest
// state, beside whatever else goes on.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "document/revision.h"
#include "store/store.h"

namespace couchlet {

struct LostRevision {
  std::string id;
  Revision revision;
};

struct RepairReport {
  std::vector<LostRevision> revisions;  // whose bodies are missing now
  std::vector<std::string> documents;   // of which nothing is known any more
};

Task<Result<RepairReport>> repair_documents(Store& store, Clock& clock, Random& random);

// {"ok": true, "lost_revisions": [{"id": …, "rev": …}, …], "lost_documents": [id, …]}
std::string repair_report_json(const RepairReport& report);

}  // namespace couchlet
