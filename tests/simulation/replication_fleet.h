// ReplicationFleet: replicas of one database, each with contexts that come and go, which replicate
// with a server, both ways, through a network; all of it in bad weather. Others write to the server
// meanwhile.
//
// In the end the weather clears, and all is replicated until nothing is left to do, which must come
// soon. Then all replicas and the server have the same leaves, histories, bodies and attachments,
// and everything that was acknowledged anywhere.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "checkpoint_watch.h"
#include "edit_ledger.h"
#include "network_weather.h"
#include "remote_documents.h"
#include "remote_server.h"
#include "replica_edits.h"
#include "replica_life.h"
#include "simulated_network.h"
#include "simulated_run.h"
#include "weather.h"

namespace couchlet {

class ReplicationFleet {
 public:
  explicit ReplicationFleet(SimulatedRun& run);
  ReplicationFleet(const ReplicationFleet&) = delete;
  ReplicationFleet& operator=(const ReplicationFleet&) = delete;

  Task<void> sail();
  bool has_arrived() const { return has_arrived_; }
  std::string who_works() const;

 private:
  using LifePtr = std::shared_ptr<ReplicaLife>;

  Task<void> inhabit(const Replica& replica);
  Task<LifePtr> begin_life(const Replica& replica);
  Task<Result<LifePtr>> open(std::shared_ptr<Connection> connection, const Replica& replica);
  Task<void> live(LifePtr life);
  Task<void> keep_editing(LifePtr life, std::shared_ptr<size_t> editors);
  Task<void> keep_replicating(LifePtr life, Direction direction);
  Task<Result<ReplicationResult>> replicate(ReplicaLife& life, Direction direction, bool is_live);
  Task<void> end_life(LifePtr life);
  Task<void> bury(LifePtr life);
  Task<void> edit_remotely();
  Task<void> change_weather();
  void accept(const std::string& name, const Error& error);

  Task<void> agree();
  Task<void> replicate_all(const std::vector<LifePtr>& lives);
  Task<Result<void>> compare(ReplicaLife& life);

  SimulatedRun& run_;
  Weather weather_;
  NetworkWeather network_weather_;
  const size_t tabs_;  // of each replica, at once
  const size_t lives_per_tab_;
  const size_t editors_;  // of each life
  const size_t most_edits_;
  const size_t most_remote_edits_;
  const bool is_live_;
  const size_t batch_size_;
  const StoreOptions store_options_;

  EditLedger ledger_;
  RemoteDocuments remote_;
  RemoteServer server_;
  SimulatedNetwork network_;
  ReplicaEdits edits_;
  CheckpointWatch watch_;
  std::vector<Replica> replicas_;

  size_t lives_ = 0;    // that have begun
  size_t at_work_ = 0;  // tabs, and who writes to the server
  size_t ghosts_ = 0;   // crashed contexts whose tasks have not ended
  Event changed_;       // either of them
  bool has_arrived_ = false;
};

}  // namespace couchlet
