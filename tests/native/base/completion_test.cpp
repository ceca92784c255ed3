#include "base/completion.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/task.h"

namespace couchlet {

namespace {

Task<void> append_when_done(std::string& out, Completion<std::string>& completion) {
  out += co_await completion;
}

Task<void> append_when_signalled(std::string& out, Event& event, char name) {
  co_await event;
  out.push_back(name);
}

}  // namespace

TEST(Completion, may_be_completed_before_it_is_awaited_or_after) {
  std::string out;
  Completion<std::string> early;
  early.complete("early ");
  spawn(append_when_done(out, early));
  EXPECT_EQ(out, "early ");
  Completion<std::string> late;
  spawn(append_when_done(out, late));
  EXPECT_EQ(out, "early ");
  late.complete("late");
  EXPECT_EQ(out, "early late");
}

TEST(Completion, hands_over_a_value_that_can_only_be_moved) {
  Completion<std::unique_ptr<int>> completion;
  int sum = 0;
  const auto take = [](Completion<std::unique_ptr<int>>& from, int& out) -> Task<void> {
    out = *co_await from;
  };
  spawn(take(completion, sum));
  completion.complete(std::make_unique<int>(7));
  EXPECT_EQ(sum, 7);
}

// The Completion lives in the frame of its waiter, which ends inside complete().
TEST(Completion, may_be_destroyed_by_the_waiter_that_it_resumes) {
  Completion<std::string>* inner = nullptr;
  std::string out;
  const auto own = [](Completion<std::string>*& pointer, std::string& text) -> Task<void> {
    Completion<std::string> completion;
    pointer = &completion;
    text = co_await completion;
  };
  spawn(own(inner, out));
  inner->complete("done");
  EXPECT_EQ(out, "done");
}

TEST(Event, wakes_all_its_waiters_in_the_order_in_which_they_came_and_only_once) {
  Event event;
  std::string out;
  for (const char name : {'a', 'b', 'c'}) spawn(append_when_signalled(out, event, name));
  EXPECT_EQ(out, "");
  event.signal();
  EXPECT_EQ(out, "abc");
  event.signal();
  EXPECT_EQ(out, "abc");
}

TEST(Event, one_that_waits_again_from_inside_is_woken_by_the_next_signal) {
  Event event;
  int turns = 0;
  const auto wait_twice = [](Event& on, int& count) -> Task<void> {
    co_await on;
    ++count;
    co_await on;
    ++count;
  };
  spawn(wait_twice(event, turns));
  event.signal();
  EXPECT_EQ(turns, 1);
  event.signal();
  EXPECT_EQ(turns, 2);
}

TEST(Event, a_waiter_may_signal_from_inside) {
  Event event;
  std::string out;
  const auto signal_on = [](Event& on, std::string& text) -> Task<void> {
    co_await on;
    text.push_back('1');
    on.signal();
    text.push_back('3');
  };
  const auto wait_from_inside = [](Event& on, std::string& text) -> Task<void> {
    co_await on;
    co_await on;
    text.push_back('2');
  };
  spawn(wait_from_inside(event, out));
  spawn(signal_on(event, out));
  event.signal();
  EXPECT_EQ(out, "123");
}

}  // namespace couchlet
