// Turns: coroutines that wait for a test to say which of them goes on.
#pragma once

#include <coroutine>
#include <cstddef>
#include <vector>

namespace couchlet {

class Turns {
 public:
  // co_await turns.take(): waits for a turn.
  auto take() { return Awaiter{*this}; }

  size_t waiting() const { return waiting_.size(); }

  // REQUIRES: index < waiting(). 0 has waited longest.
  void give(size_t index) {
    const auto chosen = waiting_.begin() + static_cast<std::ptrdiff_t>(index);
    const std::coroutine_handle<> coroutine = *chosen;
    waiting_.erase(chosen);
    coroutine.resume();
  }

  // One after another until nobody waits any more.
  void give_all() {
    while (!waiting_.empty()) give(0);
  }

 private:
  struct Awaiter {
    Turns& turns;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) { turns.waiting_.push_back(coroutine); }
    void await_resume() const noexcept {}
  };

  std::vector<std::coroutine_handle<>> waiting_;
};

}  // namespace couchlet
