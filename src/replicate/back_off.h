// BackOff: how long to wait before a failed connection is tried again.
//
// The n-th wait is drawn evenly from half of kFirstMs * 2^n to the whole of it, at most kLongestMs:
// short enough that a server's restart goes unnoticed, long enough that a phone in a tunnel sleeps,
// and random so that a thousand browsers don't come back to a restarted server in the same moment.
// What a server has asked for (Retry-After) is waited at the least, up to kLongestAskedMs.
//
// An app can have a rule of its own, which makes of each wait the next one, of 0 the first
// (PouchDB's back_off_function). Where it has no answer, less than 0, the wait is as without it.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/random.h"

namespace couchlet {

class BackOff {
 public:
  static constexpr int64_t kFirstMs = 1000;
  static constexpr int64_t kLongestMs = 2 * 60 * 1000;  // what wakes it earlier: Replicator::wake()
  static constexpr int64_t kLongestAskedMs = 60 * 60 * 1000;

  static constexpr int64_t kNoAnswer = -1;

  using Rule = std::function<int64_t(int64_t former_ms)>;

  explicit BackOff(Random& random, Rule rule = nullptr) : random_(random), rule_(std::move(rule)) {}

  // The next wait, in milliseconds.
  int64_t next_ms(int64_t asked_ms);

  // The connection works again.
  void reset() {
    ceiling_ms_ = kFirstMs;
    former_ms_ = 0;
  }

 private:
  Random& random_;
  Rule rule_;
  int64_t ceiling_ms_ = kFirstMs;
  int64_t former_ms_ = 0;  // by the rule
};

}  // namespace couchlet
