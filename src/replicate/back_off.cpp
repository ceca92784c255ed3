#include "replicate/back_off.h"

#include <algorithm>

namespace couchlet {

int64_t BackOff::next_ms(int64_t asked_ms) {
  if (const int64_t wait = rule_ ? rule_(former_ms_) : kNoAnswer; wait >= 0) {
    former_ms_ = std::min(wait, kLongestAskedMs);
    return std::max(former_ms_, std::min(asked_ms, kLongestAskedMs));
  }
  const int64_t half = ceiling_ms_ / 2;
  const auto jitter = static_cast<int64_t>(random_.next() % static_cast<uint64_t>(half + 1));
  ceiling_ms_ = std::min(ceiling_ms_ * 2, kLongestMs);
  // The jitter comes on top of what was asked for: everybody was told the same time.
  return std::max(half + jitter, std::min(asked_ms, kLongestAskedMs) + (asked_ms > 0 ? jitter : 0));
}

}  // namespace couchlet
