// ValueCache: entries that were looked up one by one in tables whose blocks are not kept. Where a
// database is larger than the cache of its blocks, a page comes back to documents and not to
// blocks: their entries take a thirtieth of the room.
//
// An entry belongs to a table, which never changes, so it is never out of date.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/table_format.h"

namespace couchlet {

class ValueCache {
 public:
  struct Entry {
    std::string place;  // the table and the key
    std::string value;
    bool is_erased = false;
  };

  explicit ValueCache(size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  size_t used_bytes() const { return used_bytes_; }

  // Null if it is not here. Good until something is kept.
  const Entry* find(const TableInfo& table, std::string_view key);
  void keep(const TableInfo& table, std::string_view key, bool is_erased, std::string_view value);

 private:
  static size_t bytes_of(const Entry& entry);

  const size_t capacity_bytes_;
  size_t used_bytes_ = 0;
  std::list<Entry> entries_;  // used most recently first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_place_;
};

}  // namespace couchlet
