#include "store/log_follower.h"

#include <algorithm>
#include <string>
#include <utility>

#include "store/snapshot_gone.h"

namespace couchlet {
namespace {

// A flush of another context may come between the reading of the manifest and of the log; that it
// does so again and again means that something else is wrong.
constexpr int kMaxTries = 16;

Error log_is_gone() {
  return {410, "storage_lost", "The database was removed or replaced while it was open: reopen it"};
}

// The segments of the manifest and what came since, by key.
TablesRef all_segments(const Manifest& manifest, const Tables& tail_tables) {
  auto tables = std::make_shared<Tables>();
  for (const Segment& segment : manifest.segments) tables->push_back(segment.table);
  tables->insert(tables->end(), tail_tables.begin(), tail_tables.end());
  return tables;
}

}  // namespace

LogFollower::LogFollower(Medium& medium, TableCache& cache) : medium_(medium), cache_(cache) {}

Task<Result<LogFollower::News>> LogFollower::catch_up(std::optional<uint64_t> awaited_commit_id) {
  const uint64_t before = number();
  auto news = co_await follow(state_, awaited_commit_id, true);
  if (number() > before) snapshot_ = nullptr;
  if (!news.ok() && is_snapshot_gone(news.error())) {
    co_return co_await begin_again(awaited_commit_id);
  }
  co_return news;
}

Task<Result<LogFollower::News>> LogFollower::begin_again(
    std::optional<uint64_t> awaited_commit_id) {
  uint64_t missing = 0;
  for (int i = 0; i < kMaxTries; ++i) {
    State fresh;
    auto manifest = co_await read_manifest(medium_);
    if (!manifest.ok()) {
      if (!is_snapshot_gone(manifest.error())) co_return std::move(manifest).error();
      continue;
    }
    fresh.manifest = *std::move(manifest);
    fresh.number = fresh.manifest->flushed_through;
    fresh.segments = all_segments(*fresh.manifest, {});
    auto news = co_await follow(fresh, awaited_commit_id, false);
    if (!news.ok()) {
      if (!is_snapshot_gone(news.error())) co_return std::move(news).error();
      missing = fresh.number + 1;
      continue;
    }
    if (fresh.number < number()) co_return log_is_gone();
    news->records = fresh.number - number();
    state_ = std::move(fresh);
    snapshot_ = nullptr;
    co_return news;
  }
  co_return errors::corrupt("Log record " + std::to_string(missing) + " is missing");
}

Task<Result<LogFollower::News>> LogFollower::follow(State& state, std::optional<uint64_t> awaited,
                                                    bool stops_there) {
  News news;
  LogReader reader(medium_, state.number + 1);
  while (true) {
    CO_TRY_ASSIGN(const std::optional<LogRecord> record, co_await reader.next());
    if (!record) co_return news;
    if (record->number != state.number + 1) co_return snapshot_gone();
    ++news.records;
    if (record->is_void) {
      state.number = record->number;
      continue;
    }
    apply(state, record->entries, record->tables);
    if (record->commit_id == awaited) {
      news.awaited_came = true;
      if (stops_there) co_return news;
    }
  }
}

void LogFollower::apply_next(const std::vector<LogEntry>& entries, const Tables& tables) {
  apply(state_, entries, tables);
  snapshot_ = nullptr;
}

void LogFollower::apply(State& state, const std::vector<LogEntry>& entries, const Tables& tables) {
  const uint64_t number = state.number + 1;
  for (const LogEntry& entry : entries) {
    if (entry.kind == LogEntryKind::kErase) {
      state.memtable->erase(number, entry.key);
    } else {
      state.memtable->put(number, entry.key, entry.value);
    }
    state.tail_bytes += entry.key.size() + entry.value.size();
  }
  for (const TableRef& table : tables) {
    state.tail_tables.push_back(table);
    state.tail_bytes += table->bytes;
  }
  if (!tables.empty()) state.segments = all_segments(*state.manifest, state.tail_tables);
  state.number = number;  // from here on snapshots see it
}

void LogFollower::adopt(ManifestRef manifest) {
  if (manifest->flushed_through == number()) {
    state_.memtable = std::make_shared<Memtable>();
    state_.tail_tables.clear();
    state_.tail_bytes = 0;
  }
  state_.manifest = std::move(manifest);
  state_.segments = all_segments(*state_.manifest, state_.tail_tables);
  snapshot_ = nullptr;
}

SnapshotRef LogFollower::snapshot() {
  if (!snapshot_) {
    snapshot_ = std::make_shared<const Snapshot>(state_.number, state_.memtable, state_.manifest,
                                                 state_.segments, cache_);
    if (handed_out_.size() == handed_out_.capacity()) forget_unused();
    handed_out_.push_back(snapshot_);
  }
  return snapshot_;
}

void LogFollower::forget_unused() {
  std::erase_if(handed_out_, [](const auto& snapshot) { return snapshot.expired(); });
}

bool LogFollower::is_in_use(const ObsoleteRecords& records) {
  forget_unused();
  return std::any_of(handed_out_.begin(), handed_out_.end(), [&](const auto& handed_out) {
    const SnapshotRef snapshot = handed_out.lock();
    return snapshot && snapshot != snapshot_ && snapshot->needs(records);
  });
}

}  // namespace couchlet
