// Flushes, merges and collection, as seen from the store: nothing that they do can be seen in what
// is read, but only in what is stored.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/seeded_random.h"
#include "store/log_format.h"
#include "store/manifest.h"
#include "store/open_store.h"
#include "store/snapshot_gone.h"

namespace couchlet {
namespace {

constexpr StoreOptions kTiny{
    .memtable_bytes = 4096, .cache_bytes = 16384, .write_once_prefix = 'b'};

std::string body_key(uint64_t number) {
  std::string key = "b";
  put_u64be(key, number);
  return key;
}

// What a map would say.
class Model {
 public:
  std::map<std::string, std::string> entries;

  std::string scan() const {
    std::string text;
    for (const auto& [key, value] : entries) text += (text.empty() ? "" : " ") + key + "=" + value;
    return text;
  }
};

class StoreUpkeepTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open(StoreOptions options = kTiny) {
    auto store = run_task(open_store(data_, nullptr, options));
    EXPECT_TRUE(store.ok()) << store.error().reason;
    return *std::move(store);
  }

  Manifest manifest() {
    MemoryMedium medium(data_);
    return **run_task(read_manifest(medium));
  }

  size_t records(Area area) { return data_->records(area).size(); }

  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
};

// Puts and erases a few keys, and write-once values of any size.
class RandomWrites {
 public:
  RandomWrites(SeededRandom& random, Model& model) : random_(random), model_(model) {}

  void commit(Store& store) {
    const auto decide = [this](WriteView& view) -> Task<Result<void>> {
      for (uint64_t n = 1 + random_.below(10); n > 0; --n) change(view);
      co_return Result<void>();
    };
    ASSERT_EQ(outcome(run_task(store.commit(decide))), "");
  }

 private:
  void change(WriteView& view) {
    switch (random_.below(5)) {
      case 0:
        return erase(view, "k" + std::to_string(random_.below(300)));
      case 1:
        return put(view, body_key(++last_body_), random_.below(50) == 0 ? 150'000 : 500);
      case 2:
        if (last_body_ > 0) erase(view, body_key(1 + random_.below(last_body_)));
        return;
      default:
        return put(view, "k" + std::to_string(random_.below(300)), 50);
    }
  }

  void put(WriteView& view, const std::string& key, size_t bytes) {
    const std::string value =
        std::to_string(++last_value_) + std::string(random_.below(bytes), '.');
    view.put(key, value);
    model_.entries[key] = value;
  }

  void erase(WriteView& view, const std::string& key) {
    view.erase(key);
    model_.entries.erase(key);
  }

  SeededRandom& random_;
  Model& model_;
  uint64_t last_body_ = 0;
  uint64_t last_value_ = 0;
};

TEST_F(StoreUpkeepTest, what_is_read_is_what_a_map_would_say_through_flushes_and_merges) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    data_ = std::make_shared<MemoryMediumData>();
    SeededRandom random(seed);
    Model model;
    RandomWrites writes(random, model);
    auto store = open();
    for (int i = 0; i < 300; ++i) {
      writes.commit(*store);
      if (random.below(100) == 0) ASSERT_EQ(outcome(run_task(store->compact())), "");
      if (random.below(60) == 0) {
        ASSERT_EQ(outcome(run_task(store->close())), "");
        store = open();
      }
      if (random.below(20) == 0) ASSERT_EQ(scan(*store), model.scan());
      const std::string key = "k" + std::to_string(random.below(300));
      const auto expected = model.entries.find(key);
      ASSERT_EQ(get(*store, key), expected == model.entries.end() ? "(none)" : expected->second);
    }
    EXPECT_GT(manifest().number, 20U);
    ASSERT_EQ(outcome(run_task(store->close())), "");
  }
}

