#include "base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/completion.h"

namespace couchlet {

namespace {

// Counts the objects that are alive: frames that are not freed, or freed twice, show.
struct Counted {
  explicit Counted(int& alive_count) : alive(alive_count) { ++alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --alive; }
  int& alive;
};

Task<int> immediate(int value) { co_return value; }

Task<int> waiting(Completion<int>& completion) { co_return co_await completion; }

Task<void> add_to(int& sum, Task<int> task) { sum += co_await task; }

Task<void> count_to(int count, int& sum) {
  for (int i = 0; i < count; ++i) sum += co_await immediate(1);
}

Task<int> nested(int depth, Completion<int>& completion) {
  if (depth == 0) co_return co_await completion;
  co_return 1 + co_await nested(depth - 1, completion);
}

}  // namespace

TEST(Task, does_nothing_before_it_is_awaited) {
  bool has_run = false;
  const auto run = [](bool& flag) -> Task<void> {
    flag = true;
    co_return;
  };
  {
    const Task<void> task = run(has_run);
    EXPECT_FALSE(has_run);
  }
  EXPECT_FALSE(has_run);
  spawn(run(has_run));
  EXPECT_TRUE(has_run);
}

TEST(Task, gives_its_value_to_its_awaiter_at_once_or_later) {
  int sum = 0;
  spawn(add_to(sum, immediate(5)));
  EXPECT_EQ(sum, 5);
  Completion<int> completion;
  spawn(add_to(sum, waiting(completion)));
  EXPECT_EQ(sum, 5);
  completion.complete(6);
  EXPECT_EQ(sum, 11);
}

// A frame of the stack for each would need hundreds of megabytes.
TEST(Task, a_loop_over_tasks_that_do_not_wait_uses_constant_stack) {
  int sum = 0;
  spawn(count_to(1'000'000, sum));
  EXPECT_EQ(sum, 1'000'000);
}

TEST(Task, a_deep_chain_resumes_up_to_its_outermost_awaiter) {
  Completion<int> completion;
  int sum = 0;
  spawn(add_to(sum, nested(100, completion)));
  EXPECT_EQ(sum, 0);
  completion.complete(1);
  EXPECT_EQ(sum, 101);
}

TEST(Task, carries_values_that_can_only_be_moved) {
  const auto make = []() -> Task<std::unique_ptr<std::string>> {
    co_return std::make_unique<std::string>("moved");
  };
  std::string out;
  const auto take = [&make](std::string& text) -> Task<void> { text = *co_await make(); };
  spawn(take(out));
  EXPECT_EQ(out, "moved");
}

TEST(Task, the_frame_is_freed_when_its_task_is_dropped_unstarted_waiting_or_done) {
  int alive = 0;
  const auto hold = [](std::shared_ptr<Counted> counted, Completion<int>& completion) -> Task<int> {
    const int value = co_await completion;
    co_return value + counted->alive;
  };
  Completion<int> never;
  {
    const Task<int> unstarted = hold(std::make_shared<Counted>(alive), never);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);

  Completion<int> later;
  int sum = 0;
  spawn(add_to(sum, hold(std::make_shared<Counted>(alive), later)));
  EXPECT_EQ(alive, 1);
  later.complete(1);
  EXPECT_EQ(sum, 2);
  EXPECT_EQ(alive, 0);
}

TEST(Task, assigning_to_a_task_frees_the_frame_that_it_held) {
  int alive = 0;
  const auto hold = [](std::shared_ptr<Counted> counted) -> Task<int> { co_return counted->alive; };
  Task<int> task = hold(std::make_shared<Counted>(alive));
  task = hold(std::make_shared<Counted>(alive));
  EXPECT_EQ(alive, 1);
  Task<int> moved = std::move(task);
  EXPECT_EQ(alive, 1);
  int sum = 0;
  spawn(add_to(sum, std::move(moved)));
  EXPECT_EQ(sum, 1);
  EXPECT_EQ(alive, 0);
}

}  // namespace couchlet
