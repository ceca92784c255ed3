#include "store/value_cache.h"

#include <utility>

#include "base/bytes.h"

namespace couchlet {
namespace {

// What the list, the map and two strings take beside the bytes.
constexpr size_t kOverheadBytes = 96;

std::string place_of(const TableInfo& table, std::string_view key) {
  std::string place(1, static_cast<char>(table.area));
  put_u64be(place, table.first_record);
  place.append(key);
  return place;
}

}  // namespace

const ValueCache::Entry* ValueCache::find(const TableInfo& table, std::string_view key) {
  if (entries_.empty()) return nullptr;
  const auto found = by_place_.find(place_of(table, key));
  if (found == by_place_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &*found->second;
}

void ValueCache::keep(const TableInfo& table, std::string_view key, bool is_erased,
                      std::string_view value) {
  Entry entry{place_of(table, key), std::string(value), is_erased};
  const size_t bytes = bytes_of(entry);
  if (bytes > capacity_bytes_ / 16 || by_place_.contains(entry.place)) return;
  used_bytes_ += bytes;
  entries_.push_front(std::move(entry));
  by_place_[entries_.front().place] = entries_.begin();
  while (used_bytes_ > capacity_bytes_) {
    used_bytes_ -= bytes_of(entries_.back());
    by_place_.erase(entries_.back().place);
    entries_.pop_back();
  }
}

size_t ValueCache::bytes_of(const Entry& entry) {
  return entry.place.size() + entry.value.size() + kOverheadBytes;
}

}  // namespace couchlet
