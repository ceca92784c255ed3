// A table is built of what the input says, one byte of it is changed, and it is read: every entry
// is as it was, or an error names the damage. And the rest of the input, behind a right checksum,
// as the index of that table.
//
//   input: place of the change u8 u8 u8 | change u8 (0: none) | entry count u8 |
//          entries: kind u8, key, value, each with a byte of length | text of an index
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/run_task.h"
#include "fuzz_target.h"
#include "store/memory_medium.h"
#include "store/run_iterator.h"
#include "store/snapshot_gone.h"
#include "store/table_builder.h"
#include "store/table_cache.h"
#include "store/table_index.h"

namespace couchlet {
namespace {

constexpr uint64_t kFirstRecord = 65536;
constexpr char kIndexMagic = '\xb2';

using Entries = std::map<std::string, std::optional<std::string>>;

Entries take_entries(FuzzInput& input) {
  Entries entries;
  for (size_t count = input.take_byte(); count > 0 && !input.at_end(); --count) {
    const uint8_t kind = input.take_byte();
    std::string key(input.take_text());
    std::string value(input.take_text());
    if (kind >= 250) value.resize(value.size() + size_t{kind} * 300, 'v');  // more than a record
    if (kind % 4 == 0) {
      entries[std::move(key)] = std::nullopt;
    } else {
      entries[std::move(key)] = std::move(value);
    }
  }
  return entries;
}

BuiltTable build(const Entries& entries) {
  TableBuilder builder(TableBuilder::Filter::kOfAllKeys);
  for (const auto& [key, value] : entries) {
    if (value) {
      builder.put(key, *value);
    } else {
      builder.erase(key);
    }
  }
  return builder.finish();
}

void change_a_byte(MemoryMediumData& data, size_t place, uint8_t change) {
  auto& records = data.records(Area::kBlocks);
  auto record = records.begin();
  std::advance(record, static_cast<std::ptrdiff_t>(place % records.size()));
  std::string& bytes = record->second;
  char& byte = bytes[place / records.size() % bytes.size()];
  byte = static_cast<char>(byte ^ change);
}

void check_error(const Error& error) {
  require(error.name == "corrupt_data", "an error tells of damage");
}

// Every entry, as far as it can be read, in both directions.
void read_table(TableCache& cache, TableRef table, const Entries& entries, bool is_whole) {
  auto tables = std::make_shared<Tables>(Tables{std::move(table)});
  RunIterator at(cache, tables, "");
  for (const auto& [key, value] : entries) {
    for (const bool is_forward : {true, false}) {
      if (is_forward) {
        at.seek(key);
      } else {
        at.seek_back(key);
      }
      if (!at.is_ready()) {
        if (const auto loaded = run_task(at.load()); !loaded.ok()) {
          require(!is_whole, "what was not changed can be read");
          check_error(loaded.error());
          continue;
        }
      }
      require(at.valid() && at.key() == key && at.is_erased() == !value &&
                  at.value() == value.value_or(""),
              "what can be read is what was written");
    }
  }
}

void parse_index(const TableInfo& info, std::string_view text) {
  std::string bytes(1, kIndexMagic);
  put_u32le(bytes, crc32c(text));
  bytes.append(text);
  const auto index = TableIndex::parse(info, bytes, "it");
  if (!index.ok()) return check_error(index.error());
  uint64_t records = 0;
  for (size_t block = 0; block < (*index)->block_count(); ++block) {
    require((*index)->first_record(block) == records, "blocks follow each other");
    records += records_for((*index)->block_bytes(block));
    require((*index)->find_block((*index)->last_key(block)) == block, "a block is found");
  }
  require(records + info.index_records == info.record_count, "the blocks fill the table");
}

void check_table(std::string_view bytes) {
  FuzzInput input(bytes);
  const size_t place =
      input.take_byte() + size_t{256} * input.take_byte() + size_t{65536} * input.take_byte();
  const uint8_t change = input.take_byte();
  const Entries entries = take_entries(input);
  if (entries.empty()) return;
  BuiltTable built = build(entries);
  built.info.area = Area::kBlocks;
  built.info.first_record = kFirstRecord;
  require(built.info.entry_count == entries.size(), "a table counts its entries");
  const auto data = std::make_shared<MemoryMediumData>();
  for (size_t i = 0; i < built.records.size(); ++i) {
    data->records(Area::kBlocks)[kFirstRecord + i] = built.records[i];
  }
  change_a_byte(*data, place, change);
  MemoryMedium medium(data);
  TableCache cache(medium, 64 * 1024);
  const auto table = std::make_shared<const TableInfo>(std::move(built.info));
  read_table(cache, table, entries, change == 0);
  parse_index(*table, input.take_rest());
}

}  // namespace
}  // namespace couchlet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  couchlet::check_table(couchlet::view_of(data, size));
  return 0;
}
