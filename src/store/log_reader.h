// LogReader: reads the log (log_format.h), record by record in ascending order.
//
//   LogReader reader(medium, first);
//   while (true) {
//     CO_TRY_ASSIGN(std::optional<LogRecord> record, co_await reader.next());
//     if (!record) break;  // the end of the log
//     …
//   }
//
// A record is handed out checked to its last byte, or not at all. Errors name the record: 500
// corrupt_data; 500 unsupported_format for one that another version of couchlet has written; and
// the medium's own. snapshot_gone() where parts are missing: the record has just been removed.
// Whether numbers are missing is for the caller to see: the log may begin anywhere. A void record
// is handed out as such, as it takes a number.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/log_format.h"
#include "store/medium.h"
#include "store/table_format.h"

namespace couchlet {

struct LogRecord {
  uint64_t number = 0;
  uint64_t commit_id = 0;
  bool is_void = false;  // then there are neither tables nor entries
  Tables tables;
  std::vector<LogEntry> entries;             // they point into `bytes`
  std::unique_ptr<const std::string> bytes;  // on the heap, where a move leaves it
};

class LogReader {
 public:
  // The medium must outlive the reader.
  LogReader(Medium& medium, uint64_t first) : medium_(medium), next_number_(first) {}

  // The next record; none at the end. REQUIRES: no error and no end before.
  Task<Result<std::optional<LogRecord>>> next();

 private:
  Medium& medium_;
  uint64_t next_number_;
  std::vector<Record> ahead_;  // read, not yet handed out
  size_t ahead_at_ = 0;
  bool has_read_to_the_end_ = false;
};

}  // namespace couchlet
