#include "store/table_cache.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace couchlet {
namespace {

// Read at once at the most: a scan is then bound by JSON and not by requests.
constexpr size_t kMaxReadAheadBytes = 256 * 1024;

// As neighbours count the blocks that would be in one request if a table were cut into requests:
// then none is read twice.
constexpr size_t kNeighbours = 16;

// Of the room, for blocks of segments in any case: a page may well go through neighbouring values.
constexpr size_t kLeastPartOfSegments = 8;

// A record's number is unique in its area, and has bits to spare.
uint64_t cache_key(const TableInfo& table, uint64_t record) {
  return (table.first_record + record) * kAreaCount + static_cast<uint64_t>(table.area);
}

uint64_t index_key(const TableInfo& table) {
  return cache_key(table, table.record_count - table.index_records);
}

uint64_t block_key(const TableInfo& table, const TableIndex& index, size_t block) {
  return cache_key(table, index.first_record(block));
}

std::string printable(std::string_view key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : key.substr(0, 64)) {
    if (c >= ' ' && c <= '~') {
      text.push_back(c);
    } else {
      const auto byte = static_cast<uint8_t>(c);
      text.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return text;
}

std::string name_of_index(const TableInfo& table) {
  return "The index of table " + std::to_string(table.first_record) + " (keys '" +
         printable(table.first_key) + "' to '" + printable(table.last_key) + "')";
}

std::string name_of_block(const TableInfo& table, const TableIndex& index, size_t block) {
  const std::string& first = block == 0 ? table.first_key : index.last_key(block - 1);
  return "Block " + std::to_string(block) + " of table " + std::to_string(table.first_record) +
         (block == 0 ? " (keys from '" : " (keys after '") + printable(first) + "' to '" +
         printable(index.last_key(block)) + "')";
}

// The bytes of the records with the numbers `first` and up; none where one is missing.
std::optional<std::string> join(std::vector<Record>& records, size_t at, uint64_t first,
                                uint64_t count) {
  if (at + count > records.size()) return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    if (records[at + i].number != first + i) return std::nullopt;
  }
  std::string joined = std::move(records[at].bytes);
  for (size_t i = 1; i < count; ++i) joined.append(records[at + i].bytes);
  return joined;
}

}  // namespace

TableCache::TableCache(Medium& medium, size_t capacity_bytes)
    : medium_(medium), capacity_bytes_(capacity_bytes), values_(capacity_bytes / 4) {}

void TableCache::insert(Items& items, uint64_t key, Item item, size_t bytes) {
  if (bytes > capacity_bytes_ / 2 || items.contains(key)) return;
  items.insert(key, std::move(item), bytes);
  while (used_bytes() > capacity_bytes_ && !(runs_.empty() && segments_.empty())) {
    const bool is_much = segments_.bytes() > capacity_bytes_ / kLeastPartOfSegments;
    (is_much || runs_.empty() ? segments_ : runs_).drop_last();
  }
}

Task<Result<std::vector<Record>>> TableCache::read(Area area, uint64_t first, uint64_t last) {
  if (is_closed_) co_return Error{412, "precondition_failed", "database is closed"};
  co_return co_await medium_.read(area, first, last, 0);
}

IndexRef TableCache::find_index(const TableInfo& table) {
  const Item* item = runs_.find(index_key(table));
  return item != nullptr ? item->index : nullptr;
}

BlockRef TableCache::find_block(const TableInfo& table, const TableIndex& index, size_t block) {
  const Item* item = items_of(index).find(block_key(table, index, block));
  return item != nullptr ? item->block : nullptr;
}

Task<Result<IndexRef>> TableCache::load_index(const TableInfo& table) {
  if (IndexRef cached = find_index(table)) co_return cached;
  const uint64_t key = index_key(table);
  if (const auto reading = find_reading(key)) {
    co_await *reading;
    if (IndexRef cached = find_index(table)) co_return cached;
  }
  std::vector<uint64_t> keys = {key};
  const auto ended = begin_reading(keys);
  Result<IndexRef> index = co_await read_index(table);
  end_reading(keys, *ended);
  co_return index;
}

