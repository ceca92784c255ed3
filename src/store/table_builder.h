// TableBuilder: makes a table (table_format.h) of entries that come in ascending order.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "store/block.h"
#include "store/key_filter.h"
#include "store/table_format.h"

namespace couchlet {

// A table without its place: `info` has no area and no first record yet.
struct BuiltTable {
  TableInfo info;
  std::vector<std::string> records;
};

class TableBuilder {
 public:
  // A filter is worth its bytes where keys are looked for that aren't there.
  enum class Filter { kNone, kOfAllKeys };

  explicit TableBuilder(Filter filter) : filters_(filter) {}

  // REQUIRES: keys ascend.
  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);

  bool empty() const { return info_.entry_count == 0; }
  size_t bytes() const { return static_cast<size_t>(info_.bytes) + block_.bytes(); }
  const std::string& last_key() const { return info_.last_key; }

  // REQUIRES: not empty. The builder begins another.
  BuiltTable finish();

 private:
  void add_key(std::string_view key);
  void finish_full_block();
  void finish_block();
  void append(std::string bytes);

  Filter filters_;
  TableInfo info_;
  std::vector<std::string> records_;
  BlockBuilder block_;
  KeyFilterBuilder filter_;
  std::string index_;        // the blocks' entries
  std::string indexed_key_;  // the last of them
  size_t block_count_ = 0;
};

}  // namespace couchlet
