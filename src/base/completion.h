// Completion<T>: the bridge from callbacks to coroutines. One side awaits, the other completes, in
// any order, exactly once each.
//
//   Completion<Result<std::string>> done;
//   start_request([&](auto answer) { done.complete(std::move(answer)); });
//   auto answer = co_await done;
//
// The Completion must outlive both sides: it usually lives in the waiting coroutine's frame.
//
// Event: many waiters, woken together each time it is signalled (a level change is kept by the
// caller: wait in a loop that looks at the state). Waiters are resumed in the order in which they
// came.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>
#include <vector>

namespace couchlet {

template <typename T>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  void complete(T value) {
    value_.emplace(std::move(value));
    if (auto waiter = std::exchange(waiter_, nullptr)) waiter.resume();
  }

  bool await_ready() const noexcept { return value_.has_value(); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
  T await_resume() { return std::move(*value_); }

 private:
  std::optional<T> value_;
  std::coroutine_handle<> waiter_;
};

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Wakes all that wait now. A waiter may wait again, or signal, from inside.
  void signal() {
    std::vector<std::coroutine_handle<>> woken;
    woken.swap(waiters_);
    for (auto waiter : woken) waiter.resume();
  }

  auto operator co_await() noexcept { return Awaiter{*this}; }

 private:
  struct Awaiter {
    Event& event;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) { event.waiters_.push_back(waiter); }
    void await_resume() const noexcept {}
  };

  std::vector<std::coroutine_handle<>> waiters_;
};

}  // namespace couchlet
