// Commits that wait together go into one log record, each with an answer of its own.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/open_store.h"
#include "store/started_task.h"
#include "store/store.h"

namespace couchlet {
namespace {

using Commit = StartedTask<Result<void>>;

class GroupCommitTest : public testing::Test {
 protected:
  GroupCommitTest() {
    faults_->turns = &turns_;
    StartedTask opening(open_store(data_, faults_));
    turns_.give_all();
    store_ = std::move(const_cast<Result<std::unique_ptr<Store>>&>(opening.result())).value();
  }

  Commit start(Store::Decide decide) { return Commit(store_->commit(std::move(decide))); }

  size_t record_count() { return data_->records(Area::kLog).size(); }

  // What the log holds, for a context that opens it now.
  std::string reopened() { return scan(**run_task(open_store(data_))); }

  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
  Turns turns_;
  std::unique_ptr<Store> store_;
};

TEST_F(GroupCommitTest, a_thousand_that_wait_together_share_one_record) {
  const Commit first = start(putting("first", ""));
  std::vector<Commit> rest;
  for (int i = 0; i < 999; ++i) rest.push_back(start(counting("count")));
  EXPECT_FALSE(first.is_done());
  turns_.give_all();
  EXPECT_EQ(outcome(first.result()), "");
  for (const Commit& commit : rest) EXPECT_EQ(outcome(commit.result()), "");
  EXPECT_EQ(record_count(), 2U);  // the first did not wait for the others
  EXPECT_EQ(reopened(), "count=999 first=");
}

TEST_F(GroupCommitTest, nothing_is_visible_before_it_is_committed) {
  const Commit commit = start(putting("a", "1"));
  EXPECT_EQ(scan(*store_), "");
  turns_.give(0);  // the record is there, the answer is on its way
  EXPECT_EQ(record_count(), 1U);
  EXPECT_EQ(scan(*store_), "");
  turns_.give_all();
  EXPECT_EQ(scan(*store_), "a=1");
}

TEST_F(GroupCommitTest, an_error_is_its_own_commits_and_the_others_see_nothing_of_it) {
  const Commit first = start(putting("first", ""));
  const Commit count = start(counting("count"));
  const Commit declined = start(declining("count"));
  const Commit recount = start(counting("count"));
  turns_.give_all();
  EXPECT_EQ(outcome(count.result()), "");
  EXPECT_EQ(outcome(declined.result()), "conflict");
  EXPECT_EQ(outcome(recount.result()), "");
  EXPECT_EQ(reopened(), "count=2 first=");
}

TEST_F(GroupCommitTest, another_context_in_between_makes_the_whole_group_decide_again) {
  std::vector<Commit> commits;
  for (int i = 0; i < 4; ++i) commits.push_back(start(counting("count")));
  {
    const auto other = *run_task(open_store(data_));
    EXPECT_EQ(outcome(run_task(other->commit(putting("count", "100")))), "");
  }
  turns_.give_all();
  for (const Commit& commit : commits) EXPECT_EQ(outcome(commit.result()), "");
  EXPECT_EQ(reopened(), "count=104");
}

TEST_F(GroupCommitTest, an_error_of_the_medium_fails_the_group_and_no_other) {
  const size_t begun = faults_->calls;
  // The calls to come: the first commit, the group's commit, the read that settles it.
  faults_->choose = [begun](size_t call) {
    return call == begun + 1 ? Fault::kFailBefore : Fault::kNone;
  };
  const Commit first = start(putting("first", ""));
  const Commit one = start(putting("one", "1"));
  const Commit two = start(putting("two", "2"));
  const Commit declined = start(declining("three"));
  turns_.give(0);
  turns_.give(0);
  const Commit later = start(putting("later", ""));
  turns_.give_all();
  EXPECT_EQ(outcome(first.result()), "");
  EXPECT_EQ(outcome(one.result()), "io_error");
  EXPECT_EQ(outcome(two.result()), "io_error");
  EXPECT_EQ(outcome(declined.result()), "conflict");
  EXPECT_EQ(outcome(later.result()), "");
  EXPECT_EQ(scan(*store_), "first= later=");
  EXPECT_EQ(reopened(), "first= later=");
}

TEST_F(GroupCommitTest, groups_end_at_a_size) {
  const std::string large(400 * 1024, 'v');
  const Commit first = start(putting("first", ""));
  std::vector<Commit> commits;
  for (int i = 0; i < 6; ++i) commits.push_back(start(putting(std::to_string(i), large)));
  turns_.give_all();
  for (const Commit& commit : commits) EXPECT_EQ(outcome(commit.result()), "");
  EXPECT_EQ(record_count(), 3U);  // the first; three times 400 KiB, which is full; three more
}

TEST_F(GroupCommitTest, commits_go_in_the_order_in_which_they_came) {
  std::vector<int> order;
  std::vector<Commit> commits;
  for (int i = 0; i < 20; ++i) {
    commits.push_back(start([&order, i](WriteView& view) -> Task<Result<void>> {
      order.push_back(i);
      view.put(std::to_string(i), "");
      co_return Result<void>();
    }));
  }
  turns_.give_all();
  ASSERT_EQ(order.size(), 20U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST_F(GroupCommitTest, close_waits_for_what_has_begun_and_takes_nothing_more) {
  const Commit first = start(putting("first", ""));
  const Commit waiting = start(putting("waiting", ""));
  const StartedTask<Result<void>> closing(store_->close());
  const Commit late = start(putting("late", ""));
  EXPECT_EQ(outcome(late.result()), "precondition_failed");
  EXPECT_FALSE(closing.is_done());
  turns_.give_all();
  EXPECT_EQ(outcome(first.result()), "");
  EXPECT_EQ(outcome(waiting.result()), "");
  EXPECT_EQ(outcome(closing.result()), "");
  EXPECT_EQ(reopened(), "first= waiting=");
}

TEST_F(GroupCommitTest, destroy_waits_too) {
  const Commit first = start(putting("first", ""));
  const StartedTask<Result<void>> destroying(store_->destroy());
  turns_.give_all();
  EXPECT_EQ(outcome(first.result()), "");
  EXPECT_EQ(outcome(destroying.result()), "");
  EXPECT_EQ(record_count(), 0U);
}

TEST_F(GroupCommitTest, who_is_answered_may_delete_the_store_when_it_was_closed) {
  const auto close_and_delete = [this]() -> Task<bool> {
    EXPECT_TRUE((co_await store_->close()).ok());
    store_.reset();
    co_return true;
  };
  const Commit first = start(putting("first", ""));
  const StartedTask<bool> closing(close_and_delete());
  turns_.give_all();
  EXPECT_TRUE(closing.is_done());
  EXPECT_EQ(reopened(), "first=");
}

}  // namespace
}  // namespace couchlet
