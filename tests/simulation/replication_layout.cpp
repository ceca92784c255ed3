#include "replication_layout.h"

#include <utility>

namespace couchlet {

using Kind = ReplicationPlan::Kind;

ReplicationLayout::ReplicationLayout(SimulatedRun& run, const ReplicationPlan& plan,
                                     const NetworkWeather& weather, SimulatedNetwork& network)
    : plan_(plan) {
  add_remotes(run, weather, network);
  for (size_t number = 1; number <= plan.replicas; ++number) {
    const Replica& replica = replicas_.emplace_back(
        Replica{"replica " + std::to_string(number), std::make_shared<SimulatedDisk>(run)});
    sites_.emplace_back(run, replica);
  }
  for (size_t i = 0; i < plan.replicas; ++i) {
    add_station_of(i, run);
    if (plan.kind == Kind::kChain && i > 0) add_link(i);
  }
  if (plan.kind == Kind::kTwoServers) {
    const Site& a = remotes_.front();
    const Site& b = remotes_.back();
    stations_.push_back(
        {.name = "between servers", .replicas = {}, .routes = {{&a, &b}, {&b, &a}}});
  }
}

void ReplicationLayout::add_remotes(SimulatedRun& run, const NetworkWeather& weather,
                                    SimulatedNetwork& network) {
  const bool are_two = plan_.kind == Kind::kTwoServers || plan_.kind == Kind::kSplit;
  for (size_t number = 1; number <= (are_two ? 2 : 1); ++number) {
    RemoteTraits traits = draw_remote_traits(run);
    if (plan_.kind == Kind::kStar) {
      traits.forbids = [this](const std::string& id) { return plan_.is_refused(id); };
    }
    remotes_.emplace_back("server" + std::to_string(number), run, weather, network,
                          std::move(traits));
  }
  if (plan_.kind == Kind::kSplit) split_ = std::make_unique<SplitSite>(inbox(), main());
}

void ReplicationLayout::add_station_of(size_t replica, SimulatedRun& run) {
  const Site& here = sites_[replica];
  Station station{
      .name = here.name(), .replicas = {&replicas_[replica]}, .tabs = plan_.tabs, .edits = true};
  if (split_) {
    station.routes = {{&here, split_.get()}, {&main(), &here}};
  } else if (plan_.kind != Kind::kChain || replica == 0 || run.chance(300)) {
    const Site& server = remotes_[replica % remotes_.size()];
    station.routes = {{&here, &server}, {&server, &here}};
  }
  stations_.push_back(std::move(station));
}

void ReplicationLayout::add_link(size_t replica) {
  const Site& here = sites_[replica];
  const Site& before = sites_[replica - 1];
  stations_.push_back({.name = before.name() + " with " + here.name(),
                       .replicas = {&replicas_[replica], &replicas_[replica - 1]},
                       .routes = {{&here, &before}, {&before, &here}}});
}

}  // namespace couchlet
