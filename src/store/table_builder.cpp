#include "store/table_builder.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/varint.h"
#include "store/table_index.h"

namespace couchlet {
namespace {

// 8 to 16 KiB suit random reads (docs/performance.md); scans read several at once.
constexpr size_t kBlockBytes = 14 * 1024;

}  // namespace

void TableBuilder::put(std::string_view key, std::string_view value) {
  // A large value gets a block of its own: small neighbours are not read with it.
  if (!block_.empty() && block_.bytes() + value.size() > 2 * kBlockBytes) finish_block();
  add_key(key);
  block_.put(key, value);
  finish_full_block();
}

void TableBuilder::erase(std::string_view key) {
  add_key(key);
  block_.erase(key);
  finish_full_block();
}

void TableBuilder::add_key(std::string_view key) {
  if (empty()) info_.first_key = key;
  info_.last_key = key;
  ++info_.entry_count;
  if (filters_ == Filter::kOfAllKeys) filter_.add(key);
}

void TableBuilder::finish_full_block() {
  if (block_.bytes() >= kBlockBytes) finish_block();
}

void TableBuilder::finish_block() {
  const std::string last_key = block_.last_key();
  std::string bytes = block_.finish();
  append_index_entry(index_, indexed_key_, {bytes.size(), last_key});
  indexed_key_ = last_key;
  ++block_count_;
  append(std::move(bytes));
}

void TableBuilder::append(std::string bytes) {
  info_.bytes += bytes.size();
  if (bytes.size() <= kMaxRecordBytes) {
    records_.push_back(std::move(bytes));
    return;
  }
  for (size_t at = 0; at < bytes.size(); at += kMaxRecordBytes) {
    records_.push_back(bytes.substr(at, kMaxRecordBytes));
  }
}

BuiltTable TableBuilder::finish() {
  if (!block_.empty()) finish_block();
  const size_t data_records = records_.size();
  const std::string filter = filters_ == Filter::kNone ? "" : filter_.finish();
  append(encode_table_index(filter, block_count_, index_));
  info_.record_count = records_.size();
  info_.index_records = records_.size() - data_records;
  BuiltTable table{std::move(info_), std::move(records_)};
  *this = TableBuilder(filters_);
  return table;
}

}  // namespace couchlet
