#include "store_fleet.h"

#include <limits>
#include <string>
#include <utility>

#include "store_keys.h"

namespace couchlet {

namespace {

WriteHabits draw_habits(Run& run) {
  WriteHabits habits;
  habits.key_count = run.between(4, 200);
  habits.usual_bytes = run.chance(500) ? 200 : run.between(50, 3000);
  if (run.chance(300)) habits.long_values = run.between(1, 60);
  if (run.chance(300)) habits.large_commits = run.between(1, 100);
  if (run.chance(300)) habits.blobs = run.between(1, 500);
  return habits;
}

// Small, so that a short run flushes and merges.
StoreOptions draw_options(Run& run) {
  StoreOptions options;
  options.memtable_bytes = run.between(2, 16) * 1024;
  options.cache_bytes = run.between(2, 16) * 1024;
  options.write_once_prefix = run.chance(900) ? kWriteOncePrefix : '\0';
  return options;
}

// A snapshot may be gone by the time it is read, but not each time anew.
constexpr int kMostTries = 20;

constexpr int64_t kSecondUs = 1'000'000;

}  // namespace

StoreFleet::StoreFleet(Run& run)
    : run_(run),
      weather_(draw_weather(run)),
      disk_(std::make_shared<SimulatedDisk>(run)),
      habits_(draw_habits(run)),
      reads_(run, model_, habits_.key_count),
      writes_(run, model_, reads_, habits_),
      tab_count_(run.between(1, 4)),
      lives_per_tab_(run.between(1, 4)),
      workers_(run.between(1, 3)),
      options_(draw_options(run)) {}

Task<void> StoreFleet::sail() {
  tabs_living_ = tab_count_;
  for (size_t tab = 1; tab <= tab_count_; ++tab) spawn(inhabit(tab));
  spawn(change_weather());
  while (tabs_living_ > 0) co_await changed_;
  co_await agree();
  has_arrived_ = true;
}

Task<void> StoreFleet::inhabit(size_t tab) {
  for (size_t left = lives_per_tab_; left > 0; --left) {
    const LifePtr life = co_await open(tab);
    if (life) co_await live(life, left == 1);
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(kSecondUs)));
  }
  --tabs_living_;
  changed_.signal();
}

// None: it failed, or crashed on the way.
Task<StoreFleet::LifePtr> StoreFleet::open(size_t tab) {
  const auto life = std::make_shared<StoreLife>();
  const std::string name = "tab " + std::to_string(tab) + "." + std::to_string(++lives_);
  life->connection = std::make_shared<Connection>(run_, weather_, disk_, name);
  life->connection->on_cut([weak = std::weak_ptr<StoreLife>(life)] {
    if (const LifePtr crashed = weak.lock()) crashed->changed.signal();
  });
  const StoreModel::Token newest = model_.newest();
  auto store = co_await Store::open(std::make_unique<SimulatedMedium>(life->connection), run_.time,
                                    run_.random, options_);
  run_.note(name, store.ok() ? " is open" : " can't open: " + store.error().name);
  if (!store.ok()) {
    accept(*life, store.error());
    co_return nullptr;
  }
  life->store = *std::move(store);
  life->seen = newest;  // it has read the log after that
  if (!life->has_crashed()) co_return life;
  spawn(bury(life));
  co_return nullptr;
}

Task<void> StoreFleet::live(LifePtr life, bool is_last) {
  life->workers = workers_;
  for (size_t i = 0; i < workers_; ++i) spawn(work(life));
  if (!is_last && run_.chance(250)) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(kSecondUs)));
  } else {
    while (life->workers > 0 && !life->has_crashed()) co_await life->changed;
  }
  if (life->has_crashed()) {
    spawn(bury(life));
  } else if (is_last) {
    survivors_.push_back(life);
  } else {
    co_await close(life);
  }
}

Task<void> StoreFleet::work(LifePtr life) {
  for (size_t left = run_.between(1, 30); left > 0; --left) {
    const size_t pause_us = run_.chance(30) ? 10 * kSecondUs : 3000;
    if (!run_.chance(300))
      co_await run_.time.wait(static_cast<int64_t>(run_.random.below(pause_us)));
    if (life->has_crashed() || life->is_closing) break;
    co_await do_something(*life);
  }
  --life->workers;
  life->changed.signal();
}

Task<void> StoreFleet::do_something(StoreLife& life) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    const Result<void> result = co_await try_something(life);
    if (life.has_crashed() || result.ok()) co_return;
    if (result.error().name != "snapshot_gone") {
      accept(life, result.error());
      co_return;
    }
    run_.count("snapshots gone");
    if (tab_count_ == 1) run_.fail(life.name() + " is alone, but its snapshot is gone");
  }
  run_.fail(life.name() + ": each of its snapshots is gone");
}

