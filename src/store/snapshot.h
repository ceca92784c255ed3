// Snapshot: the state of the store after one commit. Whoever holds it keeps what it needs alive.
//
// A commit only adds versions to the memtable, so a snapshot is the memtable and a number. Sorted
// runs will be further layers under it, immutable as well.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "store/entry_iterator.h"
#include "store/memtable.h"

namespace couchlet {

class Snapshot {
 public:
  Snapshot(uint64_t commit_number, std::shared_ptr<const Memtable> memtable)
      : commit_number_(commit_number), memtable_(std::move(memtable)) {}

  // The number of the last log record that is in it; 0: none.
  uint64_t commit_number() const { return commit_number_; }

  // The entry of `key`, which may say that it is erased.
  std::optional<Memtable::Entry> find(std::string_view key) const {
    return memtable_->find(commit_number_, key);
  }

  // Appends an iterator over each layer, the newest first. The snapshot must outlive them.
  void append_layers(std::vector<std::unique_ptr<EntryIterator>>& layers) const {
    layers.push_back(memtable_->iterate(commit_number_));
  }

 private:
  uint64_t commit_number_;
  std::shared_ptr<const Memtable> memtable_;
};

}  // namespace couchlet
