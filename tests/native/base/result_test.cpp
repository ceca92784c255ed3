#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/task.h"

namespace couchlet {

namespace {

const Error kMissing = errors::not_found("missing");

Result<int> number(bool exists) {
  if (!exists) return kMissing;
  return 21;
}

Result<> check(bool holds) {
  if (!holds) return errors::conflict();
  return {};
}

Result<int> twice(bool exists, bool holds) {
  TRY_ASSIGN(const int n, number(exists));
  TRY(check(holds));
  return 2 * n;
}

Task<Result<int>> twice_waiting(bool exists, bool holds) {
  CO_TRY_ASSIGN(const int n, number(exists));
  CO_TRY(check(holds));
  co_return 2 * n;
}

Task<void> store(Task<Result<int>> task, std::optional<Result<int>>& out) {
  out.emplace(co_await task);
}

}  // namespace

TEST(Result, holds_a_value_or_an_error) {
  EXPECT_TRUE(number(true).ok());
  EXPECT_EQ(*number(true), 21);
  const Result<int> missing = number(false);
  EXPECT_FALSE(missing);
  EXPECT_EQ(missing.error(), kMissing);
  EXPECT_TRUE(check(true).ok());
  EXPECT_EQ(check(false).error().status, 409);
}

TEST(Result, a_value_can_be_moved_out_that_cannot_be_copied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  EXPECT_EQ(*result.value(), 5);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, the_try_macros_go_on_with_a_value_and_return_an_error) {
  EXPECT_EQ(*twice(true, true), 42);
  EXPECT_EQ(twice(false, true).error(), kMissing);
  EXPECT_EQ(twice(true, false).error(), errors::conflict());
}

TEST(Result, the_try_macros_do_the_same_in_a_coroutine) {
  std::optional<Result<int>> out;
  spawn(store(twice_waiting(true, true), out));
  EXPECT_EQ(**out, 42);
  spawn(store(twice_waiting(false, true), out));
  EXPECT_EQ(out->error(), kMissing);
  spawn(store(twice_waiting(true, false), out));
  EXPECT_EQ(out->error(), errors::conflict());
}

TEST(ResultDeathTest, asking_for_what_is_not_there_aborts_in_every_build) {
  Result<int> value = number(true);
  Result<int> error = number(false);
  EXPECT_DEATH(static_cast<void>(error.value()), "");
  EXPECT_DEATH(static_cast<void>(value.error()), "");
  EXPECT_DEATH(static_cast<void>(check(true).error()), "");
}

}  // namespace couchlet
