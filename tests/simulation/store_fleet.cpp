#include "store_fleet.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "store/snapshot_gone.h"

namespace couchlet {

namespace {

// A snapshot may be gone by the time it is read, but not each time anew.
constexpr int kMostTries = 20;

WriteHabits draw_habits(SimulatedRun& run) {
  WriteHabits habits;
  habits.key_count = run.between(4, 200);
  habits.usual_bytes = run.chance(500) ? 200 : run.between(50, 3000);
  if (run.chance(300)) habits.long_values = run.between(1, 60);
  if (run.chance(300)) habits.large_commits = run.between(1, 100);
  if (run.chance(300)) habits.blobs = run.between(1, 500);
  return habits;
}

StoreLife& of_store(Life& life) { return static_cast<StoreLife&>(life); }

}  // namespace

StoreFleet::StoreFleet(SimulatedRun& run)
    : Fleet(run),
      habits_(draw_habits(run)),
      reads_(run, model_, habits_.key_count),
      writes_(run, model_, reads_, habits_) {}

Task<Result<Fleet::LifePtr>> StoreFleet::open(std::shared_ptr<Connection> connection, size_t) {
  const StoreModel::Token newest = model_.newest();
  CO_TRY_ASSIGN(auto store, co_await Store::open(std::make_unique<SimulatedMedium>(connection),
                                                 run_.time, run_.random, store_options()));
  const auto life = std::make_shared<StoreLife>(std::move(connection), std::move(store));
  life->note_seen(model_, newest);  // it has read the log after that was there
  co_return life;
}

Task<Result<void>> StoreFleet::work(Life& life) {
  for (int tries = 1;; ++tries) {
    Result<void> result = co_await try_to_work(of_store(life));
    run_.note(life.name(), " has worked: ", result.ok() ? "ok" : result.error().name);
    if (!is_worth_another_try(of_store(life), result, tries)) co_return result;
  }
}

Task<Result<void>> StoreFleet::try_to_work(StoreLife& life) {
  const size_t draw = run_.random.below(1000);
  run_.note(life.name(), " begins to work: ", draw);
  if (draw < 600) co_return co_await writes_.commit_something(life);
  if (draw < 900) co_return co_await reads_.read_something(life);
  if (draw < 940) co_return co_await reads_.read_blob(life);
  if (draw < 950) co_return co_await compact(life);
  CO_TRY(co_await catch_up(life));
  co_return co_await reads_.read_something(life);
}

Task<Result<void>> StoreFleet::catch_up(StoreLife& life) {
  const StoreModel::Token newest = model_.newest();
  CO_TRY(co_await life.store->catch_up());
  if (!life.has_crashed()) life.note_seen(model_, newest);
  co_return Result<void>();
}

Task<Result<void>> StoreFleet::compact(Life& life) {
  run_.count("compactions");
  return of_store(life).store->compact();
}

// There is nothing on the disk that the store doesn't know of. It may know of more: of what is in
// the log still.
void StoreFleet::check_compacted(Life& by) {
  const StoreSizes sizes = of_store(by).store->sizes();
  if (disk_->table_bytes() <= sizes.file) return;
  run_.fail(by.name() + " knows of " + std::to_string(sizes.file) + " bytes, of " +
            std::to_string(disk_->table_bytes()) + " that are in tables");
}

Task<Result<void>> StoreFleet::see_all(Life& life) {
  CO_TRY(co_await catch_up(of_store(life)));
  for (int tries = 1;; ++tries) {
    Result<void> result = co_await reads_.read_all(of_store(life), model_.newest());
    if (!is_worth_another_try(of_store(life), result, tries)) co_return result;
  }
}

// Only where another context has merged meanwhile.
bool StoreFleet::is_worth_another_try(const StoreLife& life, const Result<void>& result,
                                      int tries) {
  if (result.ok() || life.has_crashed() || !is_snapshot_gone(result.error())) return false;
  if (tab_count() == 1 && !is_fair()) {
    run_.fail(life.name() + " is alone, but its snapshot is gone");
  } else if (tries == kMostTries) {
    run_.fail(life.name() + ": each of its snapshots is gone");
  }
  return !run_.has_failed();
}

void StoreFleet::check_disk() {
  StoreModel::Entries stored;
  for (const std::string& key : disk_->blob_keys()) {
    stored[key] = disk_->read_blob(key, 0, std::numeric_limits<uint64_t>::max()).value_or("");
  }
  if (stored != model_.blobs()) run_.fail("The disk has other blobs than the model");
}

}  // namespace couchlet
