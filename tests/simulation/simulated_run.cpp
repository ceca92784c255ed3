#include "simulated_run.h"

#include <utility>

namespace couchlet {

void SimulatedRun::fail(std::string what) {
  if (has_failed()) return;
  note("FAILED: ", what);
  failure_ = std::move(what);
}

void SimulatedRun::keep(std::string line) {
  std::string stamp = std::to_string(time.now_us());
  stamp.insert(0, stamp.size() < 11 ? 11 - stamp.size() : 0, ' ');
  lines_.push_back(stamp + " us  " + line);
  if (lines_.size() > kept_lines_) lines_.pop_front();
}

void SimulatedRun::count(std::string_view what, uint64_t times) {
  const auto found = counts_.find(what);
  if (found == counts_.end()) {
    counts_.emplace(what, times);
  } else {
    found->second += times;
  }
}

}  // namespace couchlet
