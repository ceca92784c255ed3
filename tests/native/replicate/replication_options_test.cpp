#include <gtest/gtest.h>

#include "replicate/replicator.h"

namespace couchlet {
namespace {

TEST(ReplicationOptionsTest, are_named_as_in_pouchdb) {
  const auto parsed = parse_replication_options(R"({
    "live": true, "retry": true, "since": "12-x", "batch_size": 50, "batches_limit": 3,
    "heartbeat": 5000, "timeout": false, "doc_ids": ["a", "b"], "selector": {"a": {"$gt": 1}},
    "filter": "app/mine", "query_params": {"owner": "me", "n": 1, "deep": [1]}, "style": "main_only",
    "checkpoint": "target", "report_documents": true, "unknown": {"ignored": 1}})");
  ASSERT_TRUE(parsed.ok()) << parsed.error().reason;
  EXPECT_TRUE(parsed->live);
  EXPECT_TRUE(parsed->retry);
  EXPECT_EQ(parsed->since, "\"12-x\"");
  EXPECT_EQ(parsed->batch_size, 50u);
  EXPECT_EQ(parsed->batches_limit, 3u);
  EXPECT_EQ(parsed->heartbeat_ms, 5000);
  EXPECT_EQ(parsed->timeout_ms, 0);
  EXPECT_EQ(parsed->doc_ids, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parsed->selector, R"({"a": {"$gt": 1}})");
  EXPECT_EQ(parsed->filter, "app/mine");
  const std::vector<std::pair<std::string, std::string>> params = {
      {"owner", "me"}, {"n", "1"}, {"deep", "[1]"}};
  EXPECT_EQ(parsed->query_params, params);
  EXPECT_FALSE(parsed->all_leaves);
  EXPECT_FALSE(parsed->checkpoint_source);
  EXPECT_TRUE(parsed->checkpoint_target);
  EXPECT_TRUE(parsed->report_documents);
}

TEST(ReplicationOptionsTest, may_be_left_out) {
  for (const char* text : {"", "{}", R"({"live":null,"since":null,"heartbeat":true})"}) {
    const auto parsed = parse_replication_options(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_FALSE(parsed->live);
    EXPECT_FALSE(parsed->since.has_value());
    EXPECT_EQ(parsed->heartbeat_ms, 10000);
    EXPECT_EQ(parsed->live_feed, ChangesFeed::kLongpoll);
    EXPECT_TRUE(parsed->checkpoint_source && parsed->checkpoint_target);
  }
}

TEST(ReplicationOptionsTest, checkpoints_on_one_side_both_or_none) {
  EXPECT_TRUE(parse_replication_options(R"({"checkpoint":"source"})")->checkpoint_source);
  EXPECT_FALSE(parse_replication_options(R"({"checkpoint":"source"})")->checkpoint_target);
  EXPECT_FALSE(parse_replication_options(R"({"checkpoint":false})")->checkpoint_source);
  EXPECT_FALSE(parse_replication_options(R"({"checkpoint":false})")->checkpoint_target);
  EXPECT_TRUE(parse_replication_options(R"({"checkpoint":true})")->checkpoint_target);
}

TEST(ReplicationOptionsTest, a_live_one_follows_one_of_two_feeds) {
  EXPECT_EQ(parse_replication_options(R"({"feed":"continuous"})")->live_feed,
            ChangesFeed::kContinuous);
  EXPECT_EQ(parse_replication_options(R"({"feed":"longpoll"})")->live_feed, ChangesFeed::kLongpoll);
}

TEST(ReplicationOptionsTest, a_view_is_a_filter) {
  const auto parsed = parse_replication_options(R"({"view":"app/by_owner"})");
  EXPECT_EQ(parsed->filter, "_view");
  EXPECT_EQ(parsed->query_params.front().second, "app/by_owner");
}

TEST(ReplicationOptionsTest, of_a_wrong_type_are_named) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"live":1})", "live"},
      {R"({"retry":"yes"})", "retry"},
      {R"({"batch_size":0})", "batch_size"},
      {R"({"batch_size":-1})", "batch_size"},
      {R"({"batches_limit":"10"})", "batches_limit"},
      {R"({"heartbeat":"10"})", "heartbeat"},
      {R"({"timeout":99999999999})", "timeout"},
      {R"({"checkpoint":"both"})", "checkpoint"},
      {R"({"checkpoint":1})", "checkpoint"},
      {R"({"style":"all"})", "style"},
      {R"({"feed":"normal"})", "feed"},
      {R"({"feed":true})", "feed"},
      {R"({"doc_ids":"a"})", "doc_ids"},
      {R"({"doc_ids":[1]})", "doc_ids"},
      {R"({"selector":"a"})", "selector"},
      {R"({"filter":{}})", "filter"},
      {R"({"query_params":[]})", "query_params"},
  };
  for (const auto& [text, name] : cases) {
    const auto parsed = parse_replication_options(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().status, 400) << text;
    EXPECT_NE(parsed.error().reason.find(name), std::string::npos) << parsed.error().reason;
  }
  EXPECT_FALSE(parse_replication_options("{").ok());
  EXPECT_FALSE(parse_replication_options("[]").ok());
}

TEST(ReplicationResultTest, has_the_shape_of_pouchdbs_info) {
  ReplicationResult result;
  result.start_time_ms = 0;
  result.docs_read = 3;
  result.docs_written = 2;
  result.doc_write_failures = 1;
  result.last_sequence = "\"3-x\"";
  EXPECT_EQ(replication_result_json(result),
            R"({"ok":true,"start_time":"1970-01-01T00:00:00.000Z","docs_read":3,"docs_written":2,)"
            R"("doc_write_failures":1,"errors":[],"last_seq":"3-x"})");
  result.end_time_ms = 1000;
  result.pending = 4;
  result.status = "complete";
  EXPECT_EQ(
      replication_result_json(result),
      R"({"ok":true,"start_time":"1970-01-01T00:00:00.000Z",)"
      R"("end_time":"1970-01-01T00:00:01.000Z","docs_read":3,"docs_written":2,)"
      R"("doc_write_failures":1,"errors":[],"last_seq":"3-x","pending":4,"status":"complete"})");
}

}  // namespace
}  // namespace couchlet
