// Tables, written and read: block.h, key_filter.h, table_builder.h, table_index.h, table_cache.h,
// run_iterator.h.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/run_task.h"
#include "base/seeded_random.h"
#include "store/block.h"
#include "store/key_filter.h"
#include "store/memory_medium.h"
#include "store/run_iterator.h"
#include "store/snapshot_gone.h"
#include "store/table_builder.h"
#include "store/table_cache.h"

namespace couchlet {
namespace {

using Entries = std::map<std::string, std::string>;  // "(erased)" for an erased key

std::string random_key(SeededRandom& random) {
  const auto word = [&] {
    return std::string(1 + random.below(3), static_cast<char>('a' + random.below(4)));
  };
  std::string key = word();
  while (random.below(3) > 0) key += word();
  if (random.below(200) == 0) key += std::string(kMaxRecordBytes, 'k');
  return key;
}

Entries random_entries(SeededRandom& random, size_t count) {
  Entries entries;
  while (entries.size() < count) {
    std::string value(random.below(300), 'v');
    if (random.below(100) == 0) value.assign(random.below(3 * kMaxRecordBytes), 'w');
    entries[random_key(random)] = random.below(5) == 0 ? "(erased)" : value;
  }
  return entries;
}

BuiltTable build(const Entries& entries, TableBuilder::Filter filter) {
  TableBuilder builder(filter);
  for (const auto& [key, value] : entries) {
    if (value == "(erased)") {
      builder.erase(key);
    } else {
      builder.put(key, value);
    }
  }
  return builder.finish();
}

// Tables in a medium, and a cache over it.
class Disk {
 public:
  explicit Disk(size_t cache_bytes = 1 << 20) : cache(medium, cache_bytes) {}

  TableRef write(BuiltTable table) {
    table.info.area = Area::kBlocks;
    table.info.first_record = next_record_;
    MediumBatch batch;
    for (std::string& record : table.records) {
      EXPECT_LE(record.size(), kMaxRecordBytes);
      batch.puts.push_back({Area::kBlocks, next_record_++, std::move(record)});
    }
    EXPECT_TRUE(run_task(medium.commit(std::move(batch))).ok());
    return std::make_shared<const TableInfo>(std::move(table.info));
  }

  std::shared_ptr<MemoryMediumData> data = std::make_shared<MemoryMediumData>();
  MemoryMedium medium{data};
  TableCache cache;

