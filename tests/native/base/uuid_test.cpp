#include "base/uuid.h"

#include <gtest/gtest.h>

#include <set>

#include "base/seeded_random.h"

namespace couchlet {

namespace {

class FixedRandom : public Random {
 public:
  explicit FixedRandom(uint64_t value) : value_(value) {}
  uint64_t next() override { return value_; }

 private:
  uint64_t value_;
};

}  // namespace

TEST(Uuid, has_the_version_and_the_variant_of_rfc_9562_and_all_other_bits_random) {
  FixedRandom zeros(0);
  EXPECT_EQ(uuid_v4(zeros), "00000000-0000-4000-8000-000000000000");
  FixedRandom ones(~0ULL);
  EXPECT_EQ(uuid_v4(ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(Uuid, as_couchdb_writes_it_is_32_digits_all_random) {
  FixedRandom zeros(0);
  EXPECT_EQ(uuid_hex(zeros), std::string(32, '0'));
  FixedRandom ones(~0ULL);
  EXPECT_EQ(uuid_hex(ones), std::string(32, 'f'));
}

TEST(Uuid, none_comes_twice) {
  SeededRandom random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(seen.insert(uuid_v4(random)).second);
    EXPECT_TRUE(seen.insert(uuid_hex(random)).second);
  }
}

}  // namespace couchlet