Task<Result<void>> StoreFleet::try_something(StoreLife& life) {
  const size_t draw = run_.random.below(1000);
  if (draw < 600) co_return co_await writes_.commit_something(life);
  if (draw < 900) co_return co_await reads_.read_something(life);
  if (draw < 940) co_return co_await reads_.read_blob(life);
  if (draw < 950) co_return co_await life.store->compact();
  const StoreModel::Token newest = model_.newest();
  CO_TRY(co_await life.store->catch_up());
  if (!life.has_crashed() && model_.version(newest) > model_.version(life.seen)) life.seen = newest;
  co_return co_await reads_.read_something(life);
}

Task<void> StoreFleet::close(LifePtr life) {
  life->is_closing = true;
  const Result<void> closed = co_await life->store->close();
  if (!closed.ok()) accept(*life, closed.error());
  while (life->workers > 0) co_await life->changed;
  life->store.reset();
}

Task<void> StoreFleet::bury(LifePtr life) {
  ++ghosts_;
  while (life->workers > 0) co_await life->changed;
  co_await close(life);
  --ghosts_;
  changed_.signal();
}

// What the weather does while the fleet sails.
Task<void> StoreFleet::change_weather() {
  while (tabs_living_ > 0) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(5 * kSecondUs)));
    if (tabs_living_ == 0) break;
    if (weather_.do_clocks_jump && run_.chance(500)) {
      const int64_t by_ms = static_cast<int64_t>(run_.random.below(200'000)) - 100'000;
      run_.note("the wall clock jumps by ", by_ms, " ms");
      run_.time.move_wall_clock(by_ms);
    }
    if (weather_.is_disk_small) {
      const uint64_t room = run_.chance(400) ? run_.random.below(50'000) : 100'000'000;
      run_.note("the disk has room for ", room, " bytes");
      disk_->set_capacity(disk_->used() + room);
    }
  }
}

void StoreFleet::accept(const StoreLife& life, const Error& error) {
  if (life.has_crashed() || error.name == "conflict") return;
  run_.count("errors: " + error.name);
  if (is_to_be_expected(error, weather_, life)) return;
  run_.fail(life.name() + " meets an error that nothing explains: " + std::to_string(error.status) +
            " " + error.name + ": " + error.reason);
}

// Faults stop. Whoever lives then, and whoever opens the database anew, sees the same, which is
// what the model has, and can go on.
Task<void> StoreFleet::agree() {
  run_.note("the weather clears");
  weather_ = fair_weather();
  disk_->set_capacity(std::numeric_limits<uint64_t>::max());
  co_await run_.time.wait(60 * kSecondUs);  // calls that have begun may still fail
  std::erase_if(survivors_, [this](const LifePtr& life) {
    if (life->has_crashed()) spawn(bury(life));
    return life->has_crashed();
  });
  while (ghosts_ > 0) co_await changed_;

  co_await meet();
  for (const LifePtr& life : survivors_) {
    for (int times = 0; times < 3; ++times) co_await do_something(*life);
  }
  co_await meet();
  StoreLife& chosen = *survivors_[run_.random.below(survivors_.size())];
  expect(chosen, "compact", co_await chosen.store->compact());
  co_await meet();
  for (const LifePtr& life : survivors_) co_await close(life);
}

Task<void> StoreFleet::meet() {
  const LifePtr fresh = co_await open(0);
  if (!fresh) co_return;
  survivors_.push_back(fresh);
  for (const LifePtr& life : survivors_) {
    if (run_.has_failed()) co_return;
    expect(*life, "catch up", co_await life->store->catch_up());
    co_await see_all(*life);
  }
  check_blobs();
}

Task<void> StoreFleet::see_all(StoreLife& life) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    const Result<void> result = co_await reads_.read_all(life, model_.newest());
    if (result.ok()) co_return;
    if (result.error().name != "snapshot_gone") {
      expect(life, "read all", result);
      co_return;
    }
    run_.count("snapshots gone");
  }
  run_.fail(life.name() + " can't read all: each of its snapshots is gone");
}

void StoreFleet::check_blobs() {
  const StoreModel::Entries expected = model_.blobs();
  StoreModel::Entries stored;
  for (const std::string& key : disk_->blob_keys()) {
    stored[key] = disk_->read_blob(key, 0, std::numeric_limits<uint64_t>::max()).value_or("");
  }
  if (stored != expected) run_.fail("The disk has other blobs than the model");
}

void StoreFleet::expect(const StoreLife& life, const char* what, const Result<void>& result) {
  if (result.ok()) return;
  run_.fail(life.name() + " can't " + what +
            " in fair weather: " + std::to_string(result.error().status) + " " +
            result.error().name + ": " + result.error().reason);
}

}  // namespace couchlet