TEST_F(StoreUpkeepTest, many_values_are_the_same_as_one_after_another) {
  SeededRandom random(17);
  Model model;
  RandomWrites writes(random, model);
  const auto store = open();
  for (int i = 0; i < 200; ++i) {
    writes.commit(*store);
    if (i % 20 > 0) continue;
    std::vector<std::string> keys;
    for (int n = 0; n < 50; ++n) keys.push_back(body_key(random.below(900)));
    std::sort(keys.begin(), keys.end());
    std::vector<std::optional<std::string>> values(keys.size());
    spawn(store->get_many(store->snapshot(), keys, [&](size_t k, std::string_view value) {
      EXPECT_FALSE(values[k]);
      values[k] = value;
    }));
    size_t found = 0;
    for (size_t k = 0; k < keys.size(); ++k) {
      const auto expected = model.entries.find(keys[k]);
      if (!values[k]) continue;  // it may leave it to get(), but not say what isn't so
      ASSERT_NE(expected, model.entries.end());
      ASSERT_EQ(*values[k], expected->second);
      ++found;
    }
    if (i > 100) EXPECT_GT(found, 0U);
  }
  ASSERT_EQ(outcome(run_task(store->close())), "");
}

TEST_F(StoreUpkeepTest, snapshots_stay_what_they_are_through_flushes_merges_and_compaction) {
  SeededRandom random(11);
  Model model;
  RandomWrites writes(random, model);
  const auto store = open();
  std::vector<std::pair<SnapshotRef, std::string>> snapshots;
  for (int i = 0; i < 400; ++i) {
    writes.commit(*store);
    if (i % 20 == 0) snapshots.emplace_back(store->snapshot(), model.scan());
    if (i % 150 == 149) ASSERT_EQ(outcome(run_task(store->compact())), "");
  }
  for (const auto& [snapshot, expected] : snapshots) ASSERT_EQ(scan(*store, snapshot), expected);
  snapshots.clear();
  ASSERT_EQ(outcome(run_task(store->close())), "");
}

TEST_F(StoreUpkeepTest, several_contexts_flush_and_merge_and_read_the_same) {
  SeededRandom random(5);
  Model model;
  RandomWrites writes(random, model);
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 3; ++i) stores.push_back(open());
  for (int i = 0; i < 300; ++i) {
    writes.commit(*stores[random.below(3)]);
    Store& reader = *stores[random.below(3)];
    ASSERT_EQ(outcome(run_task(reader.catch_up())), "");
    if (i % 20 == 0) {
      const SnapshotRef snapshot = reader.snapshot();
      if (scan(reader, snapshot) == "snapshot_gone") {
        ASSERT_EQ(outcome(run_task(reader.renew(snapshot))), "");
      }
      ASSERT_EQ(scan(reader), model.scan());
    }
  }
  for (const auto& store : stores) ASSERT_EQ(outcome(run_task(store->close())), "");
}

TEST_F(StoreUpkeepTest, the_log_is_as_long_as_the_memtable_is_large_and_no_longer) {
  const auto store = open();
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(outcome(run_task(store->commit(putting("k" + std::to_string(i), "value")))), "");
    ASSERT_LE(records(Area::kLog), 100U);
  }
  EXPECT_LE(manifest().runs.size(), 12U);
  EXPECT_EQ(records(Area::kManifest), 1U);
}

