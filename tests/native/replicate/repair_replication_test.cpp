// A damaged database replicates what is sound of it, and a repaired one gets back what it lost.
#include "document/repair.h"
#include "document/stored_entries.h"
#include "replicate/replication_fixture.h"

namespace couchlet {
namespace {

class RepairReplication : public ReplicationFixture {
 protected:
  RepairReplication() { open_local(); }

  // As for somebody who opens it after `key` has been damaged.
  void damage(const std::string& key) {
    StoredEntries(data).put(key, "\xff");
    open_local();
  }

  void open_local() {
    local = *run_task(
        Database::open(std::make_unique<MemoryMedium>(data), {.name = "local"}, clock, random));
  }

  std::string text_here(std::string_view id) {
    const auto text = run_task(local->get(id, {}));
    return text.ok() ? *text : text.error().name;
  }

  std::shared_ptr<MemoryMediumData> data = std::make_shared<MemoryMediumData>();
};

TEST_F(RepairReplication, a_body_that_was_lost_comes_back_with_the_next_pull) {
  put_many(*server.database(), 10);
  ASSERT_TRUE(pull().ok());
  const std::string text = text_here("doc1004");
  damage(keys::body(5));
  ASSERT_EQ(text_here("doc1004"), "corrupt_data");
  ASSERT_EQ(run_task(local->repair())->revisions.size(), 1U);
  EXPECT_EQ(text_here("doc1004"), "not_found");
  const auto result = pull();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 1U);
  EXPECT_EQ(text_here("doc1004"), text);
}

TEST_F(RepairReplication, a_document_that_was_lost_comes_back_with_the_next_pull) {
  put_many(*server.database(), 10);
  ASSERT_TRUE(pull().ok());
  damage(keys::document("doc1004"));
  ASSERT_EQ(run_task(local->repair())->documents, std::vector<std::string>{"doc1004"});
  EXPECT_EQ(count_here(), 9U);
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(count_here(), 10U);
  EXPECT_EQ(here(), there());
}

TEST_F(RepairReplication, what_is_damaged_is_not_pushed_and_does_not_stop_the_rest) {
  put_many(*local, 10);
  damage(keys::body(5));
  const auto run = start_push();
  const auto result = outcome(*run);
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 9U);
  EXPECT_NE(run->take_told().find("denied doc1004"), std::string::npos);
  ASSERT_TRUE(run_task(local->repair()).ok());
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(count_there(), 9U);
}

TEST_F(RepairReplication, a_pull_is_refused_by_a_damaged_record_and_writes_the_rest) {
  put_many(*local, 1);
  damage(keys::document("doc1000"));
  put_many(*server.database(), 10);
  const auto run = start_pull();
  const auto result = outcome(*run);
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 9U);
  EXPECT_NE(run->take_told().find("denied doc1000"), std::string::npos);
  ASSERT_TRUE(run_task(local->repair()).ok());
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
}

}  // namespace
}  // namespace couchlet
