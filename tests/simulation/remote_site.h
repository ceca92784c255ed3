// RemoteSite: a database on a server; and SplitSite: where a push goes that is written into one of
// them and comes back from another (split_peer.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "remote_documents.h"
#include "remote_server.h"
#include "simulated_network.h"
#include "site.h"

namespace couchlet {

class RemoteSite final : public Site {
 public:
  RemoteSite(std::string its_name, SimulatedRun& run, const NetworkWeather& weather,
             SimulatedNetwork& network, RemoteTraits traits);

  bool is_remote() const override { return true; }
  std::shared_ptr<SiteSnapshot> snapshot() const override;
  std::optional<uint64_t> place_of(std::string_view sequence) const override;
  bool was_deleted() const override { return documents_.incarnation() > 1; }
  bool is_deleted() const override { return !server_.has_database(); }
  std::unique_ptr<Peer> peer(ReplicaLife& life, PeerParts parts) const override;

  RemoteDocuments& documents() { return documents_; }
  const RemoteDocuments& documents() const { return documents_; }
  RemoteServer& server() { return server_; }

 private:
  SimulatedNetwork& network_;
  RemoteDocuments documents_;
  RemoteServer server_;
};

class SplitSite final : public Site {
 public:
  SplitSite(const RemoteSite& inbox, const RemoteSite& origin)
      : Site(inbox.name() + " for " + origin.name()), inbox_(inbox), origin_(origin) {}

  bool is_remote() const override { return true; }
  std::shared_ptr<SiteSnapshot> snapshot() const override;
  std::optional<uint64_t> place_of(std::string_view) const override { return std::nullopt; }
  std::unique_ptr<Peer> peer(ReplicaLife& life, PeerParts parts) const override;

 private:
  const RemoteSite& inbox_;
  const RemoteSite& origin_;
};

}  // namespace couchlet
