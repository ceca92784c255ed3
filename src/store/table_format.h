// Table: an immutable ordered file of entries, in neighbouring records of one area.
//
//   the blocks (block.h), each cut into as many records as it needs | the index, cut likewise
//   index: magic u8 = 0xB2 | crc32c u32le of all that follows |
//          filter length varint | filter (key_filter.h) | block count varint | a block's entry …
//   block's entry: its length in bytes varint | shared varint | last key of the block: length of
//          its unshared end varint | that end
//
// A table knows neither its place nor its first key: who names it (the manifest, or the log record
// of a large commit) says where it is, as a TableInfo.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/medium.h"

namespace couchlet {

struct TableInfo {
  Area area = Area::kBlocks;
  uint64_t first_record = 0;
  uint64_t record_count = 0;   // the index's included
  uint64_t index_records = 0;  // the last of them
  uint64_t bytes = 0;
  uint64_t entry_count = 0;
  std::string first_key;
  std::string last_key;

  uint64_t last_record() const { return first_record + record_count - 1; }
  uint64_t first_index_record() const { return first_record + record_count - index_records; }

  bool operator==(const TableInfo&) const = default;
};

using TableRef = std::shared_ptr<const TableInfo>;
// Key ranges that ascend and do not meet.
using Tables = std::vector<TableRef>;
using TablesRef = std::shared_ptr<const Tables>;

// The table whose key range `key` falls into; null if there is none.
TableRef find_table(const Tables& tables, std::string_view key);

// How the manifest and the log name a table (manifest.h).
void append_table_info(std::string& out, const TableInfo& table);
// False where the bytes are none that append_table_info() can have written.
[[nodiscard]] bool get_table_info(std::string_view& in, TableRef& table);
[[nodiscard]] bool get_table_area(std::string_view& in, Area& area);

// Records that a block, or an index, of so many bytes is cut into.
inline constexpr uint64_t records_for(uint64_t bytes) {
  return (bytes + kMaxRecordBytes - 1) / kMaxRecordBytes;
}

}  // namespace couchlet
