// ReplicaSite: a replica, which is read from a copy of its disk, in fair weather.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "simulated_run.h"
#include "site.h"

namespace couchlet {

class ReplicaSite final : public Site {
 public:
  ReplicaSite(SimulatedRun& run, const Replica& replica)
      : Site(replica.name), run_(run), replica_(replica) {}

  bool is_remote() const override { return false; }
  std::shared_ptr<SiteSnapshot> snapshot() const override;
  std::optional<uint64_t> place_of(std::string_view sequence) const override;
  std::unique_ptr<Peer> peer(ReplicaLife& life, PeerParts parts) const override;

 private:
  SimulatedRun& run_;
  const Replica& replica_;
};

}  // namespace couchlet
