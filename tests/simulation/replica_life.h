// ReplicaLife: a context that has replicas open (one, two to replicate with each other, or none),
// and the replications that it runs.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "document/database.h"
#include "life.h"
#include "replicate/replicator.h"
#include "replicate/server_traits.h"

namespace couchlet {

// A database that is replicated: its disk, which outlives the contexts on it.
struct Replica {
  std::string name;
  std::shared_ptr<SimulatedDisk> disk;
};

struct OpenReplica {
  const Replica* replica = nullptr;
  std::shared_ptr<Database> database = {};
};

class ReplicaLife final : public Life {
 public:
  ReplicaLife(std::shared_ptr<Connection> its_connection, std::vector<OpenReplica> opened)
      : Life(std::move(its_connection)), replicas(std::move(opened)) {}

  Task<Result<void>> close() override {
    for (const OpenReplica& each : replicas) CO_TRY(co_await each.database->close());
    co_return Result<void>();
  }

  void cancel_replications() {
    // What is told to end may be gone before the next one is looked at.
    for (Replicator* each : std::vector<Replicator*>(running)) {
      if (std::find(running.begin(), running.end(), each) != running.end()) each->cancel();
    }
  }

  // REQUIRES: it has it open.
  std::shared_ptr<Database> database_of(const Replica& replica) const {
    for (const OpenReplica& each : replicas) {
      if (each.replica == &replica) return each.database;
    }
    return nullptr;
  }

  const std::vector<OpenReplica> replicas;
  std::vector<Replicator*> running;                              // in the order of their beginnings
  std::map<std::string, std::shared_ptr<ServerTraits>> servers;  // what it knows of them, by URL
};

}  // namespace couchlet
