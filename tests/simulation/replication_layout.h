// ReplicationLayout: the sites of a run, and the stations: who has which replicas open and
// replicates them with what.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "network_weather.h"
#include "remote_site.h"
#include "replica_life.h"
#include "replica_site.h"
#include "replication_plan.h"
#include "simulated_network.h"
#include "simulated_run.h"
#include "site.h"

namespace couchlet {

struct Station {
  std::string name;
  std::vector<const Replica*> replicas = {};  // none: it is between two servers
  std::vector<Route> routes = {};
  size_t tabs = 1;
  bool edits = false;  // the first replica
};

class ReplicationLayout {
 public:
  ReplicationLayout(SimulatedRun& run, const ReplicationPlan& plan, const NetworkWeather& weather,
                    SimulatedNetwork& network);

  const std::deque<Replica>& replicas() const { return replicas_; }
  const std::deque<Station>& stations() const { return stations_; }
  std::deque<RemoteSite>& remotes() { return remotes_; }
  // Where others write, and all edits come to.
  RemoteSite& main() { return remotes_.back(); }
  RemoteSite& inbox() { return remotes_.front(); }  // the same but for a split remote

 private:
  void add_remotes(SimulatedRun& run, const NetworkWeather& weather, SimulatedNetwork& network);
  void add_station_of(size_t replica, SimulatedRun& run);
  void add_link(size_t replica);

  const ReplicationPlan& plan_;
  std::deque<Replica> replicas_;
  std::deque<ReplicaSite> sites_;  // of the replicas
  std::deque<RemoteSite> remotes_;
  std::unique_ptr<SplitSite> split_;
  std::deque<Station> stations_;
};

}  // namespace couchlet
