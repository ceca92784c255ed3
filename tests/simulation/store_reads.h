// StoreReads: what the contexts of a fleet read, and that it is what the model has.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "base/task.h"
#include "simulated_run.h"
#include "store/store.h"
#include "store_life.h"
#include "store_model.h"

namespace couchlet {

class StoreReads {
 public:
  StoreReads(SimulatedRun& run, StoreModel& model, size_t key_count)
      : run_(run), model_(model), key_count_(key_count) {}

  // Reads something on a new snapshot, or on one that is held for a while. On a mismatch the run
  // fails; errors are the store's. After snapshot_gone() there is a new one to try on.
  Task<Result<void>> read_something(StoreLife& life);

  // Everything, both ways, and that it is not older than `least`.
  Task<Result<void>> read_all(StoreLife& life, StoreModel::Token least);

  Task<Result<void>> read_blob(StoreLife& life);

  // `value` was read under the model's key. The state that it names; none fails the run.
  StoreModel::Token state_of(const StoreLife& life, const std::optional<std::string>& value);

 private:
  // A snapshot and the state that it shows.
  struct Look {
    SnapshotRef snapshot;
    StoreModel::Token state = 0;
  };
  struct Walk {
    std::string from;
    bool is_forward = true;
    size_t turning = 0;  // in a thousand: turns round after a step
    size_t steps = 0;
  };

  Task<Result<void>> read_from(StoreLife& life, SnapshotRef snapshot);
  Task<Result<void>> read_all_from(StoreLife& life, SnapshotRef snapshot, StoreModel::Token least);
  Task<Result<void>> renew_if_gone(StoreLife& life, SnapshotRef snapshot, Result<void> result);
  // REQUIRES: `snapshot` has just been taken.
  Task<Result<Look>> look(StoreLife& life, SnapshotRef snapshot);
  Task<Result<void>> read_at(StoreLife& life, const Look& look);
  Task<Result<void>> get_some(StoreLife& life, const Look& look);
  Task<Result<void>> walk(StoreLife& life, const Look& look, Walk walk);
  std::string draw_any_key(const Look& look);

  SimulatedRun& run_;
  StoreModel& model_;
  size_t key_count_;
};

}  // namespace couchlet
