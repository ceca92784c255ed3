#include "replicate/back_off.h"

#include <algorithm>

namespace couchlet {

int64_t BackOff::next_ms(int64_t asked_ms) {
  if (rule_) {
    former_ms_ = std::clamp<int64_t>(rule_(former_ms_), 0, kLongestAskedMs);
    return std::max(former_ms_, std::min(asked_ms, kLongestAskedMs));
  }
  const int64_t half = ceiling_ms_ / 2;
  const auto jitter = static_cast<int64_t>(random_.next() % static_cast<uint64_t>(half + 1));
  ceiling_ms_ = std::min(ceiling_ms_ * 2, kLongestMs);
  // The jitter comes on top of what was asked for: everybody was told the same time.
  return std::max(half + jitter, std::min(asked_ms, kLongestAskedMs) + (asked_ms > 0 ? jitter : 0));
}

}  // namespace couchlet
