// The index of a table: which of its blocks a key would be in, and whether it may be there at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/key_filter.h"
#include "store/table_format.h"

namespace couchlet {

struct IndexEntry {
  uint64_t bytes = 0;  // of the block
  std::string last_key;
};

// The text of an index, piece by piece (table_format.h).
void append_index_entry(std::string& out, std::string_view key_before, const IndexEntry& entry);
std::string encode_table_index(std::string_view filter, size_t block_count,
                               std::string_view entries);

class TableIndex {
 public:
  // Of the table `info`, or an error 500 corrupt_data, in which it is called `name`.
  static Result<std::shared_ptr<const TableIndex>> parse(const TableInfo& info,
                                                         std::string_view bytes,
                                                         std::string_view name);

  size_t block_count() const { return entries_.size(); }
  bool has_filter() const { return !filter_.empty(); }  // a segment's has none
  bool may_have(std::string_view key) const { return may_contain(filter_, key); }

  // The first block with a last key >= `key`; block_count() if there is none.
  size_t find_block(std::string_view key) const;

  uint64_t block_bytes(size_t block) const { return entries_[block].bytes; }
  // Counted from the table's first.
  uint64_t first_record(size_t block) const { return first_records_[block]; }
  const std::string& last_key(size_t block) const { return entries_[block].last_key; }

  size_t memory_bytes() const { return memory_bytes_; }

 private:
  std::string filter_;
  std::vector<IndexEntry> entries_;
  std::vector<uint64_t> first_records_;
  size_t memory_bytes_ = 0;
};

}  // namespace couchlet
