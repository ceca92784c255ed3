#include "replicate/replicator.h"

#include <algorithm>

#include "replicate/replication_fixture.h"

namespace couchlet {
namespace {

class Replication : public ReplicationFixture {};

TEST_F(Replication, carries_what_the_server_has) {
  put_many(*server.database(), 25);
  const auto result = pull();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(here(), there());
  EXPECT_EQ(count_here(), 25u);
  EXPECT_EQ(result->docs_read, 25u);
  EXPECT_EQ(result->docs_written, 25u);
  EXPECT_EQ(result->doc_write_failures, 0u);
  EXPECT_EQ(result->pending, 0u);
  EXPECT_EQ(result->status, "complete");
  EXPECT_TRUE(result->last_sequence.starts_with("\"25-")) << result->last_sequence;
}

TEST_F(Replication, carries_what_is_here_to_the_server) {
  put_many(*local, 25);
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(here(), there());
  EXPECT_EQ(count_there(), 25u);
  EXPECT_EQ(result->docs_written, 25u);
  EXPECT_EQ(result->last_sequence, "25");
}

TEST_F(Replication, first_generations_come_in_the_page_and_cost_no_other_request) {
  put_many(*server.database(), 25);
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(server.count("POST /_bulk_get"), 0u);
  EXPECT_EQ(server.log.size(), 4u) << "checkpoint read and lineage begun, page, checkpoint written";
}

TEST_F(Replication, edited_documents_come_with_their_history) {
  const std::string first = put_there(R"({"_id":"a","n":1})");
  const std::string second = put_there(R"({"_id":"a","_rev":")" + first + R"(","n":2})");
  put_there(R"({"_id":"b"})");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(server.count("POST /_bulk_get"), 1u);
  EXPECT_EQ(here(), there());
  EXPECT_NE(here().find(first.substr(2)), std::string::npos) << here();
}

TEST_F(Replication, an_edit_made_on_both_sides_is_no_conflict) {
  put_here(R"({"_id":"a","n":1})");
  put_there(R"({"_id":"a","n":1})");
  ASSERT_TRUE(pull().ok());
  const auto result = push();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->docs_written, 0u);
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, conflicts_are_kept_on_both_sides_with_the_same_winner) {
  const std::string rev = put_here(R"({"_id":"a","n":0})");
  ASSERT_TRUE(push().ok());
  put_here(R"({"_id":"a","_rev":")" + rev + R"(","n":"here"})");
  put_there(R"({"_id":"a","_rev":")" + rev + R"(","n":"there"})");
  ASSERT_TRUE(pull().ok());
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());
  EXPECT_NE(here().find(R"("n":"here")"), std::string::npos);
  EXPECT_NE(here().find(R"("n":"there")"), std::string::npos);
  EXPECT_EQ(*run_task(local->get("a", {})), *run_task(server.database()->get("a", {})));
}

TEST_F(Replication, winners_only_leave_conflicts_behind) {
  put(*server.database(), R"({"_id":"a","_rev":"1-a","n":"loses"})", false);
  put(*server.database(), R"({"_id":"a","_rev":"1-b","n":"wins"})", false);
  ReplicationOptions options;
  options.all_leaves = false;
  ASSERT_TRUE(pull(options).ok());
  EXPECT_NE(here().find("wins"), std::string::npos);
  EXPECT_EQ(here().find("loses"), std::string::npos);
}

TEST_F(Replication, deletions_go_both_ways) {
  const std::string a = put_here(R"({"_id":"a"})");
  const std::string b = put_here(R"({"_id":"b"})");
  ASSERT_TRUE(push().ok());
  put_there(R"({"_id":"a","_rev":")" + a + R"(","_deleted":true})");
  put_here(R"({"_id":"b","_rev":")" + b + R"(","_deleted":true,"why":"done"})");
  ASSERT_TRUE(pull().ok());
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(count_here(), 0u);
  EXPECT_EQ(count_there(), 0u);
  EXPECT_EQ(here(), there());
  EXPECT_NE(there().find("done"), std::string::npos) << "a tombstone keeps its body";
}

