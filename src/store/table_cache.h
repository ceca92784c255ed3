// TableCache: the blocks and indexes of tables that are in memory, up to a limit in bytes.
//
// What was used least recently goes first, and blocks of segments, but for an eighth of the room,
// before blocks of runs: an entry of a run is thirty times as near to the next one that is asked
// for, as it takes a few dozen bytes and a value of a segment hundreds.
//
// Several blocks are read at once where they were read one after another before, or where those
// around the wanted one are likely to be wanted as well and there is room for them. What is being
// read is not read a second time: who comes later waits for it.
//
// What it hands out stays good for as long as it is held, in the cache or not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "store/block.h"
#include "store/medium.h"
#include "store/recency_list.h"
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
  enum class Neighbours { kNotWanted, kWanted };  // those around a block
  Task<Result<BlockRef>> load_block(const TableInfo& table, IndexRef index, size_t block,
                                    Neighbours neighbours = Neighbours::kNotWanted);

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
  size_t used_bytes() const { return runs_.bytes() + segments_.bytes() + values_.used_bytes(); }

  // Single entries, in a quarter of the room at the most.
  ValueCache& values() { return values_; }

 private:
  struct Item {
    BlockRef block;  // or
    IndexRef index;
  };
  using Items = RecencyList<Item>;

  // Blocks of a table that were missed one after another.
  struct Streak {
    uint64_t table_key = UINT64_MAX;
    size_t next_block = 0;
    size_t length = 0;
  };
  struct BlockRange {
    size_t first = 0;
    size_t end = 0;
  };

  Items& items_of(const TableIndex& index) { return index.has_filter() ? runs_ : segments_; }
  void insert(Items& items, uint64_t key, Item item, size_t bytes);

  Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last);
  Task<Result<IndexRef>> read_index(const TableInfo& table);
  Task<Result<BlockRef>> read_blocks(const TableInfo& table, IndexRef index, size_t block,
                                     BlockRange range);
  BlockRange range_to_read(const TableInfo& table, const TableIndex& index, size_t block,
                           Neighbours neighbours);
  BlockRange range_around(const TableInfo& table, const TableIndex& index, size_t block);
  size_t blocks_to_read(const TableInfo& table, const TableIndex& index, size_t block);

  std::shared_ptr<Event> find_reading(uint64_t key) const;
  std::shared_ptr<Event> begin_reading(std::vector<uint64_t>& keys);
  void end_reading(const std::vector<uint64_t>& keys, Event& ended);

  Medium& medium_;
  const size_t capacity_bytes_;
  ValueCache values_;
  bool is_closed_ = false;
  Items runs_;      // their blocks, and the indexes of all tables
  Items segments_;  // their blocks
  std::unordered_map<uint64_t, std::shared_ptr<Event>> being_read_;
  std::array<Streak, 8> streaks_;
  size_t next_streak_ = 0;
};

}  // namespace couchlet
