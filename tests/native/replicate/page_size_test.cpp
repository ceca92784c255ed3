#include "replicate/page_size.h"

#include <gtest/gtest.h>

namespace couchlet {
namespace {

constexpr int64_t kSlow = PageSize::kQuickMs * 3;

TEST(PageSizeTest, grows_while_full_pages_come_quickly) {
  PageSize size(0, true);
  EXPECT_EQ(size.rows(), 1000u);
  size.learn(1000, 100'000, 150);
  EXPECT_EQ(size.rows(), 4000u);
  size.learn(4000, 400'000, 200);
  EXPECT_EQ(size.rows(), 16'000u);
  size.learn(16'000, 1'600'000, 500);
  EXPECT_EQ(size.rows(), PageSize::kMostOfRemote);
}

TEST(PageSizeTest, stays_where_pages_take_their_time_or_are_not_full) {
  PageSize size(0, true);
  size.learn(1000, 100'000, kSlow);
  EXPECT_EQ(size.rows(), 1000u);
  size.learn(10, 1000, 20);
  EXPECT_EQ(size.rows(), 1000u);
  size.learn(0, 0, 20);
  EXPECT_EQ(size.rows(), 1000u);
}

TEST(PageSizeTest, is_cut_to_what_the_memory_takes_and_grows_again) {
  PageSize size(0, true);
  size.learn(1000, 1000 * 100'000, 10);
  EXPECT_EQ(size.rows(), PageSize::kPageBytes / 100'000);
  size.learn(1, 10 * PageSize::kPageBytes, 10);
  EXPECT_EQ(size.rows(), 1u);
  size.learn(1, 100, 10);
  EXPECT_EQ(size.rows(), 4u);
}

TEST(PageSizeTest, is_no_larger_than_the_app_says_and_that_at_once) {
  PageSize size(50, true);
  EXPECT_EQ(size.rows(), 50u);
  size.learn(50, 5000, 10);
  EXPECT_EQ(size.rows(), 50u);
  size.learn(50, 50 * PageSize::kPageBytes, 10);
  EXPECT_EQ(size.rows(), 1u);
  size.learn(1, 100, 10);
  EXPECT_EQ(size.rows(), 50u);
}

TEST(PageSizeTest, of_a_local_database_is_what_holds_the_thread_up_for_a_moment) {
  PageSize size(0, false);
  size.learn(1000, 0, 0);
  EXPECT_EQ(size.rows(), PageSize::kMostOfLocal);
  PageSize wanted(10'000, false);
  EXPECT_EQ(wanted.rows(), 10'000u);
}

}  // namespace
}  // namespace couchlet