 private:
  uint64_t next_record_ = 1000;
};

// A run of several tables that has `entries`.
TablesRef write_run(Disk& disk, const Entries& entries, SeededRandom& random) {
  auto tables = std::make_shared<Tables>();
  Entries part;
  for (const auto& entry : entries) {
    part.insert(entry);
    if (random.below(40) > 0) continue;
    tables->push_back(disk.write(build(part, TableBuilder::Filter::kOfAllKeys)));
    part.clear();
  }
  if (!part.empty()) {
    tables->push_back(disk.write(build(part, TableBuilder::Filter::kOfAllKeys)));
  }
  return tables;
}

void wait_for(EntryIterator& at) {
  if (at.is_ready()) return;
  const auto loaded = run_task(at.load());
  ASSERT_TRUE(loaded.ok()) << loaded.error().reason;
}

void expect_entry(EntryIterator& at, Entries::const_iterator expected, const Entries& entries) {
  wait_for(at);
  ASSERT_EQ(at.valid(), expected != entries.end());
  if (!at.valid()) return;
  EXPECT_EQ(at.key(), expected->first);
  EXPECT_EQ(at.is_erased(), expected->second == "(erased)");
  if (!at.is_erased()) EXPECT_EQ(at.value(), expected->second);
}

// The entry with the last key <= `key`, or the end.
Entries::const_iterator last_at_or_before(const Entries& entries, const std::string& key) {
  const auto after = entries.upper_bound(key);
  return after == entries.begin() ? entries.end() : std::prev(after);
}

TEST(KeyFilter, has_every_key_that_was_added_and_few_others) {
  KeyFilterBuilder builder;
  for (int i = 0; i < 5'000; ++i) builder.add("key" + std::to_string(i));
  const std::string filter = builder.finish();
  int mistakes = 0;
  for (int i = 0; i < 5'000; ++i) {
    ASSERT_TRUE(may_contain(filter, "key" + std::to_string(i)));
    mistakes += may_contain(filter, "other" + std::to_string(i)) ? 1 : 0;
  }
  EXPECT_LT(mistakes, 100);
  EXPECT_TRUE(may_contain("", "anything"));
}

TEST(Table, a_run_is_walked_and_searched_both_ways_as_a_map_is) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    Disk disk(random.below(2) == 0 ? 1 << 20 : 0);  // with and without anything kept
    const Entries entries = random_entries(random, 300);
    RunIterator at(disk.cache, write_run(disk, entries, random), "");

    at.seek("");
    for (auto expected = entries.begin(); expected != entries.end(); ++expected) {
      expect_entry(at, expected, entries);
      at.next();
    }
    expect_entry(at, entries.end(), entries);
    at.seek_back("\xff");
    for (auto expected = entries.rbegin(); expected != entries.rend(); ++expected) {
      expect_entry(at, std::prev(expected.base()), entries);
      at.previous();
    }
    expect_entry(at, entries.end(), entries);
    for (int i = 0; i < 200; ++i) {
      const std::string key = random_key(random);
      at.seek(key);
      expect_entry(at, entries.lower_bound(key), entries);
      at.seek_back(key);
      expect_entry(at, last_at_or_before(entries, key), entries);
    }
  }
}

TEST(Table, of_a_run_that_is_being_merged_only_the_rest_is_seen) {
  SeededRandom random(7);
  Disk disk;
  const Entries all = random_entries(random, 300);
  const TablesRef run = write_run(disk, all, random);
  for (int i = 0; i < 50; ++i) {
    const std::string from_key = random_key(random);
    const Entries rest(all.lower_bound(from_key), all.end());
    RunIterator at(disk.cache, run, from_key);
    at.seek("");
    expect_entry(at, rest.begin(), rest);
    const std::string key = random_key(random);
    at.seek_back(key);
    for (auto expected = last_at_or_before(rest, key); expected != rest.end();) {
      expect_entry(at, expected, rest);
      at.previous();
      expected = expected == rest.begin() ? rest.end() : std::prev(expected);
    }
    expect_entry(at, rest.end(), rest);
  }
}

TEST(Table, no_flipped_bit_goes_unnoticed_and_the_error_names_the_keys) {
  const Entries entries = {{"a", "1"}, {"b", "(erased)"}, {"c", "3"}};
  Disk disk(0);
  auto run = std::make_shared<Tables>();
  run->push_back(disk.write(build(entries, TableBuilder::Filter::kOfAllKeys)));
  for (auto& [number, bytes] : disk.data->records(Area::kBlocks)) {
    for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      const auto flip = [&] { bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8); };
      flip();
      RunIterator at(disk.cache, run, "");
      at.seek("");
      const auto loaded = run_task(at.load());
      ASSERT_FALSE(loaded.ok()) << bit;
      EXPECT_EQ(loaded.error().name, "corrupt_data");
      EXPECT_NE(loaded.error().reason.find("'a' to 'c'"), std::string::npos)
          << loaded.error().reason;
      flip();
    }
  }
}

TEST(Table, records_that_are_gone_are_not_called_corrupt) {
  Disk disk(0);
  auto run = std::make_shared<Tables>();
  run->push_back(disk.write(build({{"a", "1"}}, TableBuilder::Filter::kNone)));
  RunIterator at(disk.cache, run, "");
  disk.data->records(Area::kBlocks).erase(1000);
  at.seek("a");
  EXPECT_TRUE(is_snapshot_gone(run_task(at.load()).error()));
  disk.data->records(Area::kBlocks).clear();
  RunIterator(disk.cache, run, "").seek("a");
  EXPECT_TRUE(is_snapshot_gone(run_task(at.load()).error()));
}

TEST(Table, random_bytes_are_an_error_and_nothing_worse) {
  SeededRandom random(3);
  const BuiltTable table = build(random_entries(random, 20), TableBuilder::Filter::kOfAllKeys);
  for (int i = 0; i < 2'000; ++i) {
    for (std::string bytes : table.records) {
      for (uint64_t n = 1 + random.below(3); n > 0; --n) {
        bytes[static_cast<size_t>(random.below(bytes.size()))] =
            static_cast<char>(random.below(256));
      }
      (void)Block::parse(bytes, "block");
      (void)TableIndex::parse(table.info, bytes, "index");
    }
  }
}

TEST(TableCache, keeps_what_is_used_and_not_more_than_it_may) {
  SeededRandom random(5);
  Disk disk(64 * 1024);
  Entries entries;
  for (int i = 0; i < 2'000; ++i) entries[std::to_string(i)] = std::string(200, 'v');
  const TablesRef run = write_run(disk, entries, random);
  RunIterator at(disk.cache, run, "");
  for (at.seek(""), wait_for(at); at.valid(); at.next(), wait_for(at)) {
    ASSERT_LE(disk.cache.used_bytes(), 64U * 1024);
  }
  EXPECT_GT(disk.cache.used_bytes(), 0U);
  at.seek("");
  wait_for(at);
  at.seek("");
  EXPECT_TRUE(at.is_ready());  // it has just been there
}

}  // namespace
}  // namespace couchlet
