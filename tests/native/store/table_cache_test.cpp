// table_cache.h: what is read, how often, and what stays in memory.
#include "store/table_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/run_task.h"
#include "store/fault_medium.h"
#include "store/memory_medium.h"
#include "store/started_task.h"
#include "store/table_builder.h"

namespace couchlet {
namespace {

using Neighbours = TableCache::Neighbours;

class TableCacheTest : public testing::Test {
 protected:
  // Of `keys` keys with values of 1,000 bytes: some 14 keys a block.
  TableRef write_table(int keys, TableBuilder::Filter filter) {
    TableBuilder builder(filter);
    for (int i = 0; i < keys; ++i) builder.put(std::to_string(100'000 + i), std::string(1000, 'v'));
    BuiltTable table = builder.finish();
    table.info.area = Area::kBlocks;
    table.info.first_record = next_record_;
    MediumBatch batch;
    for (std::string& record : table.records) {
      batch.puts.push_back({Area::kBlocks, next_record_++, std::move(record)});
    }
    MemoryMedium medium(data_);
    EXPECT_TRUE(run_task(medium.commit(std::move(batch))).ok());
    return std::make_shared<const TableInfo>(std::move(table.info));
  }

  bool has_block(TableCache& cache, const TableRef& table, const IndexRef& index, size_t block) {
    return cache.find_block(*table, *index, block) != nullptr;
  }

  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
  FaultMedium medium_{std::make_unique<MemoryMedium>(data_), faults_};

 private:
  uint64_t next_record_ = 1000;
};

TEST_F(TableCacheTest, neighbours_come_with_a_block_where_there_is_room) {
  const TableRef table = write_table(1'000, TableBuilder::Filter::kOfAllKeys);
  TableCache cache(medium_, 8 << 20);
  const IndexRef index = *run_task(cache.load_index(*table));
  ASSERT_GT(index->block_count(), 40U);

  ASSERT_TRUE(run_task(cache.load_block(*table, index, 39)).ok());
  EXPECT_FALSE(has_block(cache, table, index, 38));
  ASSERT_TRUE(run_task(cache.load_block(*table, index, 20, Neighbours::kWanted)).ok());
  for (size_t block = 16; block < 32; ++block) EXPECT_TRUE(has_block(cache, table, index, block));
  EXPECT_FALSE(has_block(cache, table, index, 15));
  EXPECT_FALSE(has_block(cache, table, index, 32));
  EXPECT_EQ(faults_->calls, 3U);

  // None is read that is here already.
  ASSERT_TRUE(run_task(cache.load_block(*table, index, 35, Neighbours::kWanted)).ok());
  EXPECT_TRUE(has_block(cache, table, index, 38));
  EXPECT_FALSE(has_block(cache, table, index, 40));
}

TEST_F(TableCacheTest, without_room_a_block_comes_alone) {
  const TableRef table = write_table(1'000, TableBuilder::Filter::kOfAllKeys);
  TableCache cache(medium_, 64 * 1024);
  const IndexRef index = *run_task(cache.load_index(*table));
  for (const size_t block : {40U, 30U, 20U, 10U, 5U}) {
    ASSERT_TRUE(run_task(cache.load_block(*table, index, block, Neighbours::kWanted)).ok());
    ASSERT_LE(cache.used_bytes(), 64U * 1024);
  }
  EXPECT_TRUE(has_block(cache, table, index, 5));
  EXPECT_FALSE(has_block(cache, table, index, 40));
}

TEST_F(TableCacheTest, what_is_being_read_is_not_read_a_second_time) {
  const TableRef table = write_table(1'000, TableBuilder::Filter::kOfAllKeys);
  TableCache cache(medium_, 8 << 20);
  Turns turns;
  faults_->turns = &turns;
  const StartedTask first_index(cache.load_index(*table));
  const StartedTask second_index(cache.load_index(*table));
  EXPECT_EQ(faults_->calls, 1U);
  turns.give_all();
  ASSERT_TRUE(first_index.is_done() && second_index.is_done());
  const IndexRef index = *first_index.result();
  EXPECT_EQ(index, *second_index.result());

  const StartedTask one(cache.load_block(*table, index, 3, Neighbours::kWanted));
  const StartedTask other(cache.load_block(*table, index, 3, Neighbours::kWanted));
  const StartedTask neighbour(cache.load_block(*table, index, 4));
  EXPECT_EQ(faults_->calls, 2U);
  turns.give_all();
  EXPECT_EQ(*one.result(), *other.result());
  EXPECT_TRUE(neighbour.result().ok());
}

TEST_F(TableCacheTest, who_has_waited_for_a_reading_that_failed_reads_for_himself) {
  const TableRef table = write_table(100, TableBuilder::Filter::kOfAllKeys);
  TableCache cache(medium_, 8 << 20);
  const IndexRef index = *run_task(cache.load_index(*table));
  Turns turns;
  faults_->turns = &turns;
  faults_->choose = [](size_t call) { return call == 1 ? Fault::kFailBefore : Fault::kNone; };
  const StartedTask first(cache.load_block(*table, index, 0));
  const StartedTask second(cache.load_block(*table, index, 0));
  turns.give_all();
  EXPECT_FALSE(first.result().ok());
  EXPECT_TRUE(second.result().ok());
}

TEST_F(TableCacheTest, blocks_of_runs_outlast_those_of_segments) {
  const TableRef run = write_table(200, TableBuilder::Filter::kOfAllKeys);
  const TableRef segment = write_table(2'000, TableBuilder::Filter::kNone);
  TableCache cache(medium_, 512 * 1024);
  const IndexRef of_run = *run_task(cache.load_index(*run));
  const IndexRef of_segment = *run_task(cache.load_index(*segment));
  for (size_t i = 0; i < of_run->block_count(); ++i) {
    ASSERT_TRUE(run_task(cache.load_block(*run, of_run, i)).ok());
  }
  for (size_t i = 0; i < of_segment->block_count(); i += 2) {
    ASSERT_TRUE(run_task(cache.load_block(*segment, of_segment, i)).ok());
    EXPECT_TRUE(has_block(cache, segment, of_segment, i));
  }
  for (size_t i = 0; i < of_run->block_count(); ++i) EXPECT_TRUE(has_block(cache, run, of_run, i));
  EXPECT_FALSE(has_block(cache, segment, of_segment, 0));
}

}  // namespace
}  // namespace couchlet