TEST_F(Replication, a_tombstone_without_history_is_carried_whole) {
  put(*server.database(), R"({"_id":"a","_rev":"1-a","_deleted":true,"why":"purged"})", false);
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, design_documents_are_carried_and_local_ones_are_not) {
  put_here(R"({"_id":"_design/app","views":{}})");
  put_here(R"({"_id":"_local/secret","n":1})");
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(run_task(server.database()->get_local("_local/secret")).error().status, 404);

  put_there(R"({"_id":"_design/other"})");
  put_there(R"({"_id":"_local/theirs"})");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(run_task(local->get_local("_local/theirs")).error().status, 404);
}

TEST_F(Replication, odd_ids_and_bodies_survive) {
  const char* const documents[] = {
      R"({"_id":"a/b?c=d&e#f%41","n":12345678901234567890})",
      R"({"_id":"  ","n":1.0})",
      R"({"_id":"Zoë \"quoted\" \\ \u0001","text":"\u2028 \ud83d\ude00"})",
      R"({"_id":"..","nested":{"_rev":"3-not","_id":"mine"}})",
  };
  for (const char* document : documents) {
    ASSERT_TRUE(put_here(document).starts_with("1-")) << document;
  }
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());
  EXPECT_NE(there().find("12345678901234567890"), std::string::npos);

  local = new_database();
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, many_pages_are_carried_in_order) {
  put_many(*server.database(), 103);
  ReplicationOptions options;
  options.batch_size = 10;
  options.batches_limit = 2;
  ASSERT_TRUE(pull(options).ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.count("GET /_changes"), 11u);

  server.create_database();
  ASSERT_TRUE(push(options).ok());
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, resumes_from_its_checkpoint_and_asks_for_nothing_twice) {
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  put_there(R"({"_id":"new"})");
  server.log.clear();
  const auto result = pull();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->docs_read, 1u);
  EXPECT_EQ(here(), there());

  server.log.clear();
  const auto nothing = pull();
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(nothing->docs_read, 0u);
  EXPECT_EQ(server.log.size(), 2u) << "checkpoint and an empty page";
  EXPECT_EQ(nothing->last_sequence, result->last_sequence);
}

TEST_F(Replication, what_was_pulled_is_not_sent_back) {
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  const auto result = push();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->docs_read, 0u);
  EXPECT_EQ(server.count("POST /_bulk_docs"), 0u);
}

TEST_F(Replication, begins_anew_where_the_server_has_a_new_database) {
  put_many(*local, 5);
  ASSERT_TRUE(push().ok());
  server.remove_database();
  server.create_database();
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());

  put_many(*server.database(), 9);
  ASSERT_TRUE(pull().ok());
  server.remove_database();
  server.create_database();
  put_there(R"({"_id":"only"})");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(count_here(), 10u);
}

TEST_F(Replication, since_overrides_the_checkpoint) {
  put_many(*local, 5);
  ReplicationOptions options;
  options.since = "3";
  ASSERT_TRUE(push(options).ok());
  EXPECT_EQ(count_there(), 2u);
  options.since = "0";
  ASSERT_TRUE(push(options).ok());
  EXPECT_EQ(count_there(), 5u);
}

TEST_F(Replication, since_now_carries_only_what_comes_later) {
  put_many(*server.database(), 5);
  ReplicationOptions options = live();
  options.since = "\"now\"";
  auto run = start_pull(options);
  EXPECT_EQ(count_here(), 0u);
  put_there(R"({"_id":"later"})");
  EXPECT_EQ(count_here(), 1u);
  run->replicator.cancel();
}

TEST_F(Replication, only_the_documents_named_are_carried) {
  put_many(*server.database(), 5);
  ReplicationOptions options;
  options.doc_ids = {"doc1001", "doc1003", "absent"};
  ASSERT_TRUE(pull(options).ok());
  EXPECT_EQ(count_here(), 2u);
  ASSERT_TRUE(pull().ok()) << "another choice has a checkpoint of its own";
  EXPECT_EQ(count_here(), 5u);

  server.create_database();
  ASSERT_TRUE(push(options).ok());
  EXPECT_EQ(count_there(), 2u);
}

