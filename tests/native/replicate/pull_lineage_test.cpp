#include "replicate/pull_lineage.h"

#include <algorithm>

#include "replicate/checkpoint.h"
#include "replicate/pending_changes.h"
#include "replicate/replication_fixture.h"
#include "replicate/split_peer.h"

namespace couchlet {
namespace {

class PullLineageTest : public ReplicationFixture {
 protected:
  // A push, and what it has asked the server.
  Result<ReplicationResult> push_alone(const ReplicationOptions& options = {}) {
    server.log.clear();
    server.documents_asked = 0;
    return push(options);
  }

  void make_anew() {
    server.remove_database();
    server.create_database();
  }

  PendingChanges pending(bool lists = false) {
    const auto source = local_peer();
    const auto target = remote_peer();
    return *run_task(pending_changes(*source, *target, {}, lists));
  }

  std::vector<PullLineage> lineages() {
    LocalPeer here(local);
    return *run_task(read_pull_lineages(here));
  }

  // Of the server, by the end of its name, "" for the checkpoint of the pull.
  std::string local_id(const std::string& end) {
    return "_local/" + lineages().front().replication_id + end;
  }
};

TEST_F(PullLineageTest, what_was_pulled_is_not_offered_back) {
  put_many(*server.database(), 2500);
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(pending().count, 0u);
  const auto result = push_alone();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(server.documents_asked, 0u);
  EXPECT_EQ(server.count("POST /_bulk_docs"), 0u);
  EXPECT_EQ(result->last_sequence, "2500");
  // It need not even be looked at again.
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(server.log, std::vector<std::string>{"GET /" + server.log.front().substr(5)});
}

TEST_F(PullLineageTest, edits_of_what_was_pulled_are_sent) {
  const std::string first = put_there(R"({"_id":"a"})");
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  const std::string second = put_here(R"({"_id":"a","_rev":")" + first + R"(","n":2})");
  put_here(R"({"_id":"b"})");
  const PendingChanges counted = pending(true);
  EXPECT_EQ(counted.count, 2u);
  ASSERT_EQ(counted.waiting->size(), 2u);
  EXPECT_EQ(counted.waiting->front().id, "a");
  EXPECT_EQ(counted.waiting->front().rev, second);
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(server.documents_asked, 2u);
  EXPECT_EQ(here(), there());
  EXPECT_EQ(pending().count, 0u);
}

// The pull puts it to a later place in the feed, and brings one of its two leaves.
TEST_F(PullLineageTest, an_unsent_edit_is_sent_though_a_pull_has_brought_another_one) {
  put_here(R"({"_id":"a","of":"here"})");
  put_there(R"({"_id":"a","of":"the server"})");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(pending().count, 1u);
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(PullLineageTest, an_unsent_edit_is_sent_though_a_pull_has_brought_the_next_one_of_another) {
  const std::string first = put_there(R"({"_id":"a"})");
  ASSERT_TRUE(pull().ok());
  put_here(R"({"_id":"a","_rev":")" + first + R"(","of":"here"})");
  const std::string second = put_there(R"({"_id":"a","_rev":")" + first + R"(","of":"there"})");
  ASSERT_TRUE(pull().ok());
  put_there(R"({"_id":"a","_rev":")" + second + R"(","of":"there"})");
  ASSERT_TRUE(pull().ok());
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(PullLineageTest, a_conflict_that_came_whole_is_not_offered_back) {
  put_there(R"({"_id":"a","n":1})");
  const auto other = new_database();
  put(*other, R"({"_id":"a","n":2})");
  ASSERT_TRUE(outcome(RunningReplication(std::make_unique<LocalPeer>(other), remote_peer(), {},
                                         clock, random))
                  .ok());
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(pending().count, 0u);
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(server.documents_asked, 0u);
}

TEST_F(PullLineageTest, one_pull_goes_on_with_the_lineage_of_another) {
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  put_there(R"({"_id":"later"})");
  ASSERT_TRUE(pull().ok());
  ASSERT_EQ(lineages().size(), 1u);
  EXPECT_EQ(lineages().front().number, 1u);
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(server.documents_asked, 0u);
}

TEST_F(PullLineageTest, a_database_that_was_made_anew_gets_all_back) {
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  make_anew();
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(count_there(), 5u);
  EXPECT_EQ(here(), there());
}

TEST_F(PullLineageTest, a_database_that_was_made_anew_and_pulled_from_gets_all_back) {
  for (const bool writes_local_over : {false, true}) {
    server.writes_local_over = writes_local_over;
    put_there(writes_local_over ? R"({"_id":"a"})" : R"({"_id":"b"})");
    ASSERT_TRUE(pull().ok());
    make_anew();
    put_there(R"({"_id":"of the new one"})");
    ASSERT_TRUE(pull().ok());
    ASSERT_TRUE(push_alone().ok());
    EXPECT_EQ(here(), there());
  }
  EXPECT_EQ(lineages().size(), 1u);
  EXPECT_EQ(lineages().front().number, 3u);
}

// As from a backup: it has the token, but not what was pulled after the backup was made.
TEST_F(PullLineageTest, a_database_that_was_restored_gets_back_what_it_has_lost) {
  put_there(R"({"_id":"kept"})");
  ASSERT_TRUE(pull().ok());
  const std::string checkpoint = *run_task(server.database()->get_local(local_id("")));
  const std::string rev = put_there(R"({"_id":"lost"})");
  ASSERT_TRUE(pull().ok());
  ASSERT_TRUE(run_task(server.database()->purge("lost", rev)).ok());
  const std::string present = *run_task(server.database()->get_local(local_id("")));
  std::string restored = checkpoint;
  const std::string rev_of_present = present.substr(present.find("\"_rev\":"), 12);
  restored.replace(restored.find("\"_rev\":"), 12, rev_of_present);
  ASSERT_FALSE(run_task(server.database()->put_local(restored))->error);
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(PullLineageTest, is_not_trusted_by_a_push_whose_target_is_made_anew_meanwhile) {
  put_many(*server.database(), 3);
  ASSERT_TRUE(pull().ok());
  network->latency_ms = 10;
  const auto run = start_push(live());
  while (server.count("GET /" + local_id("-lineage")) < 1) clock.advance(1);
  make_anew();
  for (int i = 0; i < 100; ++i) clock.advance(10000);
  EXPECT_EQ(here(), there());
  run->replicator.cancel();
}

TEST_F(PullLineageTest, a_live_push_sends_nothing_back_while_a_pull_goes_on) {
  const auto up = start_push(live());
  const auto down = start_pull(live());
  clock.advance(1000);
  put_many(*server.database(), 40);
  clock.advance(10000);
  ASSERT_EQ(count_here(), 40u);
  EXPECT_EQ(server.documents_asked, 0u);
  server.log.clear();
  put_there(R"({"_id":"one more"})");
  clock.advance(10000);
  const auto of_push = std::count_if(server.log.begin(), server.log.end(), [&](const auto& line) {
    return line.find("/_local/") != std::string::npos && !line.ends_with(local_id("").substr(7));
  });
  EXPECT_EQ(of_push, 0) << "no checkpoint of the push for what is none of its matter";
  up->replicator.cancel();
  down->replicator.cancel();
}

TEST_F(PullLineageTest, a_push_from_a_sequence_asks_about_all) {
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  ReplicationOptions options;
  options.since = "0";
  ASSERT_TRUE(push_alone(options).ok());
  EXPECT_EQ(server.documents_asked, 5u);
}

TEST_F(PullLineageTest, a_source_that_keeps_nothing_is_asked_about_all) {
  server.keeps_checkpoints = false;
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(pending().count, 5u);
  ASSERT_TRUE(push_alone().ok());
  EXPECT_EQ(server.documents_asked, 5u);
  server.log.clear();
  ASSERT_TRUE(pull().ok());
  for (const std::string& line : server.log) EXPECT_FALSE(line.starts_with("PUT ")) << line;
}

TEST_F(PullLineageTest, a_replication_without_checkpoints_writes_none) {
  put_many(*server.database(), 5);
  ReplicationOptions options;
  options.checkpoint_source = false;
  ASSERT_TRUE(pull(options).ok());
  EXPECT_TRUE(lineages().empty());
  for (const std::string& line : server.log) EXPECT_FALSE(line.starts_with("PUT ")) << line;
}

TEST_F(PullLineageTest, of_one_database_means_nothing_for_another) {
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  const auto other = new_database();
  ASSERT_TRUE(outcome(RunningReplication(local_peer(), std::make_unique<LocalPeer>(other), {},
                                         clock, random))
                  .ok());
  EXPECT_EQ(contents(*other), here());
}

TEST_F(PullLineageTest, of_split_remotes_is_that_of_the_database_that_is_read_from) {
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  const std::string rev = put_here(R"({"_id":"mine"})");
  const auto inbox = new_database();
  server.documents_asked = 0;
  auto split =
      std::make_unique<SplitPeer>(std::make_unique<LocalPeer>(inbox), remote_peer(), nullptr);
  ASSERT_TRUE(outcome(RunningReplication(local_peer(), std::move(split), {}, clock, random)).ok());
  EXPECT_EQ(server.documents_asked, 1u);
  EXPECT_EQ(run_task(inbox->info())->document_count, 1u);
}

TEST_F(PullLineageTest, those_that_began_last_are_listed) {
  LocalPeer here(local);
  for (size_t i = 0; i <= kMaxPullLineages; ++i) {
    const auto source = remote_peer();
    LineageOfPull pulled(*source, here, random);
    ASSERT_TRUE(run_task(pulled.find("pull" + std::to_string(i))).ok());
    EXPECT_EQ(run_task(pulled.number()).value(), i + 1);
  }
  ASSERT_EQ(lineages().size(), kMaxPullLineages);
  EXPECT_EQ(lineages().front().number, 2u);
  EXPECT_EQ(lineages().back().number, kMaxPullLineages + 1);
}

// An app can write any local document. What is not marked has the number 0.
TEST_F(PullLineageTest, one_without_a_number_is_none) {
  put_here(R"({"_id":"_local/couchlet-lineages","lineages":[{"source":")" +
           std::string(SimulatedServer::kUrl) + R"("}]})");
  put_here(R"({"_id":"mine"})");
  EXPECT_TRUE(lineages().empty());
  EXPECT_EQ(pending().count, 1u);
}

TEST(GoesOnFrom, a_source_that_is_not_behind_the_target) {
  const auto checkpoint = [](const std::string& session, const std::string& sequence) {
    Checkpoint made;
    SessionRecord record;
    record.session_id = session;
    record.recorded_sequence = sequence;
    remember(made, checkpoint_entry(record));
    return made;
  };
  EXPECT_TRUE(goes_on_from(checkpoint("s", "5"), checkpoint("s", "5")));
  EXPECT_TRUE(goes_on_from(checkpoint("s", "\"9-x\""), checkpoint("s", "\"5-y\"")));
  EXPECT_TRUE(goes_on_from(checkpoint("s", "\"opaque\""), checkpoint("s", "\"opaque\"")));
  EXPECT_FALSE(goes_on_from(checkpoint("s", "\"opaque\""), checkpoint("s", "\"other\"")));
  EXPECT_FALSE(goes_on_from(checkpoint("s", "4"), checkpoint("s", "5")));
  EXPECT_FALSE(goes_on_from(checkpoint("earlier", "5"), checkpoint("s", "5")));
  EXPECT_FALSE(goes_on_from({}, checkpoint("s", "5")));
  EXPECT_TRUE(goes_on_from({}, {}));
}

}  // namespace
}  // namespace couchlet
