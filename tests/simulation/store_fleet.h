// StoreFleet: several contexts on one database, at the level of the Store. They live at once, are
// closed, crash and come back; in the end the weather clears, and all must agree.
#pragma once

#include <memory>
#include <vector>

#include "base/completion.h"
#include "run.h"
#include "simulated_disk.h"
#include "store_life.h"
#include "store_model.h"
#include "store_reads.h"
#include "store_writes.h"
#include "weather.h"

namespace couchlet {

class StoreFleet {
 public:
  explicit StoreFleet(Run& run);

  Task<void> sail();
  bool has_arrived() const { return has_arrived_; }

 private:
  using LifePtr = std::shared_ptr<StoreLife>;

  Task<void> inhabit(size_t tab);
  Task<LifePtr> open(size_t tab);
  Task<void> live(LifePtr life, bool is_last);
  Task<void> work(LifePtr life);
  Task<void> do_something(StoreLife& life);
  Task<Result<void>> try_something(StoreLife& life);
  Task<void> close(LifePtr life);
  Task<void> bury(LifePtr life);
  Task<void> change_weather();
  void accept(const StoreLife& life, const Error& error);

  Task<void> agree();
  Task<void> meet();
  Task<void> see_all(StoreLife& life);
  void check_blobs();
  void expect(const StoreLife& life, const char* what, const Result<void>& result);

  Run& run_;
  Weather weather_;
  std::shared_ptr<SimulatedDisk> disk_;
  StoreModel model_;
  WriteHabits habits_;
  StoreReads reads_;
  StoreWrites writes_;

  size_t tab_count_;
  size_t lives_per_tab_;
  size_t workers_;
  StoreOptions options_;

  size_t lives_ = 0;
  size_t tabs_living_ = 0;
  size_t ghosts_ = 0;  // crashed contexts whose tasks have not ended
  Event changed_;      // either of them
  std::vector<LifePtr> survivors_;
  bool has_arrived_ = false;
};

}  // namespace couchlet
