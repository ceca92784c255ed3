// LogWriter: makes the log record of one commit (log_format.h).
//
//   LogWriter writer;
//   writer.put("a", "1");
//   writer.erase("b");
//   CO_TRY_ASSIGN(MediumBatch batch, writer.finish(commit_id, number));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/log_format.h"
#include "store/medium.h"

namespace couchlet {

class LogWriter {
 public:
  explicit LogWriter(size_t max_parts = kMaxLogParts) : max_parts_(max_parts) {}

  // REQUIRES: `key` is greater than the one before.
  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);

  // The batch that appends the record as `number`. Errors: 413 too_large.
  Result<MediumBatch> finish(uint64_t commit_id, uint64_t number) const;

 private:
  size_t max_parts_;
  uint64_t entry_count_ = 0;
  std::string entries_;
};

}  // namespace couchlet
