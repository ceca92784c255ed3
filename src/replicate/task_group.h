// TaskGroup: tasks that run side by side and are waited for together.
//
//   TaskGroup stages;
//   stages.spawn(read_changes());
//   stages.spawn(write_documents());
//   co_await stages.join();
//
// The group must outlive its tasks: join() before it goes. join() is called once.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/completion.h"
#include "base/task.h"

namespace couchlet {

class TaskGroup {
 public:
  void spawn(Task<void> task) {
    ++state_->running;
    couchlet::spawn(run(std::move(task), state_));
  }

  Task<void> join() {
    // The state outlives the group, which the resumed caller may destroy while the last task is
    // still on the stack below.
    const auto state = state_;
    while (state->running > 0) co_await state->one_ended;
  }

 private:
  struct State {
    size_t running = 0;
    Event one_ended;
  };

  static Task<void> run(Task<void> task, std::shared_ptr<State> state) {
    co_await task;
    --state->running;
    state->one_ended.signal();
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Puts what the task gives into `outcome`, which must outlive it.
template <typename T>
Task<void> store(Task<T> task, T& outcome) {
  outcome = co_await task;
}

}  // namespace couchlet
