#include "replicate/back_off.h"

#include <gtest/gtest.h>

#include "base/seeded_random.h"

namespace couchlet {
namespace {

TEST(BackOff, each_wait_is_between_half_and_all_of_twice_the_one_before) {
  SeededRandom random(7);
  BackOff back_off(random);
  int64_t ceiling = BackOff::kFirstMs;
  for (int i = 0; i < 12; ++i) {
    const int64_t wait = back_off.next_ms(0);
    EXPECT_GE(wait, ceiling / 2);
    EXPECT_LE(wait, ceiling);
    ceiling = std::min(ceiling * 2, BackOff::kLongestMs);
  }
  EXPECT_EQ(ceiling, BackOff::kLongestMs);
}

TEST(BackOff, waits_of_many_clients_are_spread) {
  int64_t shortest = BackOff::kFirstMs;
  int64_t longest = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SeededRandom random(seed);
    const int64_t wait = BackOff(random).next_ms(0);
    shortest = std::min(shortest, wait);
    longest = std::max(longest, wait);
  }
  EXPECT_LT(shortest, BackOff::kFirstMs * 6 / 10);
  EXPECT_GT(longest, BackOff::kFirstMs * 9 / 10);
}

TEST(BackOff, begins_anew_once_the_connection_has_worked) {
  SeededRandom random(7);
  BackOff back_off(random);
  for (int i = 0; i < 5; ++i) back_off.next_ms(0);
  back_off.reset();
  EXPECT_LE(back_off.next_ms(0), BackOff::kFirstMs);
}

TEST(BackOff, what_a_server_asks_for_is_waited_at_the_least_but_not_for_ever) {
  SeededRandom random(7);
  BackOff back_off(random);
  EXPECT_GE(back_off.next_ms(30'000), 30'000);
  EXPECT_LE(back_off.next_ms(30'000), 30'000 + BackOff::kFirstMs);
  EXPECT_LE(back_off.next_ms(int64_t{1} << 50), BackOff::kLongestAskedMs + 4 * BackOff::kFirstMs);
}

TEST(BackOff, an_app_can_have_a_rule_of_its_own) {
  SeededRandom random{1};
  BackOff back_off(random, [](int64_t former) { return former == 0 ? 100 : former * 3; });
  EXPECT_EQ(back_off.next_ms(0), 100);
  EXPECT_EQ(back_off.next_ms(0), 300);
  EXPECT_EQ(back_off.next_ms(5000), 5000) << "a server's wish is heeded all the same";
  EXPECT_EQ(back_off.next_ms(0), 2700);
  back_off.reset();
  EXPECT_EQ(back_off.next_ms(0), 100);
}

TEST(BackOff, is_as_ever_where_the_rule_has_no_answer) {
  SeededRandom random{1};
  BackOff back_off(random, [](int64_t) { return BackOff::kNoAnswer; });
  EXPECT_GE(back_off.next_ms(0), BackOff::kFirstMs / 2);
  EXPECT_GE(back_off.next_ms(0), BackOff::kFirstMs);
}

}  // namespace
}  // namespace couchlet
