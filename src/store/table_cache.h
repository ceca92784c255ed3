// TableCache: the blocks and indexes of tables that are in memory, up to a limit in bytes; what was
// used least recently goes first. Blocks that were read one after another are read several at once.
//
// What it hands out stays good for as long as it is held, in the cache or not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/block.h"
#include "store/medium.h"
#include "store/snapshot_gone.h"
#include "store/table_format.h"
#include "store/table_index.h"
#include "store/value_cache.h"

namespace couchlet {

using BlockRef = std::shared_ptr<const Block>;
using IndexRef = std::shared_ptr<const TableIndex>;

class TableCache {
 public:
  // The medium must outlive the cache.
  TableCache(Medium& medium, size_t capacity_bytes);

  // From here on nothing is loaded: 412 precondition_failed.
  void close() { is_closed_ = true; }

  // Null if it is not in memory.
  IndexRef find_index(const TableInfo& table);
  BlockRef find_block(const TableInfo& table, const TableIndex& index, size_t block);

  // From memory or from the medium. `table` must outlive the task. Errors: snapshot_gone();
  // 500 corrupt_data, which names the keys that are lost; the medium's own.
  Task<Result<IndexRef>> load_index(const TableInfo& table);
  Task<Result<BlockRef>> load_block(const TableInfo& table, IndexRef index, size_t block);

  // One of several blocks to be read.
  struct Wanted {
    TableRef table;
    IndexRef index;
    size_t block = 0;

    uint64_t first_record() const { return table->first_record + index->first_record(block); }
    uint64_t bytes() const { return index->block_bytes(block); }
  };
  // Blocks in one request; of one that can't be read null. They are kept in the cache only if
  // `keep`. REQUIRES: they are of one area, ascend, and each comes once.
  Task<std::vector<BlockRef>> load_together(std::vector<Wanted> wanted, bool keep);

  size_t capacity_bytes() const { return capacity_bytes_; }

  // Single entries, in a quarter of the room.
  ValueCache& values() { return values_; }
  size_t used_bytes() const { return used_bytes_; }

 private:
  struct Item {
    uint64_t key = 0;
    BlockRef block;  // or
    IndexRef index;
    size_t bytes = 0;
  };
  // Blocks of a table that were missed one after another.
  struct Streak {
    uint64_t table_key = UINT64_MAX;
    size_t next_block = 0;
    size_t length = 0;
  };

  Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last);
  const Item* find(uint64_t key);
  void insert(Item item);
  size_t blocks_to_read(const TableInfo& table, const TableIndex& index, size_t block);

  Medium& medium_;
  const size_t capacity_bytes_;
  ValueCache values_;
  bool is_closed_ = false;
  size_t used_bytes_ = 0;
  std::list<Item> items_;  // used most recently first
  std::unordered_map<uint64_t, std::list<Item>::iterator> by_key_;
  std::array<Streak, 8> streaks_;
  size_t next_streak_ = 0;
};

}  // namespace couchlet
