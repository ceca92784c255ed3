// After damage the rest can be used, and nothing that was overwritten or erased comes back.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "store/open_store.h"

namespace couchlet {
namespace {

constexpr StoreOptions kTiny{.memtable_bytes = 4096, .cache_bytes = 0, .write_once_prefix = 'b'};

std::string key_of(int i) { return "k" + std::to_string(1000 + i); }

// Old values in an old run, new ones and erasures in a newer run.
std::shared_ptr<MemoryMediumData> two_generations() {
  auto data = std::make_shared<MemoryMediumData>();
  const auto store = *run_task(open_store(data, nullptr, kTiny));
  const auto write = [](std::string value) {
    return [value = std::move(value)](WriteView& view) -> Task<Result<void>> {
      for (int i = 0; i < 500; ++i) {
        if (value == "new" && i % 3 == 0) {
          view.erase(key_of(i));
        } else {
          view.put(key_of(i), value + std::string(100, '.'));
        }
      }
      co_return Result<void>();
    };
  };
  EXPECT_TRUE(run_task(store->commit(write("old"))).ok());
  EXPECT_TRUE(run_task(store->compact()).ok());
  EXPECT_TRUE(run_task(store->commit(write("new"))).ok());
  EXPECT_FALSE(*run_task(store->salvage()));
  EXPECT_TRUE(run_task(store->close()).ok());
  return data;
}

TEST(Salvage, leaves_out_what_is_damaged_and_brings_nothing_older_back) {
  const auto data = two_generations();
  const auto blocks = data->records(Area::kBlocks);
  ASSERT_GT(blocks.size(), 8U);
  for (const auto& [number, bytes] : blocks) {
    SCOPED_TRACE(number);
    const auto rotten = std::make_shared<MemoryMediumData>(*data);
    rotten->records(Area::kBlocks)[number][bytes.size() / 2] ^= 4;
    const auto store = *run_task(open_store(rotten, nullptr, kTiny));
    EXPECT_TRUE(*run_task(store->salvage()));
    EXPECT_FALSE(*run_task(store->salvage()));
    int lost = 0;
    for (int i = 0; i < 500; ++i) {
      const std::string value = get(*store, key_of(i));
      const bool is_erased = i % 3 == 0;
      if (value == "(none)" && !is_erased) ++lost;
      if (value != "(none)") EXPECT_EQ(value.substr(0, 3), is_erased ? "?" : "new") << i;
    }
    EXPECT_LE(lost, 350);
    EXPECT_EQ(scan(*store).find("old"), std::string::npos);
    EXPECT_TRUE(run_task(store->compact()).ok());
    EXPECT_TRUE(run_task(store->close()).ok());
  }
}

}  // namespace
}  // namespace couchlet
