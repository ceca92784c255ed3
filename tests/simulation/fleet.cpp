#include "fleet.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace couchlet {

namespace {

constexpr size_t kSecondUs = 1'000'000;

// Small, so that a short run flushes and merges.
StoreOptions draw_options(SimulatedRun& run) {
  StoreOptions options;
  options.memtable_bytes = run.between(2, 16) * 1024;
  options.cache_bytes = run.between(2, 16) * 1024;
  options.write_once_prefix = run.chance(900) ? 'b' : '\0';
  return options;
}

// Whether such weather explains an error: what the medium says, passed on.
bool is_explained(const Error& error, const Weather& weather) {
  if (error.name == "insufficient_storage") return weather.is_disk_small;
  if (error.name == "connection_lost") return weather.losing > 0;
  return weather.has_faults() && (error.name == "io_error" || error.name == "outcome_unknown");
}

std::string text_of(const Error& error) {
  return std::to_string(error.status) + " " + error.name + ": " + error.reason;
}

}  // namespace

Fleet::Fleet(SimulatedRun& run)
    : run_(run),
      disk_(std::make_shared<SimulatedDisk>(run)),
      weather_(draw_weather(run)),
      tab_count_(run.between(1, 4)),
      lives_per_tab_(run.between(1, 4)),
      workers_(run.between(1, 3)),
      most_work_(run.chance(100) ? 60 : 12),
      store_options_(draw_options(run)) {}

Task<void> Fleet::sail() {
  tabs_living_ = tab_count_;
  for (size_t tab = 1; tab <= tab_count_; ++tab) spawn(inhabit(tab));
  spawn(change_weather());
  while (tabs_living_ > 0) co_await changed_;
  co_await agree();
  has_arrived_ = true;
}

std::string Fleet::who_works() const {
  std::string text = std::to_string(tabs_living_) + " tabs, " + std::to_string(ghosts_) + " ghosts";
  for (const auto& weak : all_) {
    const LifePtr life = weak.lock();
    if (!life) continue;
    text += ", " + life->name() + (life->is_closing ? " closing" : "") +
            (life->has_crashed() ? " crashed" : "") + " with " + std::to_string(life->workers);
  }
  return text;
}

Task<void> Fleet::inhabit(size_t tab) {
  for (size_t left = lives_per_tab_; left > 0; --left) {
    if (const LifePtr life = co_await begin_life(tab)) co_await live(life, left == 1);
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(kSecondUs)));
  }
  --tabs_living_;
  changed_.signal();
}

// None: it could not be opened, or crashed on the way.
Task<Fleet::LifePtr> Fleet::begin_life(size_t tab) {
  const std::string name = "tab " + std::to_string(tab) + "." + std::to_string(++lives_);
  const auto connection = std::make_shared<Connection>(run_, weather_, disk_, name);
  const Result<LifePtr> life = co_await open(connection, tab);
  run_.note(name, life.ok() ? " is open" : " can't be opened: " + life.error().name);
  if (!life.ok()) {
    if (!connection->is_cut()) accept(name, false, life.error());
    co_return nullptr;
  }
  all_.emplace_back(*life);
  connection->on_cut([weak = std::weak_ptr<Life>(*life)] {
    if (const LifePtr crashed = weak.lock()) crashed->changed.signal();
  });
  if (!connection->is_cut()) co_return *life;
  spawn(bury(*life));
  co_return nullptr;
}

Task<void> Fleet::live(LifePtr life, bool is_last) {
  life->workers = workers_;
  for (size_t i = 0; i < workers_; ++i) spawn(keep_working(life));
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
    co_await end_life(life);
  }
}

Task<void> Fleet::keep_working(LifePtr life) {
  for (size_t left = run_.between(1, most_work_); left > 0; --left) {
    const size_t pause_us = run_.chance(30) ? 10 * kSecondUs : 3000;
    if (!run_.chance(300)) {
      co_await run_.time.wait(static_cast<int64_t>(run_.random.below(pause_us)));
    }
    if (life->is_over()) break;
    const Result<void> done = co_await work(*life);
    if (!done.ok() && !life->has_crashed()) accept(life->name(), life->is_closing, done.error());
  }
  --life->workers;
  life->changed.signal();
}

Task<void> Fleet::end_life(LifePtr life) {
  life->is_closing = true;
  const Result<void> closed = co_await life->close();
  if (!closed.ok() && !life->has_crashed()) accept(life->name(), life->is_closing, closed.error());
  while (life->workers > 0) co_await life->changed;
}

// A ghost is laid to rest.
Task<void> Fleet::bury(LifePtr life) {
  ++ghosts_;
  while (life->workers > 0) co_await life->changed;
  co_await end_life(life);
  --ghosts_;
  changed_.signal();
}

// What else changes while the fleet sails.
Task<void> Fleet::change_weather() {
  while (true) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(5 * kSecondUs)));
    if (tabs_living_ == 0) co_return;
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

void Fleet::accept(const std::string& name, bool is_closing, const Error& error) {
  run_.count("errors: " + error.name);
  if (is_closing && error.status == 412) return;
  if (is_explained(error, weather_)) return;
  run_.fail(name + " meets an error that nothing explains: " + text_of(error));
}

// The weather clears. Whoever lives then, and whoever opens the database anew, sees all, and can
// go on.
Task<void> Fleet::agree() {
  clear_weather();
  co_await run_.time.wait(60 * kSecondUs);  // calls that have begun may still fail
  std::erase_if(survivors_, [this](const LifePtr& life) {
    if (life->has_crashed()) spawn(bury(life));
    return life->has_crashed();
  });
  while (ghosts_ > 0) co_await changed_;

  co_await meet();
  for (const LifePtr& life : survivors_) {
    for (int times = 0; times < 3; ++times) expect(*life, "work", co_await work(*life));
  }
  co_await meet();
  if (run_.has_failed()) co_return;
  co_await run_.time.wait(60 * kSecondUs);  // until all are idle
  Life& chosen = *survivors_[run_.random.below(survivors_.size())];
  expect(chosen, "compact", co_await compact(chosen));
  check_compacted(chosen);
  co_await meet();
  for (const LifePtr& life : survivors_) co_await end_life(life);
}

void Fleet::clear_weather() {
  run_.note("the weather clears");
  weather_ = fair_weather();
  is_fair_ = true;
  disk_->set_capacity(std::numeric_limits<uint64_t>::max());
}

Task<void> Fleet::meet() {
  const LifePtr fresh = co_await begin_life(0);
  if (!fresh) co_return;
  survivors_.push_back(fresh);
  for (const LifePtr& life : survivors_) {
    if (run_.has_failed()) co_return;
    expect(*life, "see all", co_await see_all(*life));
  }
  check_disk();
}

void Fleet::expect(const Life& life, const char* what, const Result<void>& result) {
  if (result.ok()) return;
  run_.fail(life.name() + " can't " + what + " in fair weather: " + text_of(result.error()));
}

}  // namespace couchlet
