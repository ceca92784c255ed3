#include "store/value_scan.h"

#include <algorithm>
#include <utility>

namespace couchlet {
namespace {

// Read at once: what a page can wait for without a pause that is felt.
constexpr uint64_t kRequestBytes = 512 * 1024;

using Values = std::vector<std::optional<std::string>>;

class ValueScan {
 public:
  ValueScan(const Snapshot& snapshot, const std::vector<std::string>& keys)
      : snapshot_(snapshot), cache_(snapshot.cache()), keys_(keys), values_(keys.size()) {}

  Task<Values> run() {
    for (size_t i = 0; i < keys_.size(); ++i) co_await locate(i);
    std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
      return std::pair(a.where.table->area, a.where.first_record()) <
             std::pair(b.where.table->area, b.where.first_record());
    });
    uint64_t all_bytes = 0;
    for (size_t i = 0; i < places_.size(); ++i) {
      if (i == 0 || !is_same_block(places_[i - 1], places_[i]))
        all_bytes += places_[i].where.bytes();
    }
    const bool keep = all_bytes <= cache_.capacity_bytes() / 2;
    for (size_t i = 0; i < places_.size();) i = co_await read_some(i, keep);
    co_return std::move(values_);
  }

 private:
  // Where the value of a key would be.
  struct Place {
    TableCache::Wanted where;
    size_t key = 0;
  };

  static bool is_same_block(const Place& a, const Place& b) {
    return a.where.table == b.where.table && a.where.block == b.where.block;
  }

  Task<void> locate(size_t i) {
    const std::string& key = keys_[i];
    if (const auto entry = snapshot_.find_in_memtable(key)) {
      if (!entry->is_erased) values_[i] = entry->value;
      co_return;
    }
    if (co_await may_be_in_runs(key)) co_return;
    TableRef table = find_table(snapshot_.segments(), key);
    if (!table) co_return;
    Result<IndexRef> index = co_await cache_.load_index(*table);
    if (!index.ok()) co_return;
    const size_t block = (*index)->find_block(key);
    places_.push_back({{std::move(table), *std::move(index), block}, i});
  }

  // Erased, most likely.
  Task<bool> may_be_in_runs(const std::string& key) {
    for (const Run& run : snapshot_.manifest().runs) {
      const TableRef table = find_table(*run.tables, key);
      if (!table) continue;
      const Result<IndexRef> index = co_await cache_.load_index(*table);
      if (!index.ok() || (*index)->may_have(key)) co_return true;
    }
    co_return false;
  }

  // The blocks from the place `first` on, as many as make a request. Gives the place behind them.
  Task<size_t> read_some(size_t first, bool keep) {
    std::vector<TableCache::Wanted> wanted;
    uint64_t bytes = 0;
    size_t end = first;
    for (; end < places_.size(); ++end) {
      if (end > first && is_same_block(places_[end - 1], places_[end])) continue;
      const TableCache::Wanted& where = places_[end].where;
      if (!wanted.empty() && (bytes + where.bytes() > kRequestBytes ||
                              where.table->area != wanted.front().table->area)) {
        break;
      }
      bytes += where.bytes();
      wanted.push_back(where);
    }
    const std::vector<BlockRef> blocks = co_await cache_.load_together(std::move(wanted), keep);
    size_t block = 0;
    for (size_t i = first; i < end; ++i) {
      if (i > first && !is_same_block(places_[i - 1], places_[i])) ++block;
      if (blocks[block]) find(*blocks[block], places_[i].key);
    }
    co_return end;
  }

  void find(const Block& block, size_t i) {
    Block::Iterator at(block);
    at.seek(keys_[i]);
    if (at.valid() && at.key() == keys_[i] && !at.is_erased()) values_[i] = at.value();
  }

  const Snapshot& snapshot_;
  TableCache& cache_;
  const std::vector<std::string>& keys_;
  Values values_;
  std::vector<Place> places_;
};

}  // namespace

Task<Values> read_values(SnapshotRef snapshot, std::vector<std::string> keys) {
  ValueScan scan(*snapshot, keys);
  co_return co_await scan.run();
}

}  // namespace couchlet
