// A task that has been started and may still wait for something; what it returned, once it has.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/task.h"

namespace couchlet {

template <typename T>
class StartedTask {
 public:
  explicit StartedTask(Task<T> task) { spawn(keep(std::move(task), result_)); }

  bool is_done() const { return result_->has_value(); }
  const T& result() const { return result_->value(); }  // REQUIRES: is_done()

 private:
  static Task<void> keep(Task<T> task, std::shared_ptr<std::optional<T>> result) {
    *result = co_await std::move(task);
  }

  std::shared_ptr<std::optional<T>> result_ = std::make_shared<std::optional<T>>();
};

}  // namespace couchlet
