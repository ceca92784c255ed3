// Clock on Date.now and setTimeout.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"

namespace couchlet {

class BrowserClock final : public Clock {
 public:
  int64_t now_ms() override;
  Task<void> sleep(int64_t milliseconds) override;
  Task<void> sleep(int64_t milliseconds, std::function<void()>& stop) override;
};

}  // namespace couchlet
