// CheckpointWatch: looks at each checkpoint before it is written, on either side: everything at or
// before its sequence has to be in the target by then.
//
// A replica is read from a copy of its disk, in fair weather: what counts is what a crash would
// leave.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "remote_documents.h"
#include "replica_life.h"
#include "simulated_run.h"
#include "store/store.h"
#include "weather.h"

namespace couchlet {

enum class Direction { kPush, kPull };

class CheckpointWatch {
 public:
  CheckpointWatch(SimulatedRun& run, const RemoteDocuments& remote) : run_(run), remote_(remote) {}

  Task<void> look(const ReplicaLife& life, Direction direction, std::string checkpoint);

 private:
  Task<Result<void>> look_at(const ReplicaLife& life, Direction direction, uint64_t sequence);

  SimulatedRun& run_;
  const RemoteDocuments& remote_;
  Weather fair_ = fair_weather();
};

// A peer whose checkpoints are looked at.
template <typename Kind>
class WatchedPeer final : public Kind {
 public:
  using Look = std::function<Task<void>(std::string checkpoint)>;

  template <typename... Parts>
  explicit WatchedPeer(Look look, Parts&&... parts)
      : Kind(std::forward<Parts>(parts)...), look_(std::move(look)) {}

  Task<Result<std::string>> put_local(std::string id, std::string document) override {
    co_await look_(document);
    co_return co_await Kind::put_local(std::move(id), std::move(document));
  }

 private:
  Look look_;
};

}  // namespace couchlet
