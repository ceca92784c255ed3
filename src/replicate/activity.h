// Activity: tells the app when a replication goes from working to waiting and back, once for each
// change.
//
// Waiting because of an error ends with the first answer that comes, so that an app that is offline
// for a day hears of it once and not at every attempt.
#pragma once

#include <optional>

#include "base/result.h"
#include "replicate/replicator.h"

namespace couchlet {

class Activity {
 public:
  explicit Activity(const ReplicationEvents& events) : events_(events) {}

  // There is work.
  void work() {
    if (state_ == State::kWorking) return;
    state_ = State::kWorking;
    error_.reset();
    if (events_.active) events_.active();
  }

  // The source answers: what was wrong is over.
  void recover() {
    if (error_) work();
  }

  // All is done for now, or nothing can be because of `error`.
  void pause(const std::optional<Error>& error) {
    if (state_ == State::kPaused && is_same(error_, error)) return;
    state_ = State::kPaused;
    error_ = error;
    if (events_.paused) events_.paused(error);
  }

 private:
  enum class State { kNew, kWorking, kPaused };

  // The reason doesn't count: it names the request that happened to fail.
  static bool is_same(const std::optional<Error>& a, const std::optional<Error>& b) {
    if (!a || !b) return !a && !b;
    return a->status == b->status && a->name == b->name;
  }

  const ReplicationEvents& events_;
  State state_ = State::kNew;
  std::optional<Error> error_;
};

}  // namespace couchlet
