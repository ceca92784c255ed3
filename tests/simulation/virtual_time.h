// VirtualTime: the time of a simulated run. It stands still while code runs and moves on to the
// next event when all wait, so that an hour costs no more than what happens in it.
//
// Every coroutine that waits in a run waits here. Those whose time is the same are resumed in an
// order drawn from the seed. The wall clock, which is all that the engine can read, is apart from
// that: it may be moved at any time, forwards and backwards, and wakes nobody.
#pragma once

#include <coroutine>
#include <cstdint>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/seeded_random.h"
#include "base/task.h"

namespace couchlet {

class VirtualTime final : public Clock {
 public:
  explicit VirtualTime(SeededRandom& random) : random_(random) {}

  int64_t now_ms() override { return now_us_ / 1000 + wall_clock_ahead_ms_; }
  // At times wakes late, as a page in the background is woken.
  Task<void> sleep(int64_t milliseconds) override;

  // co_await time.wait(microseconds)
  auto wait(int64_t microseconds) { return Awaiter{*this, microseconds}; }

  // Resumes whoever is next. False: nobody waits.
  bool resume_next();

  void move_wall_clock(int64_t milliseconds) { wall_clock_ahead_ms_ += milliseconds; }

  int64_t now_us() const { return now_us_; }  // since the run began

 private:
  struct Awaiter {
    VirtualTime& time;
    int64_t microseconds;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) { time.add(coroutine, microseconds); }
    void await_resume() const noexcept {}
  };

  void add(std::coroutine_handle<> coroutine, int64_t microseconds);

  using Place = std::pair<int64_t, uint64_t>;  // time, and the order of those with the same time

  SeededRandom& random_;
  std::multimap<Place, std::coroutine_handle<>> events_;
  int64_t now_us_ = 0;
  int64_t wall_clock_ahead_ms_ = 1'700'000'000'000;
};

}  // namespace couchlet
