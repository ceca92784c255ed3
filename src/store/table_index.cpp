#include "store/table_index.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/varint.h"

namespace couchlet {
namespace {

constexpr char kMagic = static_cast<char>(0xB2);
constexpr size_t kChecksumAt = 1;
constexpr size_t kHeadBytes = kChecksumAt + 4;

bool get_index_entry(std::string_view& in, std::string_view key_before, IndexEntry& entry) {
  uint64_t shared = 0;
  std::string_view unshared;
  if (!get_varint(in, entry.bytes) || !get_varint(in, shared) || shared > key_before.size() ||
      !get_length_prefixed(in, unshared) || entry.bytes == 0) {
    return false;
  }
  entry.last_key.assign(key_before.substr(0, static_cast<size_t>(shared)));
  entry.last_key.append(unshared);
  return true;
}

}  // namespace

void append_index_entry(std::string& out, std::string_view key_before, const IndexEntry& entry) {
  const std::string_view key = entry.last_key;
  const auto end = std::mismatch(key.begin(), key.end(), key_before.begin(), key_before.end());
  const auto shared = static_cast<size_t>(end.first - key.begin());
  put_varint(out, entry.bytes);
  put_varint(out, shared);
  put_length_prefixed(out, key.substr(shared));
}

std::string encode_table_index(std::string_view filter, size_t block_count,
                               std::string_view entries) {
  std::string bytes(kHeadBytes, '\0');
  bytes[0] = kMagic;
  put_length_prefixed(bytes, filter);
  put_varint(bytes, block_count);
  bytes.append(entries);
  const uint32_t checksum = crc32c(std::string_view(bytes).substr(kHeadBytes));
  store_little_endian(bytes.data() + kChecksumAt, checksum);
  return bytes;
}

Result<std::shared_ptr<const TableIndex>> TableIndex::parse(const TableInfo& info,
                                                            std::string_view bytes,
                                                            std::string_view name) {
  const auto corrupt = [name](std::string_view what) {
    return errors::corrupt(std::string(name) + ": " + std::string(what));
  };
  uint32_t checksum = 0;
  if (bytes.size() < kHeadBytes || bytes[0] != kMagic) {
    return corrupt("it does not begin as an index");
  }
  std::string_view in = bytes.substr(kChecksumAt);
  if (!get_u32le(in, checksum) || crc32c(in) != checksum) {
    return corrupt("the checksum does not match");
  }
  std::string_view filter;
  uint64_t block_count = 0;
  if (!get_length_prefixed(in, filter) || !get_varint(in, block_count)) {
    return corrupt("it is malformed");
  }
  auto index = std::make_shared<TableIndex>();
  index->filter_ = filter;
  index->memory_bytes_ = sizeof(TableIndex) + filter.size();
  uint64_t record = 0;
  while (!in.empty()) {
    const std::string_view before =
        index->entries_.empty() ? std::string_view() : index->entries_.back().last_key;
    IndexEntry entry;
    if (!get_index_entry(in, before, entry)) return corrupt("it is malformed");
    if (!index->entries_.empty() && entry.last_key <= before) return corrupt("it is malformed");
    index->first_records_.push_back(record);
    record += records_for(entry.bytes);
    index->memory_bytes_ += sizeof(IndexEntry) + sizeof(uint64_t) + entry.last_key.size();
    index->entries_.push_back(std::move(entry));
  }
  if (index->entries_.size() != block_count || block_count == 0 ||
      record + info.index_records != info.record_count ||
      index->entries_.back().last_key != info.last_key) {
    return corrupt("it is not of this table");
  }
  return std::shared_ptr<const TableIndex>(std::move(index));
}

size_t TableIndex::find_block(std::string_view key) const {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), key,
                                      [](const IndexEntry& entry, std::string_view wanted) {
                                        return std::string_view(entry.last_key) < wanted;
                                      });
  return static_cast<size_t>(found - entries_.begin());
}

}  // namespace couchlet
