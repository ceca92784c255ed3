// StoreFleet: a fleet at the level of the Store, checked against a StoreModel.
#pragma once

#include <memory>

#include "fleet.h"
#include "store_life.h"
#include "store_model.h"
#include "store_reads.h"
#include "store_writes.h"

namespace couchlet {

class StoreFleet final : public Fleet {
 public:
  explicit StoreFleet(SimulatedRun& run);

 protected:
  Task<Result<LifePtr>> open(std::shared_ptr<Connection> connection, size_t tab) override;
  Task<Result<void>> work(Life& life) override;
  Task<Result<void>> compact(Life& life) override;
  Task<Result<void>> see_all(Life& life) override;
  void check_disk() override;
  void check_compacted(Life& by) override;

 private:
  Task<Result<void>> try_to_work(StoreLife& life);
  Task<Result<void>> catch_up(StoreLife& life);
  bool is_worth_another_try(const StoreLife& life, const Result<void>& result, int tries);

  StoreModel model_;
  WriteHabits habits_;
  StoreReads reads_;
  StoreWrites writes_;
};

}  // namespace couchlet
