// ValueTask<T>: what a call gives that mostly has its answer at once, and sometimes has to wait for
// it: a T, or the Task<T> that will make it. Awaiting the first kind costs nothing, where a Task
// would be a coroutine frame for each entry of a scan.
//
//   ValueTask<Result<void>> next() {
//     if (move_within_block()) return Result<void>();
//     return move_to_next_block();  // a Task<Result<void>>
//   }
//
// Awaited once, by the expression that it comes from.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>
#include <variant>

#include "base/task.h"

namespace couchlet {

template <typename T>
class [[nodiscard]] ValueTask {
 public:
  ValueTask(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  ValueTask(Task<T> task) : state_(std::in_place_index<1>, std::move(task)) {}  // NOLINT
  ValueTask(const ValueTask&) = delete;
  ValueTask(ValueTask&&) = default;

  bool await_ready() const noexcept { return state_.index() == 0; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    task_.emplace(std::get_if<1>(&state_)->operator co_await());
    return task_->await_suspend(awaiter);
  }
  T await_resume() { return task_ ? task_->await_resume() : std::move(*std::get_if<0>(&state_)); }

 private:
  using TaskAwaiter = decltype(std::declval<Task<T>&>().operator co_await());

  std::variant<T, Task<T>> state_;
  std::optional<TaskAwaiter> task_;
};

}  // namespace couchlet
