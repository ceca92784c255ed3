// LogFollower: what this context knows of the log. It applies commits, each whole, in the order of
// their numbers, without a gap, and hands out snapshots of the state after the last of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/log_reader.h"
#include "store/medium.h"
#include "store/memtable.h"
#include "store/snapshot.h"
#include "store/store.h"

namespace couchlet {

class LogFollower {
 public:
  // The medium must outlive the follower.
  explicit LogFollower(Medium& medium);

  // What catch_up() came across.
  struct News {
    uint64_t records = 0;       // that were applied
    bool awaited_came = false;  // the commit with the id asked for is one of them
  };

  // Applies what has been added to the log, all of it or up to the commit that is awaited. On an
  // error it has applied what came before it.
  Task<Result<News>> catch_up(std::optional<uint64_t> awaited_commit_id = std::nullopt);

  // Applies what the medium has taken as log record number() + 1.
  void apply_next(const std::vector<LogEntry>& entries);

  // The last record that was applied; 0: none.
  uint64_t number() const { return number_; }
  SnapshotRef snapshot() const;

 private:
  Result<void> check_is_next(const LogRecord& record) const;

  Medium& medium_;
  std::shared_ptr<Memtable> memtable_;
  uint64_t number_ = 0;
};

}  // namespace couchlet
