// ReplicaLife: a context that has a replica open, and the replications that it runs.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "document/database.h"
#include "life.h"
#include "replicate/replicator.h"

namespace couchlet {

// A database that is replicated: its disk, which outlives the contexts on it.
struct Replica {
  std::string name;
  std::shared_ptr<SimulatedDisk> disk;
};

class ReplicaLife final : public Life {
 public:
  ReplicaLife(std::shared_ptr<Connection> its_connection, std::shared_ptr<Database> its_database,
              const Replica& its_replica)
      : Life(std::move(its_connection)), database(std::move(its_database)), replica(its_replica) {}

  Task<Result<void>> close() override { return database->close(); }

  void cancel_replications() {
    // What is told to end may be gone before the next one is looked at.
    for (Replicator* each : std::set<Replicator*>(running)) {
      if (running.contains(each)) each->cancel();
    }
  }

  const std::shared_ptr<Database> database;
  const Replica& replica;
  std::set<Replicator*> running;
};

}  // namespace couchlet
