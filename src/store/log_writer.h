// LogWriter: makes the log record of one commit (log_format.h).
//
//   LogWriter writer(number, commit_id);
//   Tables placed = writer.add_tables(std::move(tables));
//   writer.add({LogEntryKind::kPut, "a", "1"});
//   writer.add({LogEntryKind::kErase, "b"});
//   CO_TRY_ASSIGN(MediumBatch batch, writer.finish());
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "store/log_format.h"
#include "store/medium.h"
#include "store/table_builder.h"

namespace couchlet {

class LogWriter {
 public:
  // For the record `number`.
  LogWriter(uint64_t number, uint64_t commit_id, size_t max_parts = kMaxLogParts);

  // The tables of the commit, before any entry; no call is as good as none. Gives them as the log
  // names them.
  Tables add_tables(std::vector<BuiltTable> tables);
  // REQUIRES: the key is greater than the one before.
  void add(const LogEntry& entry);

  // The batch that appends the record. The writer is used up. Errors: 413 too_large.
  Result<MediumBatch> finish();

 private:
  const uint64_t number_;
  const size_t max_parts_;
  bool has_tables_ = false;
  uint64_t next_table_record_;
  FrameWriter frame_;
  MediumBatch batch_;
};

}  // namespace couchlet
