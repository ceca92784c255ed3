// Write-once keys (StoreOptions::write_once_prefix): their values are kept in segments, which are
// never merged with anything.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/log_format.h"
#include "store/table_builder.h"

namespace couchlet {

class WriteOnceKeys {
 public:
  explicit WriteOnceKeys(char prefix) : prefix_(prefix) {}

  bool contain(std::string_view key) const {
    return prefix_ != '\0' && !key.empty() && key.front() == prefix_;
  }

 private:
  char prefix_;
};

// Segments are cut at this size: what is rewritten at once when garbage is collected.
inline constexpr size_t kSegmentBytes = 2 * 1024 * 1024;

// A commit whose write-once values are as large as this writes them as segments itself: below, a
// record a commit and a flush for many commits cost less.
inline constexpr size_t kLargeCommitBytes = 128 * 1024;

// Where a commit is large, its write-once values as tables, and `entries` without them. `segments`
// are those that there are: where a key is not after them all, nothing is done, as the ranges of
// segments must not meet.
std::vector<BuiltTable> take_large_values(WriteOnceKeys keys, const Tables& segments,
                                          std::vector<LogEntry>& entries);

}  // namespace couchlet
