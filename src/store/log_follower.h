// LogFollower: what this context knows of the store: a manifest, and the log from there on. It
// applies commits, each whole, in the order of their numbers, without a gap, and hands out
// snapshots of the state after the last of them. A void record changes nothing but the number.
//
// The log record up to which everything has been flushed is not deleted before the next flush. So a
// follower that is behind sees a record that isn't the next one, and never an empty log; it then
// begins again, with the newest manifest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/log_reader.h"
#include "store/manifest.h"
#include "store/medium.h"
#include "store/memtable.h"
#include "store/snapshot.h"
#include "store/store.h"
#include "store/table_cache.h"

namespace couchlet {

class LogFollower {
 public:
  // Both must outlive the follower, and the snapshots that it hands out.
  LogFollower(Medium& medium, TableCache& cache);

  // What catch_up() came across.
  struct News {
    uint64_t records = 0;       // that were applied, void ones too
    bool awaited_came = false;  // the commit with the id asked for is one of them
  };

  // Applies what has been added to the log, all of it or up to the commit that is awaited. On an
  // error it has applied what came before it.
  Task<Result<News>> catch_up(std::optional<uint64_t> awaited_commit_id = std::nullopt);

  // Reads the manifest again, and the log from there on. On an error nothing has changed. Errors,
  // beside those of reading: 410 storage_lost where what is there now ends before what was known.
  Task<Result<News>> begin_again(std::optional<uint64_t> awaited_commit_id = std::nullopt);

  // Applies what the medium has taken as log record number() + 1.
  void apply_next(const std::vector<LogEntry>& entries, const Tables& tables);

  // Goes on with the manifest that this context has just committed.
  void adopt(ManifestRef manifest);

  // The last record that was applied; 0: none.
  uint64_t number() const { return state_.number; }
  const ManifestRef& manifest() const { return state_.manifest; }
  const Memtable& memtable() const { return *state_.memtable; }
  const Tables& tail_tables() const { return state_.tail_tables; }
  uint64_t tail_bytes() const { return state_.tail_bytes; }
  SnapshotRef snapshot();

  // Whether a snapshot that somebody holds needs them.
  bool is_in_use(const ObsoleteRecords& records);

 private:
  struct State {
    ManifestRef manifest = std::make_shared<const Manifest>();
    uint64_t number = 0;
    std::shared_ptr<Memtable> memtable = std::make_shared<Memtable>();
    Tables tail_tables;       // that came with the log since the manifest
    uint64_t tail_bytes = 0;  // of log records and their tables since the manifest
    TablesRef segments = std::make_shared<const Tables>();  // the manifest's and the tail's
  };

  static void apply(State& state, const std::vector<LogEntry>& entries, const Tables& tables);
  void forget_unused();
  Task<Result<News>> follow(State& state, std::optional<uint64_t> awaited, bool stops_there);

  Medium& medium_;
  TableCache& cache_;
  State state_;
  SnapshotRef snapshot_;  // of the state; null: to be made
  std::vector<std::weak_ptr<const Snapshot>> handed_out_;
};

}  // namespace couchlet
