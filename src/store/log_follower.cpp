#include "store/log_follower.h"

#include <string>

namespace couchlet {

LogFollower::LogFollower(Medium& medium)
    : medium_(medium), memtable_(std::make_shared<Memtable>()) {}

Task<Result<LogFollower::News>> LogFollower::catch_up(std::optional<uint64_t> awaited_commit_id) {
  News news;
  LogReader reader(medium_, number_ + 1);
  while (true) {
    CO_TRY_ASSIGN(const std::optional<LogRecord> record, co_await reader.next());
    if (!record) co_return news;
    CO_TRY(check_is_next(*record));
    apply_next(record->entries);
    ++news.records;
    if (record->commit_id == awaited_commit_id) {
      news.awaited_came = true;
      co_return news;
    }
  }
}

Result<void> LogFollower::check_is_next(const LogRecord& record) const {
  if (record.number == number_ + 1) return {};
  // The log has been cut off at its beginning: another context has flushed its memtable and deleted
  // the records. This is where the manifest will be loaded again and the log followed from there;
  // as long as there are no runs, nobody may have deleted them.
  return errors::corrupt("Log records " + std::to_string(number_ + 1) + " to " +
                         std::to_string(record.number - 1) + " are missing");
}

void LogFollower::apply_next(const std::vector<LogEntry>& entries) {
  const uint64_t number = number_ + 1;
  for (const LogEntry& entry : entries) {
    if (entry.kind == LogEntryKind::kErase) {
      memtable_->erase(number, entry.key);
    } else {
      memtable_->put(number, entry.key, entry.value);
    }
  }
  number_ = number;  // from here on snapshots see it
}

SnapshotRef LogFollower::snapshot() const {
  return std::make_shared<const Snapshot>(number_, memtable_);
}

}  // namespace couchlet
