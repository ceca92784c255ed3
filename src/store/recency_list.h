// RecencyList: values under numbers, each with a size, in the order in which they were last used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>

namespace couchlet {

template <typename Value>
class RecencyList {
 public:
  // Null if it is not here; else it is now the one used last. Good until it is dropped.
  const Value* find(uint64_t number) {
    const auto found = by_number_.find(number);
    if (found == by_number_.end()) return nullptr;
    items_.splice(items_.begin(), items_, found->second);
    return &found->second->value;
  }

  bool contains(uint64_t number) const { return by_number_.contains(number); }

  // REQUIRES: there is none under `number`.
  void insert(uint64_t number, Value value, size_t bytes) {
    items_.push_front({number, bytes, std::move(value)});
    by_number_[number] = items_.begin();
    bytes_ += bytes;
  }

  // The one that was not used for longest. REQUIRES: !empty()
  void drop_last() {
    bytes_ -= items_.back().bytes;
    by_number_.erase(items_.back().number);
    items_.pop_back();
  }

  bool empty() const { return items_.empty(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Item {
    uint64_t number;
    size_t bytes;
    Value value;
  };

  std::list<Item> items_;
  std::unordered_map<uint64_t, typename std::list<Item>::iterator> by_number_;
  size_t bytes_ = 0;
};

}  // namespace couchlet
