#include "replicate/pending_changes.h"

#include "replicate/replication_fixture.h"

namespace couchlet {
namespace {

class PendingChangesTest : public ReplicationFixture {
 protected:
  Result<PendingChanges> pending(const ReplicationOptions& options = {}) {
    const auto source = local_peer();
    const auto target = remote_peer();
    return run_task(pending_changes(*source, *target, options));
  }
};

TEST_F(PendingChangesTest, everything_is_pending_before_the_first_push) {
  put_many(*local, 2500);
  const auto before = pending();
  ASSERT_TRUE(before.ok()) << before.error().reason;
  EXPECT_EQ(before->count, 2500u);
  EXPECT_EQ(before->since, "0");
  EXPECT_EQ(before->saved_at, "");
}

TEST_F(PendingChangesTest, what_was_written_since_the_checkpoint_counts_once_a_document) {
  put_many(*local, 5);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(pending()->count, 0u);
  EXPECT_EQ(pending()->since, "5");
  EXPECT_NE(pending()->saved_at, "");
  const std::string rev = put_here(R"({"_id":"new"})");
  put_here(R"({"_id":"new","_rev":")" + rev + R"(","n":2})");
  put_here(R"({"_id":"another"})");
  EXPECT_EQ(pending()->count, 2u);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(pending()->count, 0u);
}

TEST_F(PendingChangesTest, nobody_is_asked) {
  put_many(*local, 5);
  server.log.clear();
  EXPECT_EQ(pending()->count, 5u);
  EXPECT_TRUE(server.log.empty());
}

TEST_F(PendingChangesTest, a_replication_with_other_options_has_a_count_of_its_own) {
  put_many(*local, 5);
  ASSERT_TRUE(push().ok());
  ReplicationOptions options;
  options.doc_ids = {"doc1000", "doc1003", "nothing"};
  EXPECT_EQ(pending(options)->count, 2u);
  ASSERT_TRUE(push(options).ok());
  EXPECT_EQ(pending(options)->count, 0u);
}

TEST_F(PendingChangesTest, since_counts_from_there_and_still_tells_of_the_checkpoint) {
  put_many(*local, 5);
  ASSERT_TRUE(push().ok());
  ReplicationOptions options;
  options.since = "3";
  EXPECT_EQ(pending(options)->count, 2u);
  EXPECT_NE(pending(options)->saved_at, "");
}

TEST_F(PendingChangesTest, a_pull_is_not_counted_but_tells_when_it_was_saved) {
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  const auto source = remote_peer();
  const auto target = local_peer();
  server.log.clear();
  const auto pending = run_task(pending_changes(*source, *target, {}));
  ASSERT_TRUE(pending.ok()) << pending.error().reason;
  EXPECT_EQ(pending->count, std::nullopt);
  EXPECT_NE(pending->saved_at, "");
  EXPECT_TRUE(server.log.empty());
}

TEST_F(PendingChangesTest, what_the_target_has_refused_counts_by_itself_until_it_is_changed) {
  put_many(*local, 3);
  const std::string rev = put_here(R"({"_id":"secret"})");
  server.validate = [](std::string_view document) {
    return document.find("secret") == std::string_view::npos;
  };
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(pending()->count, 0u);
  EXPECT_EQ(pending()->refused, 1u);
  put_here(R"({"_id":"secret","_rev":")" + rev + R"(","n":2})");
  EXPECT_EQ(pending()->count, 1u);
  EXPECT_EQ(pending()->refused, 0u);
  server.validate = nullptr;
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(pending()->count, 0u);
  EXPECT_EQ(pending()->refused, 0u);
}

TEST_F(PendingChangesTest, as_json) {
  PendingChanges pending;
  pending.count = 3;
  pending.refused = 2;
  pending.since = "\"7-abc\"";
  pending.saved_at = "Wed, 01 Jan 2025 00:00:00 GMT";
  EXPECT_EQ(
      pending_changes_json(pending),
      R"({"count":3,"refused":2,"since":"7-abc","saved_at":"Wed, 01 Jan 2025 00:00:00 GMT"})");
}

}  // namespace
}  // namespace couchlet
