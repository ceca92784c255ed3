// PointLookup: finds the entry of one key in a snapshot, layer by layer, the newest first.
//
//   PointLookup lookup(snapshot, key);
//   while (!lookup.step()) CO_TRY(co_await lookup.load());
//   lookup.value()
//
// step() goes as far as it gets with what is in memory, so that mostly nothing has to be waited
// for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "base/value_task.h"
#include "store/snapshot.h"
#include "store/store.h"

namespace couchlet {

class PointLookup {
 public:
  // The snapshot must outlive it.
  PointLookup(const Snapshot& snapshot, std::string_view key);

  // True: it has come to its end. False: load() first, then again.
  bool step();
  Task<Result<void>> load();

  // REQUIRES: step() has returned true. None: the key isn't there. Good until the lookup ends.
  std::optional<std::string_view> value() const { return value_; }

 private:
  bool step_in_table();
  void go_to_next_layer();
  void search_block();

  const Snapshot* snapshot_;
  const std::string key_;
  size_t layer_ = 0;                  // a run, or behind the last the segments
  const TableInfo* table_ = nullptr;  // the one in the layer that may have the key
  bool is_found_ = false;
  IndexRef index_;
  BlockRef block_;
  std::optional<std::string_view> value_;
  bool is_corrupt_ = false;
  bool is_block_loaded_ = false;  // from the medium: it may soon be gone from memory again
};

// The value of `key`, none where it isn't there.
ValueTask<Result<std::optional<std::string>>> get_value(SnapshotRef snapshot, std::string_view key);

}  // namespace couchlet