TEST_F(StoreUpkeepTest, values_of_a_large_commit_are_written_once) {
  const auto store = open({.write_once_prefix = 'b'});
  const auto decide = [](WriteView& view) -> Task<Result<void>> {
    for (uint64_t i = 0; i < 5'000; ++i) {
      view.put(body_key(i), std::string(1'000, 'v'));
      view.put("k" + std::to_string(i), "small");
    }
    co_return Result<void>();
  };
  ASSERT_EQ(outcome(run_task(store->commit(decide))), "");
  EXPECT_EQ(get(*store, body_key(77)), std::string(1'000, 'v'));
  const size_t parts = records(Area::kParts);
  EXPECT_GT(parts, 5'000'000 / kMaxRecordBytes);

  ASSERT_EQ(outcome(run_task(store->compact())), "");
  EXPECT_NEAR(static_cast<double>(records(Area::kParts)), static_cast<double>(parts), 8);
  EXPECT_EQ(manifest().segments.size(), 3U);
  EXPECT_EQ(get(*open(), body_key(4'999)), std::string(1'000, 'v'));
}

TEST_F(StoreUpkeepTest, after_erasing_and_compacting_the_space_is_given_back) {
  SeededRandom random(3);
  const auto store = open();
  const auto put_all = [](WriteView& view) -> Task<Result<void>> {
    for (uint64_t i = 0; i < 1'500; ++i) {
      view.put(body_key(i), std::string(500, 'v'));
      view.put("k" + std::to_string(i), "small");
    }
    co_return Result<void>();
  };
  ASSERT_EQ(outcome(run_task(store->commit(put_all))), "");
  const uint64_t full = store->sizes().file;
  EXPECT_GT(full, 750'000U);
  for (uint64_t i = 0; i < 1'500; ++i) {
    if (i % 100 == 0) continue;
    ASSERT_EQ(outcome(run_task(store->commit(erasing(body_key(i))))), "");
    ASSERT_EQ(outcome(run_task(store->commit(erasing("k" + std::to_string(i))))), "");
  }
  ASSERT_EQ(outcome(run_task(store->compact())), "");
  EXPECT_LT(store->sizes().file, full / 50);
  EXPECT_EQ(store->sizes().active, store->sizes().file);
  EXPECT_EQ(get(*store, body_key(100)), std::string(500, 'v'));
  EXPECT_EQ(get(*store, body_key(101)), "(none)");
  EXPECT_LT(records(Area::kParts) + records(Area::kBlocks), 10U);

  // Nothing is left of what was erased, not even that it was.
  const Manifest now = manifest();
  EXPECT_EQ(now.segments.size(), 1U);
  EXPECT_EQ(now.segments.at(0).table->entry_count, 15U);
  EXPECT_EQ(now.runs.size(), 1U);
  EXPECT_EQ(now.runs.at(0).tables->at(0)->entry_count, 15U);
  ASSERT_EQ(outcome(run_task(store->close())), "");
}

TEST_F(StoreUpkeepTest, a_context_that_slept_through_merges_recovers) {
  const auto sleeper = open();
  ASSERT_EQ(outcome(run_task(sleeper->commit(putting("k0", "old")))), "");
  ASSERT_EQ(outcome(run_task(sleeper->compact())), "");
  const SnapshotRef stale = sleeper->snapshot();
  const auto other = open();
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(outcome(run_task(other->commit(putting("k" + std::to_string(i), "new")))), "");
  }
  ASSERT_EQ(outcome(run_task(other->compact())), "");
  EXPECT_EQ(get(*sleeper, "k1", stale), "(none)");
  EXPECT_EQ(get(*sleeper, "k0", stale), "snapshot_gone");
  SnapshotRef snapshot = stale;
  for (int i = 0; i < 3 && get(*sleeper, "k0", snapshot) == "snapshot_gone"; ++i) {
    ASSERT_EQ(outcome(run_task(sleeper->renew(snapshot))), "");
    snapshot = sleeper->snapshot();
  }
  EXPECT_EQ(get(*sleeper, "k0"), "new");
  ASSERT_EQ(outcome(run_task(sleeper->commit(counting("n")))), "");
  EXPECT_EQ(get(*sleeper, "n"), "1");
}

TEST_F(StoreUpkeepTest, records_that_nobody_removed_are_called_missing) {
  const auto store = open();
  ASSERT_EQ(outcome(run_task(store->commit(putting("k", "v")))), "");
  ASSERT_EQ(outcome(run_task(store->compact())), "");
  data_->records(Area::kBlocks).clear();
  const SnapshotRef snapshot = store->snapshot();
  EXPECT_EQ(get(*store, "k", snapshot), "snapshot_gone");
  EXPECT_EQ(outcome(run_task(store->renew(snapshot))), "corrupt_data");
  EXPECT_EQ(outcome(run_task(store->commit(counting("k")))), "corrupt_data");
}

}  // namespace
}  // namespace couchlet