Task<Result<IndexRef>> TableCache::read_index(const TableInfo& table) {
  const uint64_t first = table.first_index_record();
  CO_TRY_ASSIGN(std::vector<Record> records, co_await read(table.area, first, table.last_record()));
  const std::optional<std::string> bytes = join(records, 0, first, table.index_records);
  if (!bytes) co_return snapshot_gone();
  CO_TRY_ASSIGN(IndexRef index, TableIndex::parse(table, *bytes, name_of_index(table)));
  insert(runs_, index_key(table), {nullptr, index}, index->memory_bytes());
  co_return index;
}

Task<Result<BlockRef>> TableCache::load_block(const TableInfo& table, IndexRef index, size_t block,
                                              Neighbours neighbours) {
  if (BlockRef cached = find_block(table, *index, block)) co_return cached;
  if (const auto reading = find_reading(block_key(table, *index, block))) {
    co_await *reading;
    if (BlockRef cached = find_block(table, *index, block)) co_return cached;
  }
  const BlockRange range = range_to_read(table, *index, block, neighbours);
  std::vector<uint64_t> keys;
  for (size_t i = range.first; i < range.end; ++i) keys.push_back(block_key(table, *index, i));
  const auto ended = begin_reading(keys);
  Result<BlockRef> wanted = co_await read_blocks(table, std::move(index), block, range);
  end_reading(keys, *ended);
  co_return wanted;
}

Task<Result<BlockRef>> TableCache::read_blocks(const TableInfo& table, IndexRef index, size_t block,
                                               BlockRange range) {
  const uint64_t first = table.first_record + index->first_record(range.first);
  const uint64_t last = table.first_record + index->first_record(range.end - 1) +
                        records_for(index->block_bytes(range.end - 1)) - 1;
  CO_TRY_ASSIGN(std::vector<Record> records, co_await read(table.area, first, last));

  Result<BlockRef> wanted = snapshot_gone();
  size_t at = 0;
  for (size_t i = range.first; i < range.end; ++i) {
    const uint64_t count = records_for(index->block_bytes(i));
    std::optional<std::string> bytes =
        join(records, at, table.first_record + index->first_record(i), count);
    if (!bytes) break;
    at += static_cast<size_t>(count);
    Result<BlockRef> parsed = Block::parse(*std::move(bytes), name_of_block(table, *index, i));
    if (parsed.ok()) {
      insert(items_of(*index), block_key(table, *index, i), {*parsed, nullptr},
             (*parsed)->memory_bytes());
    }
    if (i == block) wanted = std::move(parsed);
  }
  co_return wanted;
}

std::shared_ptr<Event> TableCache::find_reading(uint64_t key) const {
  const auto found = being_read_.find(key);
  return found != being_read_.end() ? found->second : nullptr;
}

// Of `keys` leaves those that nobody else reads.
std::shared_ptr<Event> TableCache::begin_reading(std::vector<uint64_t>& keys) {
  auto ended = std::make_shared<Event>();
  std::erase_if(keys, [&](uint64_t key) { return !being_read_.try_emplace(key, ended).second; });
  return ended;
}

void TableCache::end_reading(const std::vector<uint64_t>& keys, Event& ended) {
  for (const uint64_t key : keys) being_read_.erase(key);
  ended.signal();
}

TableCache::BlockRange TableCache::range_to_read(const TableInfo& table, const TableIndex& index,
                                                 size_t block, Neighbours neighbours) {
  if (neighbours == Neighbours::kWanted) {
    const BlockRange around = range_around(table, index, block);
    if (around.end - around.first > 1) return around;
  }
  return {block, block + blocks_to_read(table, index, block)};
}

