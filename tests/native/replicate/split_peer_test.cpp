#include "replicate/split_peer.h"

#include "replicate/protocol_json.h"
#include "replicate/replication_fixture.h"

namespace couchlet {
namespace {

// Writes go to the server, and reads come from another database.
class SplitPeerTest : public ReplicationFixture {
 protected:
  SplitPeerTest() : origin(new_database()) {}

  std::unique_ptr<Peer> split_peer() {
    return std::make_unique<SplitPeer>(remote_peer(), std::make_unique<LocalPeer>(origin),
                                       [this](const std::vector<RevisionsOfDocument>& documents) {
                                         for (const auto& document : documents) {
                                           lacking += document.id +
                                                      revisions_json(document.revisions) + " ";
                                         }
                                       });
  }
  Result<ReplicationResult> push_split() {
    return outcome(RunningReplication(local_peer(), split_peer(), {}, clock, random));
  }
  Result<ReplicationResult> pull_origin() {
    return outcome(
        RunningReplication(std::make_unique<LocalPeer>(origin), local_peer(), {}, clock, random));
  }

  std::shared_ptr<Database> origin;
  std::string lacking;
};

TEST_F(SplitPeerTest, what_was_pulled_from_the_origin_is_not_written) {
  put_many(*origin, 20);
  ASSERT_TRUE(pull_origin().ok());
  const std::string rev = put_here(R"({"_id":"mine"})");
  const auto result = push_split();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 1u);
  EXPECT_EQ(count_there(), 1u);
  EXPECT_EQ(lacking, "mine[\"" + rev + "\"] ");
}

TEST_F(SplitPeerTest, an_edit_of_what_was_pulled_is_written_with_its_history) {
  const std::string first = put(*origin, R"({"_id":"a","n":1})");
  ASSERT_TRUE(pull_origin().ok());
  put_here(R"({"_id":"a","_rev":")" + first + R"(","n":2})");
  ASSERT_TRUE(push_split().ok());
  EXPECT_NE(there().find(first.substr(2)), std::string::npos) << there();
  EXPECT_EQ(there(), here());
}

TEST_F(SplitPeerTest, what_the_inbox_has_and_the_origin_lacks_is_told_and_not_written_again) {
  put_here(R"({"_id":"mine"})");
  put_there(R"({"_id":"mine"})");
  const auto result = push_split();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->docs_written, 0u);
  EXPECT_TRUE(lacking.starts_with("mine")) << lacking;
}

TEST_F(SplitPeerTest, what_comes_back_through_the_origin_is_the_same_revision) {
  put_here(R"({"_id":"mine","n":1})");
  ASSERT_TRUE(push_split().ok());
  const std::string before = here();
  put(*origin, R"({"_id":"mine","n":1})");  // the same edit there
  ASSERT_TRUE(pull_origin().ok());
  EXPECT_EQ(here(), before);
  lacking.clear();
  ASSERT_TRUE(push_split().ok());
  EXPECT_EQ(lacking, "");
}

TEST_F(SplitPeerTest, a_plain_push_has_a_checkpoint_of_its_own) {
  put_many(*origin, 3);
  ASSERT_TRUE(pull_origin().ok());
  ASSERT_TRUE(push_split().ok());
  EXPECT_EQ(count_there(), 0u);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(count_there(), 3u);
}

}  // namespace
}  // namespace couchlet
