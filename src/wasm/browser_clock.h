// Clock on Date.now and setTimeout.
#pragma once

#include "base/clock.h"

namespace couchlet {

class BrowserClock final : public Clock {
 public:
  int64_t now_ms() override;
  Task<void> sleep(int64_t milliseconds) override;
};

}  // namespace couchlet
