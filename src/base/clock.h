// Time, as the engine sees it. Real in the module, virtual in simulation.
#pragma once

#include <cstdint>
#include <functional>

#include "base/task.h"

namespace couchlet {

class Clock {
 public:
  virtual ~Clock() = default;

  // Milliseconds since 1970-01-01T00:00:00Z by the wall clock. May jump, also backwards.
  virtual int64_t now_ms() = 0;

  // Resumes after about `milliseconds`; never fails. A wake-up may be late (background tabs).
  virtual Task<void> sleep(int64_t milliseconds) = 0;

  // The same, which `stop`, if it has been set meanwhile, ends at once: a timer that nobody needs
  // any more keeps a process of Node alive. `stop` must stay where it is until then.
  virtual Task<void> sleep(int64_t milliseconds, std::function<void()>& /*stop*/) {
    return sleep(milliseconds);
  }
};

}  // namespace couchlet