TEST_F(Replication, checkpoints_are_kept_where_the_options_say) {
  put_many(*local, 3);
  ReplicationOptions options;
  options.checkpoint_source = options.checkpoint_target = false;
  ASSERT_TRUE(push(options).ok());
  for (const std::string& logged : server.log) {
    EXPECT_EQ(logged.find("_local"), std::string::npos) << logged;
  }
  options.checkpoint_source = true;
  ASSERT_TRUE(push(options).ok());
  server.log.clear();
  ASSERT_TRUE(push(options).ok());
  EXPECT_TRUE(server.log.empty()) << "the source's checkpoint is at the end of its changes";
}

TEST_F(Replication, a_source_that_may_not_be_written_needs_no_checkpoint) {
  server.keeps_checkpoints = false;
  put_many(*server.database(), 5);
  ASSERT_TRUE(pull().ok());
  server.log.clear();
  const auto again = pull();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->docs_read, 0u);
  EXPECT_EQ(server.count("POST /_bulk_get"), 0u);
  EXPECT_TRUE(again->last_sequence.starts_with("\"5-"));

  server.remove_database();
  server.create_database();
  put_there(R"({"_id":"only"})");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(count_here(), 6u) << "its sequences end before the checkpoint: it is another database";
}

TEST_F(Replication, a_refused_document_is_told_and_the_rest_goes_on) {
  put_many(*local, 4);
  server.validate = [](std::string_view document) {
    return document.find("doc1002") == std::string_view::npos;
  };
  ReplicationOptions options;
  options.report_documents = true;
  auto run = start_push(options);
  ASSERT_TRUE(outcome(*run).ok());
  EXPECT_EQ(run->take_told(), "active, denied doc1002, change 3, checkpoint");
  EXPECT_EQ(run->documents.size(), 3u);
  EXPECT_EQ((*run->result)->doc_write_failures, 1u);
  EXPECT_EQ((*run->result)->docs_written, 3u);
  EXPECT_EQ((*run->result)->last_sequence, "4");
  EXPECT_EQ(count_there(), 3u);

  server.log.clear();
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("POST /_bulk_docs"), 0u) << "it is not offered again";
}

TEST_F(Replication, a_request_that_is_too_large_is_halved_down_to_the_document) {
  put_many(*local, 16, 100);
  put_here(R"({"_id":"large","text":")" + std::string(5000, 'x') + "\"}");
  server.max_request_bytes = 2000;
  auto run = start_push();
  ASSERT_TRUE(outcome(*run).ok());
  EXPECT_EQ(count_there(), 16u);
  EXPECT_EQ((*run->result)->doc_write_failures, 1u);
  EXPECT_EQ((*run->result)->docs_written, 16u);
  EXPECT_NE(run->take_told().find("denied large"), std::string::npos);
  EXPECT_LT(server.count("POST /_bulk_docs"), 12u) << "what was too large is remembered";
}

TEST_F(Replication, a_question_about_too_many_documents_is_halved_down_to_the_document) {
  put_many(*local, 40);
  server.max_request_bytes = 500;
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 40u);
  EXPECT_EQ(result->doc_write_failures, 0u);
  EXPECT_EQ(here(), there());
  EXPECT_LT(server.count("POST /_revs_diff"), 10u) << "what was too much is remembered";
}

TEST_F(Replication, a_document_that_is_too_much_to_ask_about_holds_up_no_other) {
  put_here(R"({"_id":"a"})");
  put_here("{\"_id\":\"" + std::string(600, 'x') + "\"}");
  server.max_request_bytes = 500;
  auto run = start_push();
  ASSERT_TRUE(outcome(*run).ok()) << outcome(*run).error().reason;
  EXPECT_EQ(count_there(), 1u);
  EXPECT_NE(run->take_told().find("denied xxx"), std::string::npos);
}

// CouchDB's does with _doc_ids and _design (its chttpd_changes_test, t_design_filter).
TEST_F(Replication, a_feed_that_counts_what_it_leaves_out_has_an_end) {
  put_many(*server.database(), 5);
  server.pending_besides = 3;
  ReplicationOptions options;
  options.doc_ids = {"doc1001", "doc1003"};
  const auto result = pull(std::move(options));
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 2u);
  EXPECT_EQ(result->pending, 0u);
}

