// A clock that stands still until the test moves it. In the end it wakes who still sleeps, so that
// coroutines which outlive what they belong to notice that, and end.
#pragma once

#include <cstdint>
#include <map>

#include "base/clock.h"
#include "base/completion.h"

namespace couchlet {

class ManualClock : public Clock {
 public:
  ~ManualClock() { advance(60'000); }

  int64_t now_ms() override { return now_; }

  Task<void> sleep(int64_t milliseconds) override {
    Completion<bool> over;
    sleepers_.emplace(now_ + milliseconds, &over);
    co_await over;
  }

  // Wakes sleepers in the order of their time, those that begin to sleep meanwhile included.
  void advance(int64_t milliseconds) {
    const int64_t end = now_ + milliseconds;
    while (!sleepers_.empty() && sleepers_.begin()->first <= end) {
      auto sleeper = sleepers_.extract(sleepers_.begin());
      now_ = sleeper.key();
      sleeper.mapped()->complete(true);
    }
    now_ = end;
  }

 private:
  int64_t now_ = 1'000'000;
  std::multimap<int64_t, Completion<bool>*> sleepers_;
};

}  // namespace couchlet
