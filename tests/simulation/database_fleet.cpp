#include "database_fleet.h"

#include <cstdint>
#include <limits>
#include <utility>

namespace couchlet {

namespace {

EditHabits draw_habits(SimulatedRun& run) {
  EditHabits habits;
  habits.id_count = run.between(1, 30);
  habits.usual_bytes = run.chance(500) ? 200 : run.between(50, 3000);
  if (run.chance(200)) habits.long_bodies = run.between(1, 60);
  if (run.chance(300)) habits.attachments = run.between(1, 600);
  habits.deletions = run.between(0, 300);
  return habits;
}

DatabaseLife& of_database(Life& life) { return static_cast<DatabaseLife&>(life); }

}  // namespace

DatabaseFleet::DatabaseFleet(SimulatedRun& run)
    : Fleet(run),
      compacts_automatically_(run.chance(300)),
      compactions_(run.chance(500) ? run.between(1, 50) : 0),
      views_(run, model_, compacts_automatically_ || compactions_ > 0),
      edits_(run, model_, views_, draw_habits(run)) {}

Task<Result<Fleet::LifePtr>> DatabaseFleet::open(std::shared_ptr<Connection> connection,
                                                 size_t tab) {
  DatabaseSettings settings{.name = "simulated"};
  settings.auto_compaction = compacts_automatically_;
  settings.store = store_options();
  CO_TRY_ASSIGN(auto database,
                co_await Database::open(std::make_unique<SimulatedMedium>(connection), settings,
                                        run_.time, run_.random));
  co_return std::make_shared<DatabaseLife>(std::move(connection), std::move(database), tab);
}

Task<Result<void>> DatabaseFleet::work(Life& any_life) {
  DatabaseLife& life = of_database(any_life);
  FeedFollower& tab = tabs_[life.tab];
  last_seen_.clear();
  if (run_.chance(compactions_)) co_return co_await compact(life);
  const size_t draw = run_.random.below(1000);
  if (draw < 450) co_return co_await edits_.edit_some(life, tab);
  if (draw < 520) co_return co_await edits_.write_bundle(life);
  if (draw < 600) co_return co_await edits_.replicate(life);
  if (draw < 700) {
    const Result<std::string> rev = co_await views_.winning_rev(life, edits_.draw_id());
    co_return rev.ok() ? Result<void>() : Result<void>(rev.error());
  }
  if (draw < 750) co_return co_await views_.list_all(life);
  if (draw < 800) co_return co_await views_.read_changes(life);
  if (draw < 820) co_return co_await views_.read_info(life);
  if (draw < 870) co_return co_await edits_.count_locally(life, tab);
  co_return co_await views_.follow_feed(life, tab);
}

Task<Result<void>> DatabaseFleet::compact(Life& life) {
  run_.count("compactions");
  return of_database(life).database->compact();
}

void DatabaseFleet::check_compacted(Life&) { is_compacted_ = true; }

Task<Result<void>> DatabaseFleet::see_all(Life& any_life) {
  DatabaseLife& life = of_database(any_life);
  // What changes nothing is answered on the newest state.
  CO_TRY(co_await life.database->write({}, {}));
  CO_TRY_ASSIGN(std::string seen, co_await views_.read_all(life, tabs_[life.tab]));
  if (!last_seen_.empty() && last_seen_ != seen) {
    run_.fail(life.name() + " sees another database than those before it");
  }
  last_seen_ = std::move(seen);
  co_return Result<void>();
}

// Bytes of attachments that no leaf has may be there until the database is compacted.
void DatabaseFleet::check_disk() {
  std::map<std::string, std::string> stored;
  for (const std::string& key : disk_->blob_keys()) {
    stored[key] = disk_->read_blob(key, 0, std::numeric_limits<uint64_t>::max()).value_or("");
  }
  for (const auto& [digest, bytes] : views_.digests()) {
    if (stored[digest] != bytes) run_.fail("The disk has lost an attachment: " + digest);
  }
  if (is_compacted_ && stored.size() != views_.digests().size()) {
    run_.fail("The disk has attachments that no leaf has");
  }
}

}  // namespace couchlet