TEST_F(Replication, a_document_that_spoils_a_whole_request_is_singled_out) {
  put_many(*local, 9);
  server.understands = [](std::string_view document) {
    return document.find("doc1005") == std::string_view::npos;
  };
  auto run = start_push();
  ASSERT_TRUE(outcome(*run).ok());
  EXPECT_EQ(count_there(), 8u);
  EXPECT_EQ((*run->result)->doc_write_failures, 1u);
}

TEST_F(Replication, large_documents_come_piece_by_piece) {
  for (int i = 0; i < 8; ++i) {
    const std::string id = "large" + std::to_string(i);
    const std::string text(700'000, static_cast<char>('a' + i));
    const std::string rev = put_there(R"({"_id":")" + id + R"(","text":")" + text + "\"}");
    if (i % 2 == 0) {
      put_there(R"({"_id":")" + id + R"(","_rev":")" + rev + R"(","text":"2)" + text + "\"}");
    }
  }
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
  server.create_database();
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, request_bodies_are_gzipped_where_the_server_takes_that) {
  put_many(*local, 50);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.gzipped_requests, 2u) << "_revs_diff and _bulk_docs";
}

TEST_F(Replication, request_bodies_are_plain_where_gzip_is_refused_and_it_is_tried_once) {
  put_many(*local, 50);
  for (const int status : {400, 415, 500, 501}) {
    server.create_database();
    server.log.clear();
    server.refusal_of_gzip = status;
    ASSERT_TRUE(push().ok()) << status;
    EXPECT_EQ(here(), there());
    EXPECT_EQ(server.count("POST /_revs_diff"), 2u);
    EXPECT_EQ(server.count("POST /_bulk_docs"), 1u);
  }
  EXPECT_EQ(server.gzipped_requests, 0u);
}

TEST_F(Replication, a_header_that_may_not_be_sent_is_no_outage) {
  put_many(*local, 50);
  network->breaks_on_gzip = true;
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, what_is_made_here_is_sent_without_a_question_once_the_target_is_known) {
  put_many(*local, 30);
  const auto run = start_push(live());
  EXPECT_EQ(server.count("POST /_revs_diff"), 1u) << "who knows what it has?";
  const std::string rev = put_here(R"({"_id":"new"})");
  put_here(R"({"_id":"new","_rev":")" + rev + R"(","n":2})");
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.count("POST /_revs_diff"), 1u);
  EXPECT_EQ(server.count("POST /_bulk_docs"), 3u);
  run->replicator.cancel();
}

TEST_F(Replication, a_push_that_was_cut_off_asks_how_far_it_came) {
  put_many(*local, 60);
  ReplicationOptions options;
  options.batch_size = 10;
  options.batches_limit = 1;
  size_t most = 0;
  server.validate = [&](std::string_view) { return ++most <= 30 || !(network->is_down = true); };
  EXPECT_FALSE(push(options).ok());
  server.validate = nullptr;
  network->is_down = false;
  const uint64_t known = count_there();
  EXPECT_GE(known, 30u);
  const auto result = push(options);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->docs_written, 60 - known);
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, an_empty_target_is_asked_once_for_many_pages) {
  put_many(*local, 60);
  ReplicationOptions options;
  options.batch_size = 5;
  ASSERT_TRUE(push(options).ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.count("POST /_revs_diff"), 1u);
}

TEST_F(Replication, later_pages_wait_for_what_the_first_one_finds_out) {
  put_many(*local, 60);
  network->latency_ms = 10;
  ReplicationOptions options;
  options.batch_size = 5;
  const auto run = start_push(options);
  clock.advance(60'000);
  ASSERT_TRUE(run->result && run->result->ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.count("POST /_revs_diff"), 1u);
}

TEST_F(Replication, an_empty_target_is_asked_about_the_first_of_a_page) {
  put_many(*local, 250);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.count("POST /_revs_diff"), 1u);
  EXPECT_EQ(server.documents_asked, 100u);
}

