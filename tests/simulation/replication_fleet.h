// ReplicationFleet: replicas of one database, each with contexts that come and go, which replicate
// with a server, with each other, or through two servers, both ways; all of it in bad weather.
// Others write to the server meanwhile.
//
// In the end the weather clears. All is replicated until nothing is left to do, which must come
// soon; or live replications that are there get it done by themselves, within a quarter of an hour.
// Then all have the same leaves, histories, bodies and attachments, and everything that was
// acknowledged anywhere (ReplicationAgreement).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "edit_ledger.h"
#include "network_weather.h"
#include "promoter.h"
#include "replica_edits.h"
#include "replica_life.h"
#include "replication_agreement.h"
#include "replication_layout.h"
#include "replication_plan.h"
#include "replications.h"
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
  struct Stationed {
    const Station* station = nullptr;
    LifePtr life;
  };

  Task<void> inhabit(const Station& station);
  Task<LifePtr> begin_life(const Station& station);
  Task<Result<LifePtr>> open(const Station& station, std::shared_ptr<Connection> connection);
  Task<Result<std::shared_ptr<Database>>> open_database(std::shared_ptr<Connection> connection);
  Task<void> live(LifePtr life, const Station& station, bool is_last);
  void start_replicating(const LifePtr& life, const Station& station);
  Task<void> keep_editing(LifePtr life, std::shared_ptr<size_t> editors);
  Task<void> keep_replicating(LifePtr life, Route route);
  Task<void> end_life(LifePtr life);
  Task<void> bury(LifePtr life);
  void accept(const std::string& name, const Error& error);
  bool is_of_network(const Error& error) const;

  // replication_fleet_world.cpp: what happens around them
  Task<void> edit_remotely();
  Task<void> promote_now_and_then();
  Task<void> recreate_databases();
  Task<void> change_weather();
  void clear_weather();

  // replication_fleet_end.cpp
  Task<void> agree();
  Task<void> settle();
  Task<void> replicate_all(const std::vector<Stationed>& lives);
  Task<Result<uint64_t>> replicate_once(const std::vector<Stationed>& lives);
  Task<std::vector<Stationed>> open_all();
  Task<void> take_over_from_crashed();
  Task<void> edit_everywhere();
  Task<void> wait_for_recovery();
  Task<void> compare(const std::vector<Stationed>& lives);

  SimulatedRun& run_;
  const ReplicationPlan plan_;
  Weather weather_;
  NetworkWeather network_weather_;
  SimulatedNetwork network_;
  ReplicationLayout layout_;
  EditLedger ledger_;
  ReplicaEdits edits_;
  Replications replications_;
  Promoter promoter_;

  size_t lives_ = 0;    // that have begun
  size_t at_work_ = 0;  // tabs, and who writes to the server
  size_t ghosts_ = 0;   // crashed contexts whose tasks have not ended
  Event changed_;       // either of them
  std::vector<Stationed> survivors_;
  // The weather has cleared, and what was lost in it may still be waited for.
  bool tells_of_faults_ = false;
  bool is_settled_ = false;  // the weather has cleared, and what was on its way has arrived
  bool has_arrived_ = false;
};

}  // namespace couchlet
