// Alarm: a sleep that can be ended early.
//
// Where the clock's own sleep can't be called off it runs on in the background to its end; it keeps
// alive what it touches then and nothing else. The clock must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/completion.h"
#include "base/task.h"

namespace couchlet {

class Alarm {
 public:
  explicit Alarm(Clock& clock) : clock_(clock) {}

  // Resumes after `milliseconds` or at wake(). One sleeper at a time.
  Task<void> sleep(int64_t milliseconds) {
    auto nap = std::make_shared<Nap>();
    nap_ = nap;
    spawn(ring_later(clock_, milliseconds, nap));
    co_await nap->is_over;
  }

  // Ends the present sleep, if there is one.
  void wake() {
    const auto nap = std::exchange(nap_, nullptr);
    if (!nap) return;
    nap->end();
    if (const auto stop = std::exchange(nap->stop, nullptr)) stop();
  }

 private:
  struct Nap {
    Completion<bool> is_over;
    bool has_ended = false;
    std::function<void()> stop;  // the clock's sleep

    void end() {
      if (std::exchange(has_ended, true)) return;
      is_over.complete(true);
    }
  };

  static Task<void> ring_later(Clock& clock, int64_t milliseconds, std::shared_ptr<Nap> nap) {
    co_await clock.sleep(milliseconds, nap->stop);
    nap->stop = nullptr;
    nap->end();
  }

  Clock& clock_;
  std::shared_ptr<Nap> nap_;
};

}  // namespace couchlet