TEST_F(Replication, a_target_that_knows_some_is_asked_about_all) {
  put_many(*local, 250);
  ASSERT_TRUE(push().ok());
  for (int i = 0; i < 20; ++i) put_here(R"({"_id":"new)" + std::to_string(i) + "\"}");
  server.documents_asked = 0;
  ReplicationOptions options;
  options.since = "0";
  const auto result = push(options);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->docs_written, 20u);
  EXPECT_EQ(server.documents_asked, 270u);
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, what_has_attachments_or_conflicts_is_asked_about) {
  put_here(R"({"_id":"a"})");
  ASSERT_TRUE(push().ok());
  server.log.clear();
  put_here(R"({"_id":"b","_attachments":{"t":{"content_type":"text/plain","data":"aGk="}}})");
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("POST /_revs_diff"), 1u);
  put(*local, R"({"_id":"c","_rev":"1-x"})", false);
  put(*local, R"({"_id":"c","_rev":"1-y"})", false);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("POST /_revs_diff"), 2u);
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, a_local_target_is_written_in_parts_that_hold_nothing_up_for_long) {
  put_many(*server.database(), 1300);
  auto run = start_pull();
  ASSERT_TRUE(outcome(*run).ok());
  EXPECT_EQ(here(), there());
  const auto parts = std::count_if(run->told.begin(), run->told.end(),
                                   [](const auto& told) { return told.starts_with("change"); });
  EXPECT_EQ(parts, 3);
}

TEST_F(Replication, a_server_without_bulk_get_does) {
  server.has_bulk_get = false;
  const std::string rev = put_there(R"({"_id":"a"})");
  put_there(R"({"_id":"a","_rev":")" + rev + R"(","n":2})");
  put(*server.database(), R"({"_id":"b","_rev":"2-a","_revisions":{"start":2,"ids":["a","0"]}})",
      false);
  put(*server.database(), R"({"_id":"b","_rev":"2-b","_revisions":{"start":2,"ids":["b","0"]}})",
      false);
  put_there(R"({"_id":"_design/c d"})");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(Replication, between_two_local_databases_and_between_two_servers) {
  put_many(*local, 5);
  const auto other = new_database();
  RunningReplication locally(local_peer(), std::make_unique<LocalPeer>(other), {}, clock, random);
  ASSERT_TRUE(outcome(locally).ok());
  EXPECT_EQ(here(), contents(*other));

  ASSERT_TRUE(push().ok());
  SimulatedServer second(clock, random);
  auto second_peer = std::make_unique<HttpPeer>(std::make_unique<SimulatedClient>(second, network),
                                                "http://server/db", 60000);
  RunningReplication remotely(remote_peer(), std::move(second_peer), {}, clock, random);
  ASSERT_TRUE(outcome(remotely).ok()) << outcome(remotely).error().reason;
  EXPECT_EQ(there(), contents(*second.database()));
}

TEST_F(Replication, a_missing_database_is_an_error_also_where_there_is_nothing_to_carry) {
  server.remove_database();
  const auto pulled = pull();
  ASSERT_FALSE(pulled.ok());
  EXPECT_EQ(pulled.error().status, 404);
  EXPECT_EQ(pulled.error().name, "not_found");
  EXPECT_EQ(pulled.error().reason, "Database does not exist.");
  EXPECT_FALSE(push().ok());
}

TEST_F(Replication, an_error_ends_a_replication_that_does_not_retry) {
  put_many(*server.database(), 3);
  const struct {
    Fault fault;
    int status;
    const char* name;
  } cases[] = {{Fault::kLost, 0, "network"},
               {Fault::kUnauthorized, 401, "unauthorized"},
               {Fault::kBroken, 500, "internal_server_error"},
               {Fault::kBusy, 503, "service_unavailable"},
               {Fault::kPortal, 502, "bad_response"}};
  for (const auto& one : cases) {
    network->every = one.fault;
    const auto result = pull();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().status, one.status);
    EXPECT_EQ(result.error().name, one.name);
  }
  EXPECT_EQ(count_here(), 0u);
}

TEST_F(Replication, a_filter_that_a_local_source_does_not_have_is_said_and_not_ignored) {
  put_many(*local, 3);
  ReplicationOptions options;
  options.selector = "{}";
  EXPECT_EQ(push(options).error().status, 501);
  EXPECT_EQ(count_there(), 0u);
}

}  // namespace
}  // namespace couchlet
