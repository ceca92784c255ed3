#include "store/memtable.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/seeded_random.h"

namespace couchlet {
namespace {

constexpr uint64_t kLatest = std::numeric_limits<uint64_t>::max();

// "value", "(erased)" or "(none)".
std::string found(const Memtable& memtable, uint64_t number, std::string_view key) {
  const auto entry = memtable.find(number, key);
  if (!entry) return "(none)";
  return entry->is_erased ? "(erased)" : std::string(entry->value);
}

// "key=value key=(erased) …" in the order of a walk.
std::string forward(EntryIterator& at) {
  std::string walk;
  for (; at.valid(); at.next()) {
    walk +=
        std::string(at.key()) + "=" + (at.is_erased() ? "(erased)" : std::string(at.value())) + " ";
  }
  return walk;
}

std::string backward(EntryIterator& at) {
  std::string walk;
  for (; at.valid(); at.previous()) walk += std::string(at.key()) + " ";
  return walk;
}

TEST(Memtable, an_empty_one_has_nothing) {
  const Memtable memtable;
  EXPECT_EQ(found(memtable, kLatest, "a"), "(none)");
  const auto at = memtable.iterate(kLatest);
  EXPECT_FALSE(at->valid());
  at->seek("");
  EXPECT_FALSE(at->valid());
  at->seek_back("\xff");
  EXPECT_FALSE(at->valid());
}

TEST(Memtable, who_looks_sees_the_newest_version_up_to_its_number) {
  Memtable memtable;
  memtable.put(3, "key", "three");
  memtable.erase(5, "key");
  memtable.put(8, "key", "eight");
  EXPECT_EQ(found(memtable, 2, "key"), "(none)");
  EXPECT_EQ(found(memtable, 3, "key"), "three");
  EXPECT_EQ(found(memtable, 4, "key"), "three");
  EXPECT_EQ(found(memtable, 5, "key"), "(erased)");
  EXPECT_EQ(found(memtable, 8, "key"), "eight");
  EXPECT_EQ(found(memtable, kLatest, "key"), "eight");
}

TEST(Memtable, of_two_entries_with_one_number_the_later_counts) {
  Memtable memtable;
  memtable.put(1, "key", "old");
  memtable.put(2, "key", "first");
  memtable.put(2, "key", "second");
  EXPECT_EQ(found(memtable, 1, "key"), "old");
  EXPECT_EQ(found(memtable, 2, "key"), "second");
}

TEST(Memtable, what_is_taken_back_was_never_there) {
  Memtable memtable;
  memtable.put(1, "kept", "old");
  Memtable::Node* kept = memtable.put(2, "kept", "new");
  Memtable::Node* twice = memtable.put(2, "twice", "new");
  memtable.put(2, "twice", "newer");
  memtable.take_back(2, kept);
  memtable.take_back(2, kept);  // it was put once: nothing more to take back
  memtable.take_back(2, twice);
  memtable.take_back(2, twice);
  EXPECT_EQ(found(memtable, 2, "kept"), "old");
  EXPECT_EQ(found(memtable, 2, "twice"), "(none)");
  const auto at = memtable.iterate(kLatest);
  at->seek("");
  EXPECT_EQ(forward(*at), "kept=old ");
  memtable.put(3, "twice", "again");
  EXPECT_EQ(found(memtable, 3, "twice"), "again");
}

TEST(Memtable, keys_and_values_are_any_bytes) {
  Memtable memtable;
  using namespace std::string_literals;
  const std::vector<std::string> keys = {
      "",          "\0"s,        "\0\0"s, "\0\x01"s, "a",
      "a\0"s,      "a\0\0\x01"s, "a\x01", "aaaaaa",  "aaaaaaaa",
      "aaaaaaaaa", "\x7f",       "\x80",  "\xff",    "\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
  for (size_t i = keys.size(); i-- > 0;) memtable.put(1, keys[i], keys[i] + keys[i]);
  const auto at = memtable.iterate(1);
  at->seek("");
  for (const std::string& key : keys) {
    ASSERT_TRUE(at->valid());
    EXPECT_EQ(at->key(), key);
    EXPECT_EQ(at->value(), key + key);
    EXPECT_EQ(found(memtable, 1, key), key + key);
    at->next();
  }
  EXPECT_FALSE(at->valid());
}

TEST(Memtable, a_walk_turns_round_anywhere_and_ends_at_both_ends) {
  Memtable memtable;
  for (const char* key : {"b", "d", "a", "c"}) memtable.put(1, key, "");
  const auto at = memtable.iterate(1);
  at->seek("b");
  at->next();
  EXPECT_EQ(at->key(), "c");
  at->previous();
  EXPECT_EQ(at->key(), "b");
  EXPECT_EQ(backward(*at), "b a ");
  at->seek_back("bb");
  EXPECT_EQ(backward(*at), "b a ");
  at->seek_back("zz");
  EXPECT_EQ(backward(*at), "d c b a ");
  at->seek_back("");
  EXPECT_FALSE(at->valid());
  at->seek("e");
  EXPECT_FALSE(at->valid());
}

TEST(Memtable, a_walk_does_not_see_what_is_added_while_it_goes_on) {
  Memtable memtable;
  memtable.put(1, "a", "1");
  memtable.put(1, "c", "1");
  const auto at = memtable.iterate(1);
  at->seek("");
  memtable.put(2, "b", "2");
  memtable.put(2, "c", "2");
  memtable.erase(3, "a");
  EXPECT_EQ(forward(*at), "a=1 c=1 ");
  const auto later = memtable.iterate(2);
  later->seek("");
  EXPECT_EQ(forward(*later), "a=1 b=2 c=2 ");
}

// The plain twin: every version of every key, in a std::map.
class PlainMemtable {
 public:
  void add(uint64_t number, const std::string& key, const std::string& value) {
    versions_[key][number] = value;
  }

  std::map<std::string, std::string> state(uint64_t number) const {
    std::map<std::string, std::string> state;
    for (const auto& [key, versions] : versions_) {
      auto after = versions.upper_bound(number);
      if (after != versions.begin()) state[key] = std::prev(after)->second;
    }
    return state;
  }

 private:
  std::map<std::string, std::map<uint64_t, std::string>> versions_;
};

std::string random_key(SeededRandom& random, size_t different) {
  const size_t which = random.below(different);
  // Some share their first eight bytes, some have fewer.
  return (which % 3 == 0 ? "k" : "document") + std::to_string(which);
}

void expect_same(const Memtable& memtable, const PlainMemtable& plain, uint64_t number,
                 SeededRandom& random) {
  const auto state = plain.state(number);
  const auto at = memtable.iterate(number);
  at->seek("");
  for (const auto& [key, value] : state) {
    ASSERT_TRUE(at->valid());
    EXPECT_EQ(at->key(), key);
    EXPECT_EQ(at->is_erased() ? "(erased)" : std::string(at->value()), value);
    at->next();
  }
  EXPECT_FALSE(at->valid());
  at->seek_back("\xff");
  for (auto entry = state.rbegin(); entry != state.rend(); ++entry) {
    ASSERT_TRUE(at->valid());
    EXPECT_EQ(at->key(), entry->first);
    at->previous();
  }
  EXPECT_FALSE(at->valid());
  for (int i = 0; i < 50; ++i) {
    const std::string key = random_key(random, 1000);
    const auto entry = state.find(key);
    EXPECT_EQ(found(memtable, number, key), entry == state.end() ? "(none)" : entry->second);
    at->seek(key);
    const auto after = state.lower_bound(key);
    EXPECT_EQ(at->valid() ? at->key() : "(end)", after == state.end() ? "(end)" : after->first);
    at->seek_back(key);
    const auto before = state.upper_bound(key);
    EXPECT_EQ(at->valid() ? at->key() : "(end)",
              before == state.begin() ? "(end)" : std::prev(before)->first);
  }
}

TEST(Memtable, agrees_with_a_plain_map_of_versions_in_any_order_of_inserts) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    Memtable memtable;
    PlainMemtable plain;
    for (uint64_t number = 1; number <= 40; ++number) {
      // A run of ascending keys, as a log record has them, or keys in no order.
      std::vector<std::string> keys;
      for (size_t i = random.below(30); i > 0; --i) keys.push_back(random_key(random, 500));
      if (random.below(2) == 0) std::sort(keys.begin(), keys.end());
      for (const std::string& key : keys) {
        const std::string value = random.below(4) == 0 ? "(erased)" : std::to_string(random.next());
        if (value == "(erased)") {
          memtable.erase(number, key);
        } else {
          memtable.put(number, key, value);
        }
        plain.add(number, key, value);
      }
    }
    for (const uint64_t number : {uint64_t{0}, uint64_t{1}, random.below(40) + 1, kLatest}) {
      expect_same(memtable, plain, number, random);
    }
  }
}

}  // namespace
}  // namespace couchlet
