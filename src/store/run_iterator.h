// RunIterator: walks the tables of one sorted run, reading blocks as it comes to them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "store/block.h"
#include "store/entry_iterator.h"
#include "store/table_cache.h"

namespace couchlet {

class RunIterator final : public EntryIterator {
 public:
  // Of the run it sees the keys from `from_key` on: a merge has carried away those before
  // (manifest.h). The cache must outlive the iterator.
  RunIterator(TableCache& cache, TablesRef tables, std::string from_key);

  void seek(std::string_view key) override;
  void seek_back(std::string_view key) override;
  void next() override;
  void previous() override;

  // A malformed entry is told of by load() as well.
  bool is_ready() const override { return movement_ == Movement::kNone && !is_corrupt(); }
  Task<Result<void>> load() override;

  bool valid() const override { return block_ && at_->valid(); }
  std::string_view key() const override { return at_->key(); }
  bool is_erased() const override { return at_->is_erased(); }
  std::string_view value() const override { return at_->value(); }

 private:
  // What is still to be done, in the table and block at hand, once they are in memory.
  enum class Movement { kNone, kSeek, kSeekBack, kToFirst, kToLast };

  void begin(Movement movement, size_t table);
  void use_index(IndexRef index);
  void use_block(BlockRef block);
  void settle();
  void go_to_next_block();
  void go_to_previous_block();
  void end();
  bool is_corrupt() const { return at_ && at_->is_corrupt(); }

  const TableInfo& table() const { return *(*tables_)[table_]; }

  TableCache& cache_;
  TablesRef tables_;
  const std::string from_key_;

  Movement movement_ = Movement::kNone;
  std::string target_;  // of a seek
  size_t table_ = 0;
  IndexRef index_;                      // of the table; null: to be loaded
  std::optional<size_t> block_number_;  // none: follows from the movement and the index
  BlockRef block_;                      // null: to be loaded, or the walk has ended
  std::optional<Block::Iterator> at_;
};

}  // namespace couchlet
