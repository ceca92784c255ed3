#include "replica_site.h"

#include <limits>
#include <utility>

#include "replicate/local_peer.h"
#include "replicate/protocol_json.h"
#include "weather.h"

namespace couchlet {

namespace {

std::shared_ptr<SimulatedDisk> copy_of(const SimulatedDisk& disk) {
  auto copy = std::make_shared<SimulatedDisk>(disk);
  copy->inboxes.clear();
  copy->merger = nullptr;
  copy->set_capacity(std::numeric_limits<uint64_t>::max());
  return copy;
}

class DiskSnapshot final : public SiteSnapshot {
 public:
  DiskSnapshot(SimulatedRun& run, const SimulatedDisk& disk) : run_(run), disk_(copy_of(disk)) {}

  Task<Result<std::vector<RevisionsOfDocument>>> leaves_up_to(uint64_t sequence) override {
    CO_TRY_ASSIGN(const auto database, co_await open());
    CO_TRY_ASSIGN(ChangesPage page, co_await database->changes_page({.all_leaves = true}, nullptr));
    std::vector<RevisionsOfDocument> all;
    for (ChangeRow& row : page.rows) {
      if (row.sequence <= sequence) all.push_back({std::move(row.id), std::move(row.revisions)});
    }
    CO_TRY(co_await database->close());
    co_return all;
  }

  Task<Result<std::vector<MissingRevisions>>> missing(
      std::vector<RevisionsOfDocument> revisions) override {
    CO_TRY_ASSIGN(const auto database, co_await open());
    CO_TRY_ASSIGN(auto missing, co_await database->missing_revisions(std::move(revisions)));
    CO_TRY(co_await database->close());
    co_return missing;
  }

 private:
  Task<Result<std::unique_ptr<Database>>> open() {
    const auto connection = std::make_shared<Connection>(run_, fair_, disk_, "a reader");
    co_return co_await Database::open(std::make_unique<SimulatedMedium>(connection),
                                      {.name = "replica"}, run_.time, run_.random);
  }

  SimulatedRun& run_;
  const std::shared_ptr<SimulatedDisk> disk_;
  Weather fair_ = fair_weather();
};

}  // namespace

std::shared_ptr<SiteSnapshot> ReplicaSite::snapshot() const {
  return std::make_shared<DiskSnapshot>(run_, *replica_.disk);
}

std::optional<uint64_t> ReplicaSite::place_of(std::string_view sequence) const {
  return number_of_sequence(sequence);
}

std::unique_ptr<Peer> ReplicaSite::peer(ReplicaLife& life, PeerParts parts) const {
  return std::make_unique<WatchedPeer<LocalPeer>>(std::move(parts.look), life.database_of(replica_),
                                                  std::move(parts.filter), std::move(parts.stage));
}

}  // namespace couchlet
