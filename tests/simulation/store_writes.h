// StoreWrites: what the contexts of a fleet commit, and that each decision saw what the model has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/task.h"
#include "simulated_run.h"
#include "store/store.h"
#include "store_life.h"
#include "store_model.h"
#include "store_reads.h"

namespace couchlet {

// What commits are like in a run.
struct WriteHabits {
  size_t key_count = 50;
  size_t usual_bytes = 200;  // of a value, at most
  size_t long_values = 0;    // in a thousand
  size_t large_commits = 0;  // in a thousand: carry more than goes into the log itself
  size_t blobs = 0;          // in a thousand
};

class StoreWrites {
 public:
  StoreWrites(SimulatedRun& run, StoreModel& model, StoreReads& reads, WriteHabits habits)
      : run_(run), model_(model), reads_(reads), habits_(habits) {}

  // A commit that is drawn from the seed: one that changes something, nothing, or thinks better of
  // it. What its answer claims is checked; errors are the store's.
  Task<Result<void>> commit_something(StoreLife& life);

 private:
  struct Commit;
  class Draft;

  Task<Result<void>> decide(StoreLife& life, WriteView& view, Commit& commit);
  Task<Result<void>> take_step(Draft& draft, SeededRandom& random);
  Task<Result<void>> put_once(Draft& draft, SeededRandom& random);
  Task<Result<void>> erase_once(Draft& draft, SeededRandom& random);
  static Task<Result<void>> change_blob(Draft& draft, SeededRandom& random);
  std::string draw_value(const Draft& draft, SeededRandom& random) const;
  static bool has_declined(const Commit& commit, const Result<void>& answer);
  void check_answer(StoreLife& life, const Commit& commit, const Result<void>& answer);
  void complain(const StoreLife& life, const std::string& wrong);

  SimulatedRun& run_;
  StoreModel& model_;
  StoreReads& reads_;
  WriteHabits habits_;
};

}  // namespace couchlet
