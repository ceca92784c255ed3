// Runs a task that has nothing to wait for, and gives what it returns.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/task.h"
#include "base/value_task.h"

namespace couchlet {

namespace run_task_detail {

template <typename T>
Task<void> keep(Task<T> task, std::optional<T>& out) {
  out.emplace(co_await std::move(task));
}

}  // namespace run_task_detail

template <typename T>
T run_task(Task<T> task) {
  std::optional<T> result;
  spawn(run_task_detail::keep(std::move(task), result));
  if (!result) {
    std::fputs("run_task: the task waits for something\n", stderr);
    std::abort();
  }
  return *std::move(result);
}

template <typename T>
T run_task(ValueTask<T> task) {
  return run_task(
      [](ValueTask<T> awaited) -> Task<T> { co_return co_await awaited; }(std::move(task)));
}

}  // namespace couchlet
