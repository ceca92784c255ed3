// StoreLife: one context of the store's fleet, from its opening to its end: closed, or crashed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/completion.h"
#include "base/result.h"
#include "simulated_medium.h"
#include "store/store.h"
#include "store_model.h"

namespace couchlet {

struct StoreLife {
  std::shared_ptr<Connection> connection;
  std::unique_ptr<Store> store;
  StoreModel::Token seen = 0;  // the newest state that it has seen: it can't go back from there

  size_t workers = 0;  // that have not ended
  bool is_closing = false;
  Event changed;  // either of them, or it has crashed

  bool has_crashed() const { return connection->is_cut(); }
  const std::string& name() const { return connection->name(); }
};

// Whether an operation may end with this error in such weather: what the medium says, passed on.
inline bool is_to_be_expected(const Error& error, const Weather& weather, const StoreLife& life) {
  if (life.is_closing && error.status == 412) return true;
  if (error.name == "insufficient_storage") return weather.is_disk_small;
  if (error.name == "connection_lost") return weather.losing > 0;
  return weather.has_faults() && (error.name == "io_error" || error.name == "outcome_unknown");
}

}  // namespace couchlet
