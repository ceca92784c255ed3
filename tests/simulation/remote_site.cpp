#include "remote_site.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "replicate/http_peer.h"
#include "replicate/protocol_json.h"
#include "replicate/split_peer.h"

namespace couchlet {

namespace {

constexpr int64_t kTimeoutMs = 60'000;

class RemoteSnapshot final : public SiteSnapshot {
 public:
  explicit RemoteSnapshot(const RemoteDocuments& remote) {
    for (const auto& [id, document] : remote.documents()) {
      Known& known = known_[id];
      known.sequence = document.sequence;
      for (const auto& leaf : remote.leaves(id)) known.leaves.push_back(leaf.rev);
      for (const auto& [rev, node] : document.tree) known.revs.insert(rev);
    }
  }

  Task<Result<std::vector<RevisionsOfDocument>>> leaves_up_to(uint64_t sequence) override {
    std::vector<RevisionsOfDocument> all;
    for (const auto& [id, known] : known_) {
      if (known.sequence > sequence) continue;
      RevisionsOfDocument each{id, {}};
      for (const auto& rev : known.leaves) each.revisions.push_back(*Revision::parse(rev));
      all.push_back(std::move(each));
    }
    co_return all;
  }

  Task<Result<std::vector<MissingRevisions>>> missing(
      std::vector<RevisionsOfDocument> revisions) override {
    std::vector<MissingRevisions> all;
    for (RevisionsOfDocument& document : revisions) {
      const auto found = known_.find(document.id);
      MissingRevisions each{document.id, {}, {}};
      for (Revision& revision : document.revisions) {
        if (found != known_.end() && found->second.revs.contains(revision.text())) continue;
        each.missing.push_back(std::move(revision));
      }
      if (!each.missing.empty()) all.push_back(std::move(each));
    }
    co_return all;
  }

 private:
  struct Known {
    uint64_t sequence = 0;
    std::vector<std::string> leaves;
    std::set<std::string> revs;
  };
  std::map<std::string, Known> known_;
};

// As a target: what one of them has is there.
class SplitSnapshot final : public SiteSnapshot {
 public:
  SplitSnapshot(std::shared_ptr<SiteSnapshot> inbox, std::shared_ptr<SiteSnapshot> origin)
      : inbox_(std::move(inbox)), origin_(std::move(origin)) {}

  Task<Result<std::vector<RevisionsOfDocument>>> leaves_up_to(uint64_t) override {
    co_return std::vector<RevisionsOfDocument>();
  }
  Task<Result<std::vector<MissingRevisions>>> missing(
      std::vector<RevisionsOfDocument> revisions) override {
    CO_TRY_ASSIGN(auto lacking, co_await origin_->missing(std::move(revisions)));
    std::vector<RevisionsOfDocument> rest;
    for (MissingRevisions& each : lacking) {
      rest.push_back({std::move(each.id), std::move(each.missing)});
    }
    co_return co_await inbox_->missing(std::move(rest));
  }

 private:
  const std::shared_ptr<SiteSnapshot> inbox_;
  const std::shared_ptr<SiteSnapshot> origin_;
};

}  // namespace

RemoteSite::RemoteSite(std::string its_name, SimulatedRun& run, const NetworkWeather& weather,
                       SimulatedNetwork& network, RemoteTraits traits)
    : Site(std::move(its_name)),
      network_(network),
      server_(run, weather, "http://" + name() + "/db", std::move(traits), documents_) {
  network_.add(server_);
}

std::shared_ptr<SiteSnapshot> RemoteSite::snapshot() const {
  return std::make_shared<RemoteSnapshot>(documents_);
}

std::optional<uint64_t> RemoteSite::place_of(std::string_view sequence) const {
  const std::string incarnation = "-opaque" + std::to_string(documents_.incarnation()) + "\"";
  if (sequence.find("-opaque") != std::string_view::npos && !sequence.ends_with(incarnation)) {
    return std::nullopt;
  }
  return number_of_sequence(sequence);
}

std::unique_ptr<Peer> RemoteSite::peer(ReplicaLife& life, PeerParts parts) const {
  auto& traits = life.servers[server_.url()];
  if (!traits) traits = std::make_shared<ServerTraits>();
  return std::make_unique<WatchedPeer<HttpPeer>>(
      std::move(parts.look),
      std::make_unique<SimulatedRequests>(network_, life.connection, parts.is_push), server_.url(),
      kTimeoutMs, nullptr, traits, std::move(parts.stage));
}

std::shared_ptr<SiteSnapshot> SplitSite::snapshot() const {
  return std::make_shared<SplitSnapshot>(inbox_.snapshot(), origin_.snapshot());
}

std::unique_ptr<Peer> SplitSite::peer(ReplicaLife& life, PeerParts parts) const {
  return std::make_unique<SplitPeer>(inbox_.peer(life, parts), origin_.peer(life, parts), nullptr);
}

}  // namespace couchlet
