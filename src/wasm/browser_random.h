// Random from crypto.getRandomValues, in pages of a few hundred bytes, as a call costs more than
// its bytes.
#pragma once

#include <array>
#include <cstddef>

#include "base/random.h"

namespace couchlet {

class BrowserRandom final : public Random {
 public:
  uint64_t next() override;

 private:
  std::array<uint64_t, 32> page_{};
  size_t left_ = 0;
};

}  // namespace couchlet
