#include "store/layered_cursor.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/run_task.h"
#include "base/seeded_random.h"
#include "store/memtable.h"

namespace couchlet {
namespace {

constexpr uint64_t kLatest = std::numeric_limits<uint64_t>::max();

// Layers, the newest first, and a cursor over them.
class Layers {
 public:
  explicit Layers(size_t count) {
    for (size_t i = 0; i < count; ++i) memtables_.push_back(std::make_unique<Memtable>());
  }

  size_t size() const { return memtables_.size(); }
  Memtable& operator[](size_t layer) { return *memtables_[layer]; }

  LayeredCursor cursor() const {
    std::vector<std::unique_ptr<EntryIterator>> layers;
    for (const auto& memtable : memtables_) layers.push_back(memtable->iterate(kLatest));
    return {std::move(layers), nullptr};
  }

 private:
  std::vector<std::unique_ptr<Memtable>> memtables_;
};

std::string at(const Cursor& cursor) {
  return cursor.valid() ? std::string(cursor.key()) + "=" + std::string(cursor.value()) : "(end)";
}

std::string seek(Cursor& cursor, std::string_view key) {
  EXPECT_TRUE(run_task(cursor.seek(key)).ok());
  return at(cursor);
}

std::string seek_back(Cursor& cursor, std::string_view key) {
  EXPECT_TRUE(run_task(cursor.seek_back(key)).ok());
  return at(cursor);
}

std::string next(Cursor& cursor) {
  EXPECT_TRUE(run_task(cursor.next()).ok());
  return at(cursor);
}

std::string previous(Cursor& cursor) {
  EXPECT_TRUE(run_task(cursor.previous()).ok());
  return at(cursor);
}

TEST(LayeredCursor, the_newest_layer_counts_and_what_it_erases_is_gone) {
  Layers layers(3);
  layers[2].put(1, "a", "oldest");
  layers[2].put(1, "b", "oldest");
  layers[2].put(1, "c", "oldest");
  layers[1].put(1, "b", "middle");
  layers[1].erase(1, "c");
  layers[1].erase(1, "d");
  layers[0].erase(1, "a");
  layers[0].put(1, "c", "newest");
  LayeredCursor cursor = layers.cursor();
  EXPECT_EQ(seek(cursor, ""), "b=middle");
  EXPECT_EQ(next(cursor), "c=newest");
  EXPECT_EQ(next(cursor), "(end)");
  EXPECT_EQ(seek_back(cursor, "zz"), "c=newest");
  EXPECT_EQ(previous(cursor), "b=middle");
  EXPECT_EQ(previous(cursor), "(end)");
}

TEST(LayeredCursor, stands_nowhere_before_the_first_seek) {
  Layers layers(1);
  layers[0].put(1, "a", "1");
  EXPECT_FALSE(layers.cursor().valid());
}

TEST(LayeredCursor, agrees_with_a_plain_map_wherever_it_goes) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    Layers layers(1 + random.below(4));
    std::map<std::string, std::string> plain;
    for (size_t layer = 4; layer-- > 0;) {
      // The oldest first, so that the plain map is overwritten in the order of age.
      for (size_t i = random.below(40); i > 0; --i) {
        const std::string key = std::to_string(random.below(60));
        Memtable& memtable = layers[std::min(layer, layers.size() - 1)];
        if (random.below(3) == 0) {
          memtable.erase(1, key);
          plain.erase(key);
        } else {
          plain[key] = std::to_string(random.next());
          memtable.put(1, key, plain[key]);
        }
      }
    }
    const auto expected = [&plain](auto entry) {
      return entry == plain.end() ? "(end)" : entry->first + "=" + entry->second;
    };
    const auto before = [&plain](auto entry) {
      return entry == plain.begin() ? plain.end() : std::prev(entry);
    };

    LayeredCursor cursor = layers.cursor();
    auto here = plain.end();
    for (int step = 0; step < 300; ++step) {
      const std::string key = std::to_string(random.below(60));
      const size_t move = cursor.valid() ? random.below(6) : random.below(2);
      if (move == 0) {
        here = plain.lower_bound(key);
        ASSERT_EQ(seek(cursor, key), expected(here));
      } else if (move == 1) {
        here = before(plain.upper_bound(key));
        ASSERT_EQ(seek_back(cursor, key), expected(here));
      } else if (move < 4) {
        ++here;
        ASSERT_EQ(next(cursor), expected(here));
      } else {
        here = before(here);
        ASSERT_EQ(previous(cursor), expected(here));
      }
    }
  }
}

}  // namespace
}  // namespace couchlet
