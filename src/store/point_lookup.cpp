#include "store/point_lookup.h"

#include <utility>

namespace couchlet {
namespace {

Result<std::optional<std::string>> answer(const PointLookup& lookup) {
  if (!lookup.value()) return std::optional<std::string>();
  return std::optional<std::string>(*lookup.value());
}

// The snapshot is held while the lookup looks into it.
Task<Result<std::optional<std::string>>> finish(SnapshotRef, PointLookup lookup) {
  while (!lookup.step()) CO_TRY(co_await lookup.load());
  co_return answer(lookup);
}

}  // namespace

PointLookup::PointLookup(const Snapshot& snapshot, std::string_view key)
    : snapshot_(&snapshot), key_(key) {
  if (const auto entry = snapshot.find_in_memtable(key)) {
    is_found_ = true;
    if (!entry->is_erased) value_ = entry->value;
  } else {
    layer_ = SIZE_MAX;
    go_to_next_layer();
  }
}

// To the next one with a table that may have the key.
void PointLookup::go_to_next_layer() {
  const std::vector<Run>& runs = snapshot_->manifest().runs;
  table_ = nullptr;
  index_ = nullptr;
  is_block_loaded_ = false;
  while (table_ == nullptr && ++layer_ <= runs.size()) {
    if (layer_ == runs.size()) {
      table_ = find_table(snapshot_->segments(), key_).get();
    } else if (key_ >= runs[layer_].from_key) {
      table_ = find_table(*runs[layer_].tables, key_).get();
    }
  }
}

bool PointLookup::step() {
  while (!is_found_ && table_ != nullptr) {
    if (!step_in_table()) return false;
    if (!is_found_) go_to_next_layer();
  }
  return true;
}

// False: what is needed next is not in memory.
bool PointLookup::step_in_table() {
  TableCache& cache = snapshot_->cache();
  if (!index_) index_ = cache.find_index(*table_);
  if (!index_) return false;
  if (!index_->may_have(key_)) return true;
  if (const ValueCache::Entry* kept = block_ ? nullptr : cache.values().find(*table_, key_)) {
    is_found_ = true;
    if (!kept->is_erased) value_ = kept->value;
    return true;
  }
  if (!block_) block_ = cache.find_block(*table_, *index_, index_->find_block(key_));
  if (!block_) return false;
  search_block();
  return !is_corrupt_;
}

void PointLookup::search_block() {
  Block::Iterator at(*block_);
  at.seek(key_);
  is_corrupt_ = at.is_corrupt();
  is_found_ = at.valid() && at.key() == key_;
  if (is_found_ && !at.is_erased()) value_ = at.value();
  // What a block of a segment is in memory for is seldom the one entry that was asked for.
  const bool is_in_segment = layer_ == snapshot_->manifest().runs.size();
  if (is_found_ && (is_block_loaded_ || is_in_segment) && !snapshot_->fits_into_cache()) {
    snapshot_->cache().values().keep(*table_, key_, at.is_erased(), at.value());
  }
  if (!is_found_) block_ = nullptr;  // else it holds the value
}

Task<Result<void>> PointLookup::load() {
  TableCache& cache = snapshot_->cache();
  if (is_corrupt_) co_return errors::corrupt("An entry of a block is malformed.");
  if (!index_) {
    CO_TRY_ASSIGN(index_, co_await cache.load_index(*table_));
  } else {
    using Neighbours = TableCache::Neighbours;
    const bool is_in_run = layer_ < snapshot_->manifest().runs.size();
    const auto neighbours =
        is_in_run || snapshot_->fits_into_cache() ? Neighbours::kWanted : Neighbours::kNotWanted;
    CO_TRY_ASSIGN(block_,
                  co_await cache.load_block(*table_, index_, index_->find_block(key_), neighbours));
    is_block_loaded_ = true;
  }
  co_return Result<void>();
}

ValueTask<Result<std::optional<std::string>>> get_value(SnapshotRef snapshot,
                                                        std::string_view key) {
  PointLookup lookup(*snapshot, key);
  if (lookup.step()) return answer(lookup);
  return finish(std::move(snapshot), std::move(lookup));
}

}  // namespace couchlet
