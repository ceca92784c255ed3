// StoreLife: a context that has a store open.
#pragma once

#include <memory>
#include <utility>

#include "life.h"
#include "store/store.h"
#include "store_model.h"

namespace couchlet {

class StoreLife final : public Life {
 public:
  StoreLife(std::shared_ptr<Connection> its_connection, std::unique_ptr<Store> its_store)
      : Life(std::move(its_connection)), store(std::move(its_store)) {}

  Task<Result<void>> close() override { return store->close(); }

  // It knows this state; it can't go back from there.
  void note_seen(const StoreModel& model, StoreModel::Token state) {
    if (model.version(state) > model.version(seen)) seen = state;
  }

  const std::unique_ptr<Store> store;
  StoreModel::Token seen = 0;
};

}  // namespace couchlet
