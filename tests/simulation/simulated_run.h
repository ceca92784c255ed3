// SimulatedRun: what one run is made of besides the engine: its seed, from which everything that
// happens in it follows; its time; its first failure; what it has done, in lines and in counts.
//
// A run repeats exactly, so the lines are only kept where they are wanted: a run that fails is
// repeated for them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/seeded_random.h"
#include "virtual_time.h"

namespace couchlet {

class SimulatedRun {
 public:
  // Of the lines the last `kept_lines` are kept.
  explicit SimulatedRun(uint64_t seed, size_t kept_lines = 0)
      : random(seed), kept_lines_(kept_lines) {}
  SimulatedRun(const SimulatedRun&) = delete;
  SimulatedRun& operator=(const SimulatedRun&) = delete;

  bool chance(size_t per_mille) { return random.below(1000) < per_mille; }
  // first <= the number <= last
  size_t between(size_t first, size_t last) { return first + random.below(last - first + 1); }

  // Something that must not be has been seen. The run stops as soon as it waits; what has been seen
  // first is what is told.
  void fail(std::string what);
  bool has_failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

  // A line about what happens, made of texts and numbers.
  template <typename... Parts>
  void note(const Parts&... parts) {
    if (kept_lines_ == 0) return;
    std::string line;
    (append(line, parts), ...);
    keep(std::move(line));
  }
  const std::deque<std::string>& lines() const { return lines_; }

  void count(std::string_view what, uint64_t times = 1);
  const std::map<std::string, uint64_t, std::less<>>& counts() const { return counts_; }

  SeededRandom random;
  VirtualTime time{random};

 private:
  static void append(std::string& line, std::string_view text) { line += text; }
  template <typename Number>
    requires std::is_integral_v<Number>
  static void append(std::string& line, Number number) {
    line += std::to_string(number);
  }
  void keep(std::string line);

  size_t kept_lines_;
  std::deque<std::string> lines_;
  std::string failure_;
  std::map<std::string, uint64_t, std::less<>> counts_;
};

}  // namespace couchlet
