#include "store/run_iterator.h"

#include <algorithm>
#include <utility>

namespace couchlet {

RunIterator::RunIterator(TableCache& cache, TablesRef tables, std::string from_key)
    : cache_(cache), tables_(std::move(tables)), from_key_(std::move(from_key)) {}

void RunIterator::seek(std::string_view key) {
  target_ = std::max<std::string_view>(key, from_key_);
  const auto found = std::partition_point(
      tables_->begin(), tables_->end(),
      [this](const TableRef& candidate) { return candidate->last_key < target_; });
  begin(Movement::kSeek, static_cast<size_t>(found - tables_->begin()));
}

void RunIterator::seek_back(std::string_view key) {
  target_ = key;
  const auto after = std::partition_point(
      tables_->begin(), tables_->end(),
      [this](const TableRef& candidate) { return candidate->first_key <= target_; });
  if (after == tables_->begin() || target_ < from_key_) return end();
  begin(Movement::kSeekBack, static_cast<size_t>(after - tables_->begin()) - 1);
}

void RunIterator::next() {
  at_->next();
  settle();
}

void RunIterator::previous() {
  at_->previous();
  if (!at_->valid() && !at_->is_corrupt()) return go_to_previous_block();
  settle();
}

void RunIterator::begin(Movement movement, size_t table) {
  if (table >= tables_->size()) return end();
  if (!index_ || table != table_) index_ = cache_.find_index(*(*tables_)[table]);
  table_ = table;
  movement_ = movement;
  block_number_.reset();
  if (index_) use_index(index_);
}

// Finds the block, now that the index is here, and goes on if that is in memory too.
void RunIterator::use_index(IndexRef index) {
  index_ = std::move(index);
  if (!block_number_) {
    const size_t last = index_->block_count() - 1;
    switch (movement_) {
      case Movement::kToLast:
        block_number_ = last;
        break;
      case Movement::kToFirst:
      case Movement::kNone:
        block_number_ = 0;
        break;
      default:
        block_number_ = std::min(index_->find_block(target_), last);
    }
  }
  block_ = nullptr;
  if (BlockRef cached = cache_.find_block(table(), *index_, *block_number_)) use_block(cached);
}

void RunIterator::use_block(BlockRef block) {
  block_ = std::move(block);
  at_.emplace(*block_);
  switch (std::exchange(movement_, Movement::kNone)) {
    case Movement::kSeek:
      at_->seek(target_);
      break;
    case Movement::kSeekBack:
      at_->seek_back(target_);
      if (!at_->valid() && !at_->is_corrupt()) return go_to_previous_block();
      break;
    case Movement::kToLast:
      at_->seek_to_last();
      break;
    default:
      at_->seek_to_first();
  }
  settle();
}

// After a movement in a block: over its end, or before what the run still has?
void RunIterator::settle() {
  if (at_->is_corrupt()) return;
  if (!at_->valid()) return go_to_next_block();
  if (at_->key() < from_key_) end();  // only on the way back
}

void RunIterator::go_to_next_block() {
  const size_t next = *block_number_ + 1;
  if (next == index_->block_count()) return begin(Movement::kToFirst, table_ + 1);
  movement_ = Movement::kToFirst;
  block_number_ = next;
  use_index(index_);
}

void RunIterator::go_to_previous_block() {
  if (*block_number_ == 0) {
    return table_ == 0 ? end() : begin(Movement::kToLast, table_ - 1);
  }
  movement_ = Movement::kToLast;
  block_number_ = *block_number_ - 1;
  use_index(index_);
}

void RunIterator::end() {
  movement_ = Movement::kNone;
  block_ = nullptr;
  at_.reset();
}

Task<Result<void>> RunIterator::load() {
  while (movement_ != Movement::kNone) {
    if (!index_) {
      CO_TRY_ASSIGN(IndexRef index, co_await cache_.load_index(table()));
      use_index(std::move(index));
    } else {
      CO_TRY_ASSIGN(BlockRef block, co_await cache_.load_block(table(), index_, *block_number_));
      use_block(std::move(block));
    }
  }
  if (is_corrupt()) co_return errors::corrupt("An entry of a block is malformed.");
  co_return Result<void>();
}

}  // namespace couchlet