// The block and its neighbours up to the next ones that are in memory, if there is room for them.
TableCache::BlockRange TableCache::range_around(const TableInfo& table, const TableIndex& index,
                                                size_t block) {
  const size_t first = block / kNeighbours * kNeighbours;
  const size_t end = std::min(first + kNeighbours, index.block_count());
  const size_t kept = runs_.bytes() + values_.used_bytes() + capacity_bytes_ / kLeastPartOfSegments;
  const size_t room = capacity_bytes_ - std::min(capacity_bytes_, kept);
  uint64_t bytes_left = std::min<uint64_t>(kMaxReadAheadBytes, room / 2);
  const auto take = [&](size_t i) {
    if (index.block_bytes(i) > bytes_left) return false;
    if (items_of(index).contains(block_key(table, index, i))) return false;
    bytes_left -= index.block_bytes(i);
    return true;
  };
  BlockRange range{block, block};
  while (range.end < end && take(range.end)) ++range.end;
  if (range.end == block) return {block, block + 1};
  while (range.first > first && take(range.first - 1)) --range.first;
  return range;
}

// One, and more and more where each block that was missed came right after those read before.
size_t TableCache::blocks_to_read(const TableInfo& table, const TableIndex& index, size_t block) {
  const uint64_t key = cache_key(table, 0);
  auto streak = std::find_if(streaks_.begin(), streaks_.end(),
                             [key](const Streak& known) { return known.table_key == key; });
  if (streak == streaks_.end()) {
    streak = streaks_.begin() + static_cast<std::ptrdiff_t>(next_streak_++ % streaks_.size());
    *streak = {key, block, 0};
  }
  streak->length = streak->next_block == block ? streak->length + 1 : 1;
  const size_t most = size_t{1} << std::min<size_t>(streak->length - 1, 6);
  const uint64_t most_bytes = std::min(kMaxReadAheadBytes, capacity_bytes_ / 8);

  size_t count = 1;
  uint64_t bytes = index.block_bytes(block);
  while (count < most && block + count < index.block_count()) {
    bytes += index.block_bytes(block + count);
    if (bytes > most_bytes) break;
    ++count;
  }
  streak->next_block = block + count;
  return count;
}

Task<std::vector<BlockRef>> TableCache::load_together(std::vector<Wanted> wanted, bool keep) {
  std::vector<BlockRef> blocks(wanted.size());
  std::vector<RecordRange> ranges;
  for (size_t i = 0; i < wanted.size(); ++i) {
    blocks[i] = find_block(*wanted[i].table, *wanted[i].index, wanted[i].block);
    if (blocks[i]) continue;
    const uint64_t first = wanted[i].first_record();
    const uint64_t last = first + records_for(wanted[i].bytes()) - 1;
    if (!ranges.empty() && ranges.back().last + 1 == first) {
      ranges.back().last = last;
    } else {
      ranges.push_back({first, last});
    }
  }
  if (ranges.empty() || is_closed_) co_return blocks;
  Result<std::vector<Record>> records =
      co_await medium_.read_ranges(wanted.front().table->area, std::move(ranges));
  if (!records.ok()) co_return blocks;

  size_t at = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (blocks[i]) continue;
    const auto& [table, index, block] = wanted[i];
    while (at < records->size() && (*records)[at].number < wanted[i].first_record()) ++at;
    auto bytes = join(*records, at, wanted[i].first_record(), records_for(wanted[i].bytes()));
    if (!bytes) continue;
    Result<BlockRef> parsed = Block::parse(*std::move(bytes), name_of_block(*table, *index, block));
    if (!parsed.ok()) continue;
    blocks[i] = *parsed;
    if (!keep) continue;
    insert(items_of(*index), block_key(*table, *index, block), {*parsed, nullptr},
           (*parsed)->memory_bytes());
  }
  co_return blocks;
}

}  // namespace couchlet
