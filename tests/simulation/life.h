// Life: one context of a fleet, from its opening to its end: it is closed, or it crashes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "simulated_medium.h"

namespace couchlet {

class Life {
 public:
  explicit Life(std::shared_ptr<Connection> its_connection)
      : connection(std::move(its_connection)) {}
  virtual ~Life() = default;

  // Closes what it has open.
  virtual Task<Result<void>> close() = 0;

  // From then on nobody looks at what it says (see SimulatedMedium).
  bool has_crashed() const { return connection->is_cut(); }
  bool is_over() const { return is_closing || has_crashed(); }
  const std::string& name() const { return connection->name(); }

  const std::shared_ptr<Connection> connection;
  size_t workers = 0;  // that have not ended
  bool is_closing = false;
  Event changed;  // one of these
};

}  // namespace couchlet
