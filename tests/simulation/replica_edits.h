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
#include "remote_documents.h"
#include "replica_life.h"
#include "simulated_run.h"

namespace couchlet {

class ReplicaEdits {
 public:
  ReplicaEdits(SimulatedRun& run, EditLedger& ledger, RemoteDocuments& remote);

  Task<Result<void>> edit(ReplicaLife& life);
  void edit_remotely();

 private:
  struct Draft {
    size_t number = 0;
    Json document;
  };

  std::string draw_id();
  Draft draft(const std::string& id, const Json& parent);
  Task<Result<void>> write(ReplicaLife& life, Draft draft);

  SimulatedRun& run_;
  EditLedger& ledger_;
  RemoteDocuments& remote_;
  const size_t id_count_;
  const size_t attachments_;  // in a thousand
  const size_t deletions_;    // in a thousand
};

}  // namespace couchlet
