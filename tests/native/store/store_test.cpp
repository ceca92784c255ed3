#include "store/store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/log_writer.h"
#include "store/open_store.h"
#include "store/optimism.h"
#include "store/started_task.h"

namespace couchlet {
namespace {

class StoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open() {
    auto store = run_task(open_store(data_));
    EXPECT_TRUE(store.ok()) << store.error().reason;
    return *std::move(store);
  }

  static std::string commit(Store& store, Store::Decide decide) {
    return outcome(run_task(store.commit(std::move(decide))));
  }

  size_t record_count() { return data_->records(Area::kLog).size(); }

  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
};

TEST_F(StoreTest, a_new_one_is_empty) {
  const auto store = open();
  EXPECT_EQ(scan(*store), "");
  EXPECT_EQ(get(*store, "key"), "(none)");
  EXPECT_EQ(record_count(), 0U);
}

TEST_F(StoreTest, what_was_committed_is_there_and_there_again_after_reopening) {
  {
    const auto store = open();
    EXPECT_EQ(commit(*store, putting("a", "1")), "");
    EXPECT_EQ(commit(*store, putting("b", "2")), "");
    EXPECT_EQ(commit(*store, putting("a", "3")), "");
    EXPECT_EQ(commit(*store, erasing("b")), "");
    EXPECT_EQ(commit(*store, putting("c", "")), "");
    EXPECT_EQ(scan(*store), "a=3 c=");
    EXPECT_TRUE(run_task(store->close()).ok());
  }
  EXPECT_EQ(scan(*open()), "a=3 c=");
  EXPECT_EQ(record_count(), 5U);
}

TEST_F(StoreTest, a_commit_of_many_megabytes_is_one_record_and_its_parts) {
  const auto large = [](WriteView& view) -> Task<Result<void>> {
    for (int i = 0; i < 100; ++i) view.put(std::to_string(i), std::string(50'000, 'v'));
    co_return Result<void>();
  };
  EXPECT_EQ(commit(*open(), large), "");
  EXPECT_EQ(record_count(), 1U);
  const auto store = open();
  EXPECT_EQ(get(*store, "77"), std::string(50'000, 'v'));
}

TEST_F(StoreTest, a_decision_sees_its_own_changes) {
  const auto store = open();
  commit(*store, putting("a", "1"));
  commit(*store, putting("c", "3"));
  std::string seen;
  const auto decide = [&seen](WriteView& view) -> Task<Result<void>> {
    view.put("b", "2");
    view.erase("c");
    CO_TRY_ASSIGN(const auto b, co_await view.get("b"));
    CO_TRY_ASSIGN(const auto c, co_await view.get("c"));
    seen = b.value_or("(none)") + " " + c.value_or("(none)");
    const auto cursor = view.cursor();
    CO_TRY(co_await cursor->seek(""));
    while (cursor->valid()) {
      seen += " " + std::string(cursor->key());
      CO_TRY(co_await cursor->next());
    }
    co_return Result<void>();
  };
  EXPECT_EQ(commit(*store, decide), "");
  EXPECT_EQ(seen, "2 (none) a b");
}

TEST_F(StoreTest, a_decision_that_is_an_error_changes_nothing_and_costs_no_record) {
  const auto store = open();
  EXPECT_EQ(commit(*store, declining("a")), "conflict");
  EXPECT_EQ(scan(*store), "");
  EXPECT_EQ(record_count(), 0U);
}

TEST_F(StoreTest, a_decision_without_changes_costs_no_record) {
  const auto store = open();
  EXPECT_EQ(commit(*store, [](WriteView&) -> Task<Result<void>> { co_return Result<void>(); }), "");
  EXPECT_EQ(record_count(), 0U);
}

TEST_F(StoreTest, a_snapshot_and_its_cursor_stay_what_they_are) {
  const auto store = open();
  commit(*store, putting("a", "1"));
  commit(*store, putting("b", "1"));
  const SnapshotRef snapshot = store->snapshot();
  const auto cursor = store->cursor(snapshot);
  EXPECT_TRUE(run_task(cursor->seek("")).ok());
  commit(*store, putting("a", "2"));
  commit(*store, erasing("b"));
  commit(*store, putting("ab", "2"));
  EXPECT_EQ(scan(*store), "a=2 ab=2");
  EXPECT_EQ(scan(*store, snapshot), "a=1 b=1");
  EXPECT_EQ(get(*store, "a", snapshot), "1");
  EXPECT_TRUE(run_task(cursor->next()).ok());
  EXPECT_EQ(cursor->key(), "b");
}

TEST_F(StoreTest, another_contexts_commit_is_heard_of_and_told_on) {
  const auto one = open();
  const auto other = open();
  int told_one = 0;
  int told_other = 0;
  one->on_commit([&] { ++told_one; });
  other->on_commit([&] { ++told_other; });
  commit(*one, putting("a", "1"));
  EXPECT_EQ(get(*other, "a"), "1");
  EXPECT_EQ(told_one, 1);
  EXPECT_EQ(told_other, 1);
  commit(*other, putting("a", "2"));
  EXPECT_EQ(get(*one, "a"), "2");
  EXPECT_EQ(told_one, 2);
  EXPECT_EQ(told_other, 2);
}

TEST_F(StoreTest, is_behind_from_the_news_of_a_commit_until_it_is_read) {
  const auto faults = std::make_shared<Faults>();
  const auto other = *run_task(open_store(data_, faults));
  const auto one = open();
  Turns turns;
  faults->turns = &turns;
  commit(*one, putting("a", "1"));
  EXPECT_FALSE(other->is_behind());
  turns.give(0);  // the news arrives, and the log is being read
  EXPECT_TRUE(other->is_behind());
  EXPECT_EQ(get(*other, "a"), "(none)");
  while (turns.waiting() > 0) {
    EXPECT_TRUE(other->is_behind());
    turns.give(0);
  }
  EXPECT_FALSE(other->is_behind());
  EXPECT_EQ(get(*other, "a"), "1");
}

TEST_F(StoreTest, a_listener_may_commit) {
  const auto store = open();
  std::vector<StartedTask<Result<void>>> commits;
  store->on_commit([&] {
    if (commits.empty()) commits.emplace_back(store->commit(putting("b", "2")));
  });
  EXPECT_EQ(commit(*store, putting("a", "1")), "");
  EXPECT_TRUE(commits.at(0).is_done());
  EXPECT_EQ(scan(*store), "a=1 b=2");
}

// Contexts that hear nothing of each other.
class DeafStoresTest : public StoreTest {
 protected:
  std::unique_ptr<Store> open_deaf() {
    const auto faults = std::make_shared<Faults>();
    faults->is_news_lost = true;
    return *run_task(open_store(data_, faults));
  }
};

TEST_F(DeafStoresTest, what_another_has_committed_shows_after_catching_up) {
  const auto one = open_deaf();
  const auto other = open_deaf();
  commit(*one, putting("a", "1"));
  EXPECT_EQ(get(*other, "a"), "(none)");
  EXPECT_TRUE(run_task(other->catch_up()).ok());
  EXPECT_EQ(get(*other, "a"), "1");
}

TEST_F(DeafStoresTest, a_decision_is_made_again_on_what_another_context_has_committed) {
  const auto one = open_deaf();
  const auto other = open_deaf();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(commit(*one, counting("count")), "");
    EXPECT_EQ(commit(*other, counting("count")), "");
  }
  EXPECT_EQ(get(*other, "count"), "10");
  EXPECT_EQ(record_count(), 10U + 2);  // each has once been too optimistic
}

TEST_F(DeafStoresTest, contexts_that_race_for_ever_leave_few_void_records) {
  const auto one = open_deaf();
  const auto other = open_deaf();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(commit(*one, counting("count")), "");
    EXPECT_EQ(commit(*other, counting("count")), "");
  }
  EXPECT_EQ(get(*other, "count"), "400");
  EXPECT_EQ(record_count(), 400U + 2);
}

TEST_F(DeafStoresTest, who_has_lost_a_race_is_optimistic_again_after_some_commits) {
  const auto one = open_deaf();
  const auto other = open_deaf();
  size_t commits = 0;
  const auto commit_by = [&](Store& store, int times) {
    for (int i = 0; i < times; ++i) EXPECT_EQ(commit(store, counting("count")), "");
    commits += static_cast<size_t>(times);
  };
  const auto void_records = [&] { return record_count() - commits; };
  commit_by(*one, 1);
  commit_by(*other, 1);
  EXPECT_EQ(void_records(), 1U);  // the other's
  commit_by(*other, Optimism::kCheckedAfterLoss - 2);
  commit_by(*one, 1);
  EXPECT_EQ(void_records(), 2U);  // and one's
  commit_by(*other, 1);
  EXPECT_EQ(void_records(), 2U);  // it was careful; and lost again
  commit_by(*other, Optimism::kCheckedAfterLoss - 1);
  commit_by(*one, 1);
  EXPECT_EQ(void_records(), 2U);
  commit_by(*other, 1);
  EXPECT_EQ(void_records(), 3U);
  EXPECT_EQ(get(*other, "count"), std::to_string(commits));
}

TEST_F(DeafStoresTest, a_conflict_is_not_answered_from_an_old_state) {
  const auto one = open_deaf();
  const auto other = open_deaf();
  const auto only_after_a = [](WriteView& view) -> Task<Result<void>> {
    CO_TRY_ASSIGN(const auto a, co_await view.get("a"));
    if (!a) co_return errors::conflict();
    view.put("b", "2");
    co_return Result<void>();
  };
  EXPECT_EQ(commit(*other, only_after_a), "conflict");
  commit(*one, putting("a", "1"));
  EXPECT_EQ(commit(*other, only_after_a), "");
  EXPECT_EQ(scan(*other), "a=1 b=2");
}

TEST_F(StoreTest, after_close_every_call_says_so) {
  const auto store = open();
  commit(*store, putting("a", "1"));
  const SnapshotRef snapshot = store->snapshot();
  EXPECT_TRUE(run_task(store->close()).ok());
  EXPECT_EQ(commit(*store, putting("a", "2")), "precondition_failed");
  EXPECT_EQ(get(*store, "a"), "precondition_failed");
  EXPECT_EQ(scan(*store, snapshot), "precondition_failed");
  EXPECT_EQ(outcome(run_task(store->catch_up())), "precondition_failed");
  EXPECT_EQ(outcome(run_task(store->close())), "precondition_failed");
  EXPECT_EQ(outcome(run_task(store->destroy())), "precondition_failed");
  EXPECT_EQ(run_task(store->close()).error().reason, "database is closed");
}

TEST_F(StoreTest, a_closed_one_hears_no_more_of_others) {
  const auto one = open();
  const auto other = open();
  other->on_commit([] { FAIL(); });
  EXPECT_TRUE(run_task(other->close()).ok());
  EXPECT_EQ(commit(*one, putting("a", "1")), "");
}

TEST_F(StoreTest, destroy_removes_the_records_and_other_contexts_get_errors) {
  const auto one = open();
  const auto other = open();
  commit(*one, putting("a", "1"));
  EXPECT_TRUE(run_task(one->destroy()).ok());
  EXPECT_EQ(record_count(), 0U);
  EXPECT_EQ(commit(*other, putting("b", "2")), "precondition_failed");
}

TEST_F(StoreTest, a_damaged_log_is_not_opened) {
  commit(*open(), putting("a", "1"));
  commit(*open(), putting("b", "2"));
  data_->records(Area::kLog).at(2)[10] ^= 1;
  const auto store = run_task(open_store(data_));
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().name, "corrupt_data");
  EXPECT_NE(store.error().reason.find("Log record 2"), std::string::npos);
}

TEST_F(StoreTest, a_log_with_a_gap_is_not_opened) {
  for (int i = 0; i < 5; ++i) commit(*open(), putting("a", "1"));
  data_->records(Area::kLog).erase(2);
  data_->records(Area::kLog).erase(3);
  const auto store = run_task(open_store(data_));
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().reason, "Log record 2 is missing");
}

TEST_F(StoreTest, a_record_of_a_newer_version_stops_commits_and_what_was_read_stays_readable) {
  const auto store = open();
  commit(*store, putting("a", "1"));
  MediumBatch batch;
  batch.numbered = {Area::kLog, 2, "\xC1\x09 what a newer version writes"};
  EXPECT_TRUE(run_task(MemoryMedium(data_).commit(std::move(batch))).ok());
  EXPECT_EQ(commit(*store, putting("b", "2")), "unsupported_format");
  EXPECT_EQ(get(*store, "a"), "1");
  EXPECT_EQ(outcome(run_task(store->catch_up())), "unsupported_format");
}

TEST_F(StoreTest, a_log_that_was_emptied_under_an_open_store_is_noticed) {
  const auto store = open();
  commit(*store, putting("a", "1"));
  auto lost = std::make_shared<MemoryMediumData>();
  {
    // Another log: longer, then cut off before its end.
    const auto other = *run_task(open_store(lost));
    for (int i = 0; i < 9; ++i) commit(*other, putting("b", "2"));
    lost->records(Area::kLog).clear();
  }
  std::swap(*lost, *data_);
  EXPECT_EQ(commit(*store, putting("c", "3")), "corrupt_data");
  std::swap(*lost, *data_);
}

TEST_F(StoreTest, may_be_deleted_by_who_gets_the_last_answer) {
  auto store = open();
  bool is_done = false;
  const auto commit_and_delete = [&]() -> Task<void> {
    EXPECT_TRUE((co_await store->commit(putting("a", "1"))).ok());
    store.reset();
    is_done = true;
  };
  Turns turns;
  const auto faults = std::make_shared<Faults>();
  faults->turns = &turns;
  StartedTask opening(open_store(data_, faults));
  turns.give_all();
  store = std::move(const_cast<Result<std::unique_ptr<Store>>&>(opening.result())).value();
  spawn(commit_and_delete());
  EXPECT_FALSE(is_done);
  turns.give_all();
  EXPECT_TRUE(is_done);
  EXPECT_EQ(scan(*open()), "a=1");
}

TEST_F(StoreTest, ten_thousand_commits_one_after_another_use_no_stack) {
  const auto store = open();
  const auto run = [&]() -> Task<int> {
    int failed = 0;
    for (int i = 0; i < 10'000; ++i)
      failed += (co_await store->commit(counting("count"))).ok() ? 0 : 1;
    co_return failed;
  };
  EXPECT_EQ(run_task(run()), 0);
  EXPECT_EQ(get(*store, "count"), "10000");
}

}  // namespace
}  // namespace couchlet
