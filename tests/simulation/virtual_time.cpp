#include "virtual_time.h"

namespace couchlet {

namespace {

constexpr int64_t kMinuteUs = 60'000'000;

}  // namespace

Task<void> VirtualTime::sleep(int64_t milliseconds) {
  int64_t late_us = static_cast<int64_t>(random_.below(1000));
  if (random_.below(20) == 0) late_us += static_cast<int64_t>(random_.below(kMinuteUs));
  co_await wait(milliseconds * 1000 + late_us);
}

bool VirtualTime::resume_next() {
  if (events_.empty()) return false;
  const auto next = events_.extract(events_.begin());
  now_us_ = next.key().first;
  next.mapped().resume();
  return true;
}

void VirtualTime::add(std::coroutine_handle<> coroutine, int64_t microseconds) {
  events_.emplace(Place(now_us_ + microseconds, random_.next()), coroutine);
}

}  // namespace couchlet
