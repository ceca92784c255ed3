#include "store/memory_medium.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/run_task.h"

namespace couchlet {
namespace {

class MemoryMediumTest : public testing::Test {
 protected:
  std::unique_ptr<MemoryMedium> open() { return std::make_unique<MemoryMedium>(data_); }

  static CommitOutcome append(Medium& medium, uint64_t number, std::string bytes) {
    MediumBatch batch;
    batch.numbered = {Area::kLog, number, std::move(bytes)};
    return *run_task(medium.commit(std::move(batch)));
  }

  // "1:a 2:b"
  static std::string read(Medium& medium, Area area, uint64_t first = 0,
                          uint64_t last = kMaxRecordNumber, size_t limit = 0) {
    const auto records = run_task(medium.read(area, first, last, limit));
    if (!records.ok()) return records.error().reason;
    std::string text;
    for (const Record& record : *records) {
      text += (text.empty() ? "" : " ") + std::to_string(record.number) + ":" + record.bytes;
    }
    return text;
  }

  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
};

TEST_F(MemoryMediumTest, a_numbered_record_is_added_only_with_the_next_number) {
  const auto one = open();
  const auto other = open();
  EXPECT_EQ(append(*one, 1, "a"), CommitOutcome::kCommitted);
  EXPECT_EQ(append(*other, 1, "b"), CommitOutcome::kNumberTaken);
  EXPECT_EQ(append(*other, 3, "b"), CommitOutcome::kNumberTaken);
  EXPECT_EQ(append(*other, 2, "b"), CommitOutcome::kCommitted);
  EXPECT_EQ(read(*one, Area::kLog), "1:a 2:b");
}

TEST_F(MemoryMediumTest, a_number_is_not_used_again_after_its_record_was_deleted) {
  const auto medium = open();
  append(*medium, 1, "a");
  append(*medium, 2, "b");
  MediumBatch batch;
  batch.deletes.push_back({Area::kLog, 1, 2});
  EXPECT_EQ(*run_task(medium->commit(std::move(batch))), CommitOutcome::kCommitted);
  EXPECT_EQ(read(*medium, Area::kLog), "");
  EXPECT_EQ(append(*medium, 1, "c"), CommitOutcome::kNumberTaken);
  EXPECT_EQ(append(*medium, 3, "c"), CommitOutcome::kCommitted);
}

TEST_F(MemoryMediumTest, a_batch_that_comes_too_late_changes_nothing) {
  const auto medium = open();
  append(*medium, 1, "a");
  MediumBatch batch;
  batch.numbered = {Area::kLog, 1, "late"};
  batch.puts.push_back({Area::kBlocks, 5, "block"});
  batch.deletes.push_back({Area::kLog, 1, 1});
  EXPECT_EQ(*run_task(medium->commit(std::move(batch))), CommitOutcome::kNumberTaken);
  EXPECT_EQ(read(*medium, Area::kLog), "1:a");
  EXPECT_EQ(read(*medium, Area::kBlocks), "");
}

TEST_F(MemoryMediumTest,
       a_record_that_is_void_elsewhere_takes_the_next_number_if_it_comes_too_late) {
  const auto medium = open();
  append(*medium, 1, "a");
  MediumBatch batch;
  batch.numbered = {Area::kLog, 1, "late", true};
  EXPECT_EQ(*run_task(medium->commit(std::move(batch))), CommitOutcome::kNumberTaken);
  EXPECT_EQ(read(*medium, Area::kLog), "1:a 2:late");
  EXPECT_EQ(append(*medium, 3, "b"), CommitOutcome::kCommitted);
}

TEST_F(MemoryMediumTest, the_log_and_the_manifest_are_numbered_each_for_itself) {
  const auto medium = open();
  append(*medium, 1, "a");
  MediumBatch batch;
  batch.numbered = {Area::kManifest, 1, "runs"};
  batch.puts.push_back({Area::kBlocks, 5, "block"});
  batch.deletes.push_back({Area::kLog, 1, 1});
  EXPECT_EQ(*run_task(medium->commit(std::move(batch))), CommitOutcome::kCommitted);
  EXPECT_EQ(read(*medium, Area::kLog), "");
  EXPECT_EQ(read(*medium, Area::kManifest), "1:runs");
  EXPECT_EQ(read(*medium, Area::kBlocks), "5:block");
}

TEST_F(MemoryMediumTest, reads_a_range_up_to_a_limit) {
  const auto medium = open();
  for (uint64_t number = 1; number <= 5; ++number) append(*medium, number, "x");
  EXPECT_EQ(read(*medium, Area::kLog, 2, 4), "2:x 3:x 4:x");
  EXPECT_EQ(read(*medium, Area::kLog, 2, 9, 2), "2:x 3:x");
  EXPECT_EQ(read(*medium, Area::kLog, 6, 9), "");
}

TEST_F(MemoryMediumTest, other_contexts_hear_of_a_commit_and_its_writer_does_not) {
  const auto one = open();
  const auto other = open();
  std::vector<uint64_t> heard;
  one->on_foreign_commit([&](uint64_t) { FAIL(); });
  other->on_foreign_commit([&](uint64_t number) { heard.push_back(number); });
  append(*one, 1, "a");
  append(*one, 7, "too late");
  append(*one, 2, "b");
  EXPECT_EQ(heard, (std::vector<uint64_t>{1, 2}));
  other->close();
  append(*one, 3, "c");
  EXPECT_EQ(heard.size(), 2U);
}

TEST_F(MemoryMediumTest, who_hears_of_a_commit_may_close_another_medium) {
  const auto one = open();
  const auto other = open();
  auto third = open();
  third->on_foreign_commit([](uint64_t) { FAIL(); });
  other->on_foreign_commit([&](uint64_t) { third.reset(); });
  append(*one, 1, "a");
  EXPECT_EQ(third, nullptr);
}

TEST_F(MemoryMediumTest, the_records_stay_while_nobody_has_them_open) {
  append(*open(), 1, "a");
  EXPECT_EQ(read(*open(), Area::kLog), "1:a");
}

TEST_F(MemoryMediumTest, after_destroy_and_close_every_call_fails) {
  const auto one = open();
  const auto other = open();
  append(*one, 1, "a");
  EXPECT_TRUE(run_task(one->destroy()).ok());
  EXPECT_EQ(read(*one, Area::kLog), "database is closed");
  EXPECT_EQ(read(*other, Area::kLog), "database was destroyed in another context");
  EXPECT_FALSE(run_task(other->commit({})).ok());
  EXPECT_FALSE(run_task(other->destroy()).ok());
  EXPECT_TRUE(data_->records(Area::kLog).empty());
}

}  // namespace
}  // namespace couchlet
