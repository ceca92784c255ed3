#include "replicate/checkpoint.h"

#include <gtest/gtest.h>

namespace couchlet {
namespace {

CheckpointEntry entry(std::string session, std::string sequence) {
  SessionRecord record;
  record.session_id = std::move(session);
  record.recorded_sequence = std::move(sequence);
  return checkpoint_entry(record);
}

// The latest last.
Checkpoint checkpoint(std::vector<std::pair<std::string, std::string>> entries) {
  Checkpoint result;
  for (auto& [session, sequence] : entries) remember(result, entry(session, sequence));
  return result;
}

std::string common(const Checkpoint& source, const Checkpoint& target) {
  const auto session = common_session(source, target);
  return session ? session->session_id + " " + session->sequence : "none";
}

TEST(CheckpointTest, is_written_as_couchdbs_replicator_does) {
  SessionRecord record;
  record.session_id = "d5a34cbbdafa70e0db5cb57d02a6b955";
  record.start_time_ms = 1'381'383'398'000;
  record.end_time_ms = 1'381'383'399'000;
  record.start_sequence = "0";
  record.recorded_sequence = "\"28-abc\"";
  record.missing_checked = 5;
  record.missing_found = 4;
  record.docs_read = 3;
  record.docs_written = 2;
  record.doc_write_failures = 1;
  Checkpoint written;
  written.rev = "0-3";
  remember(written, checkpoint_entry(record));
  EXPECT_EQ(
      checkpoint_json("8c1a", written),
      R"({"_id":"_local/8c1a","_rev":"0-3",)"
      R"("session_id":"d5a34cbbdafa70e0db5cb57d02a6b955","source_last_seq":"28-abc",)"
      R"("history":[{"session_id":"d5a34cbbdafa70e0db5cb57d02a6b955",)"
      R"("start_time":"Thu, 10 Oct 2013 05:36:38 GMT","end_time":"Thu, 10 Oct 2013 05:36:39 GMT",)"
      R"("start_last_seq":0,"end_last_seq":"28-abc","recorded_seq":"28-abc",)"
      R"("missing_checked":5,"missing_found":4,"docs_read":3,"docs_written":2,)"
      R"("doc_write_failures":1}]})");
}

TEST(CheckpointTest, is_read_as_it_was_written) {
  Checkpoint written = checkpoint({{"one", "1"}, {"two", "\"2-x\""}});
  written.rev = "0-2";
  written.is_alone = true;
  const Checkpoint read = parse_checkpoint(checkpoint_json("id", written));
  EXPECT_EQ(read.rev, "0-2");
  EXPECT_TRUE(read.is_alone);
  ASSERT_EQ(read.history.size(), 2u);
  EXPECT_EQ(read.history[0].session_id, "two");
  EXPECT_EQ(read.history[0].recorded_sequence, "\"2-x\"");
  EXPECT_EQ(read.history[1].json, written.history[1].json);
}

TEST(CheckpointTest, what_is_no_checkpoint_has_no_history_but_a_revision_to_replace) {
  for (const char* text : {R"({"_rev":"0-1","history":7})", R"({"_rev":"0-1"})",
                           R"({"_rev":"0-1","history":[1,"x",{},{"session_id":"a"},[]]})"}) {
    const Checkpoint read = parse_checkpoint(text);
    EXPECT_EQ(read.rev, "0-1") << text;
    EXPECT_TRUE(read.history.empty()) << text;
  }
  EXPECT_EQ(parse_checkpoint("<html>").rev, "");
}

TEST(CheckpointTest, a_session_has_one_entry_and_fifty_sessions_are_kept) {
  Checkpoint kept;
  for (int i = 0; i < 60; ++i) {
    remember(kept, entry("s" + std::to_string(i), "1"));
    remember(kept, entry("s" + std::to_string(i), "2"));
  }
  const Checkpoint read = parse_checkpoint(checkpoint_json("id", kept));
  ASSERT_EQ(read.history.size(), kMaxCheckpointHistory);
  EXPECT_EQ(read.history.front().session_id, "s59");
  EXPECT_EQ(read.history.front().recorded_sequence, "2");
  EXPECT_EQ(read.history.back().session_id, "s10");
}

TEST(CheckpointTest, the_latest_session_that_both_sides_remember_counts) {
  const Checkpoint none;
  const Checkpoint abc = checkpoint({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  EXPECT_EQ(common(abc, abc), "c 3");
  EXPECT_EQ(common(abc, none), "none");
  EXPECT_EQ(common(none, abc), "none");
  EXPECT_EQ(common(abc, checkpoint({{"a", "1"}, {"b", "2"}})), "b 2") << "the target was restored";
  EXPECT_EQ(common(checkpoint({{"a", "1"}}), abc), "a 1") << "the source was restored";
  EXPECT_EQ(common(abc, checkpoint({{"x", "9"}})), "none");
  EXPECT_EQ(common(checkpoint({{"a", "1"}, {"x", "5"}}), checkpoint({{"a", "1"}, {"y", "6"}})),
            "a 1");
}

TEST(CheckpointTest, where_the_sides_differ_on_a_session_the_earlier_sequence_counts) {
  EXPECT_EQ(common(checkpoint({{"a", "20"}}), checkpoint({{"a", "10"}})), "a 10");
  EXPECT_EQ(common(checkpoint({{"a", "\"9-x\""}}), checkpoint({{"a", "\"10-y\""}})), "a \"9-x\"");
  EXPECT_EQ(common(checkpoint({{"a", "\"opaque\""}}), checkpoint({{"a", "\"other\""}})), "none");
  EXPECT_EQ(common(checkpoint({{"a", "1"}, {"b", "[7,\"x\"]"}}),
                   checkpoint({{"a", "1"}, {"b", "[8,\"y\"]"}})),
            "a 1");
}

}  // namespace
}  // namespace couchlet
