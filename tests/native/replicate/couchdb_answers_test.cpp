// Answers as CouchDB 3.5 gives them, word for word: docs/couchdb-requests.md says where they come
// from.

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "replicate/http_peer.h"
#include "replicate/scripted_client.h"

namespace couchlet {
namespace {

const std::string kInfo = R"({"db_name":"db","update_seq":"3-g1AAAA","doc_count":3})";

// Takes the bytes, and forgets them.
class Sink : public AttachmentStage {
 public:
  uint32_t begin() override { return ++count_; }
  void append(uint32_t, std::string_view) override {}
  void release(uint32_t) override {}

 private:
  uint32_t count_ = 0;
};

class CouchDbAnswers : public testing::Test {
 protected:
  static Revision revision(std::string_view text) { return *Revision::parse(text); }

  void answer(int status, std::string body) {
    script->answers.push_back({.status = status, .body = std::move(body)});
  }
  void break_off() { script->answers.push_back({.error = Error{0, "network", "It broke."}}); }

  // "taken", "refused forbidden …" or, of all, "failed forbidden".
  std::string write(std::vector<std::string_view> documents) {
    const auto refused = run_task(peer.write(std::move(documents)));
    if (!refused.ok()) return "failed " + refused.error().name;
    if (refused->empty()) return "taken";
    std::string line = "refused";
    for (const WriteResult& result : *refused) line += " " + result.id + " " + result.error->name;
    return line;
  }

  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::shared_ptr<ServerTraits> traits = std::make_shared<ServerTraits>();
  HttpPeer peer{std::make_unique<ScriptedClient>(script),
                "http://host/db",
                60000,
                nullptr,
                traits,
                std::make_shared<Sink>()};
};

TEST_F(CouchDbAnswers, what_is_newer_than_atts_since_would_come_in_the_text) {
  const std::string stub =
      R"({"content_type":"image/png","revpos":2,"digest":"md5-XUFAKrxLKna5cZ2REBfFkg==",)"
      R"("length":5,"stub":true})";
  answer(200, R"({"results":[{"id":"a","docs":[{"ok":{"_id":"a","_rev":"2-x",)"
              R"("_revisions":{"start":2,"ids":["x","w"]},"_attachments":{"big":)" +
                  stub + "}}}]}]}");
  answer(200, R"({"results":[{"id":"a","docs":[{"ok":{"_id":"a","_rev":"2-x",)"
              R"("_revisions":{"start":2,"ids":["x","w"]},"_attachments":{"big":)"
              R"({"content_type":"image/png","revpos":2,"data":"aGVsbG8="}}}}]}]})");
  const auto fetched = run_task(peer.fetch({{"a", revision("2-x"), {revision("1-w")}, true}}));
  ASSERT_TRUE(fetched.ok());
  ASSERT_EQ(script->requests.size(), 2U);
  EXPECT_EQ(script->requests[0].url, "http://host/db/_bulk_get?revs=true&att_encoding_info=true");
  EXPECT_EQ(script->requests[0].body, R"({"docs":[{"id":"a","rev":"2-x"}]})");
  EXPECT_EQ(script->requests[1].url, "http://host/db/_bulk_get?revs=true&attachments=true");
  EXPECT_EQ(script->requests[1].body, R"({"docs":[{"id":"a","rev":"2-x","atts_since":["1-w"]}]})");
}

TEST_F(CouchDbAnswers, a_request_for_too_many_documents_is_halved_and_none_is_as_large_again) {
  std::vector<WantedRevision> wanted;
  for (const char* id : {"a", "b", "c", "d", "e"}) wanted.push_back({id, revision("2-x"), {}});
  answer(413, R"({"error":"max_bulk_get_count_exceeded","reason":"2"})");
  answer(200, R"({"results":[{"id":"a","docs":[{"ok":{"_id":"a","_rev":"2-x"}}]},)"
              R"({"id":"b","docs":[{"ok":{"_id":"b","_rev":"2-x"}}]}]})");
  auto fetched = run_task(peer.fetch(std::move(wanted)));
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(fetched->documents.size(), 2U);
  EXPECT_EQ(fetched->left.size(), 3U);
  answer(200, R"({"results":[{"id":"c","docs":[{"ok":{"_id":"c","_rev":"2-x"}}]},)"
              R"({"id":"d","docs":[{"ok":{"_id":"d","_rev":"2-x"}}]}]})");
  fetched = run_task(peer.fetch(std::move(fetched->left)));
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(fetched->left.size(), 1U);
}

TEST_F(CouchDbAnswers, what_filters_a_feed_goes_out_plainly_however_long_it_is) {
  traits->gzip = ServerTraits::Trial::kTaken;
  answer(200, R"({"results":[],"last_seq":"0-x","pending":0})");
  PeerChangesQuery query;
  query.doc_ids.emplace();
  for (int i = 0; i < 200; ++i) query.doc_ids->push_back("document " + std::to_string(i));
  ASSERT_TRUE(run_task(peer.changes(std::move(query))).ok());
  EXPECT_GT(script->requests[0].body.size(), 2000U);
  EXPECT_FALSE(script->requests[0].is_gzip_wanted);
}

// chttpd:error_info, of what couch_db and couch_partition say of single documents.
TEST_F(CouchDbAnswers, a_row_tells_by_its_name_which_status_it_would_have_had) {
  answer(201, R"([{"id":"_design/a","rev":"1-x","error":"invalid_design_doc","reason":"No."},)"
              R"({"id":"b:b","rev":"1-x","error":"partition_overflow","reason":"Limit exceeded"},)"
              R"({"id":"c","rev":"1-x","error":"TypeError","reason":"{[{<<\"message\">>"}])");
  const auto refused = run_task(peer.write({R"({"_id":"_design/a"})"}));
  ASSERT_TRUE(refused.ok());
  ASSERT_EQ(refused->size(), 3U);
  EXPECT_EQ((*refused)[0].error->status, 400);
  EXPECT_EQ((*refused)[1].error->status, 403);
  EXPECT_EQ((*refused)[2].error->status, 500);
}

// mem3:shards asks couch_partition:hash for each id.
TEST_F(CouchDbAnswers, an_id_that_a_partitioned_database_can_not_have_is_not_an_error_of_all) {
  traits->gzip = ServerTraits::Trial::kTaken;
  answer(400, R"({"error":"illegal_docid","reason":"Doc id must be of form partition:id"})");
  const auto missing =
      run_task(peer.missing_revisions({{"part:a", {revision("1-x")}}, {"b", {revision("1-y")}}}));
  ASSERT_TRUE(missing.ok());
  ASSERT_EQ(missing->size(), 2U);
  EXPECT_EQ(missing->front().missing, std::vector{revision("1-x")});
  answer(400, "<html>400 Bad Request</html>");
  EXPECT_FALSE(run_task(peer.missing_revisions({{"b", {revision("1-y")}}})).ok());
}

// fabric_view_changes:pending_count
TEST_F(CouchDbAnswers, how_much_is_pending_may_not_be_known) {
  for (const char* pending : {"null", "-1", "1.5"}) {
    answer(200, std::string(R"({"results":[],"last_seq":"3-x","pending":)") + pending + "}");
    const auto page = run_task(peer.changes({}));
    ASSERT_TRUE(page.ok()) << page.error().reason;
    EXPECT_FALSE(page->pending.has_value());
  }
}

// couch_httpd:error_info, and what chttpd_db:db_req throws before it has written anything.
TEST_F(CouchDbAnswers, a_400_is_of_the_one_document_if_a_request_without_it_is_taken) {
  for (const char* body :
       {R"({"error":"bad_request","reason":"invalid UTF-8 JSON"})",
        R"({"error":"bad_request","reason":"Invalid rev format"})",
        R"({"error":"illegal_partition","reason":"Partition must not be empty"})"}) {
    answer(400, body);
    EXPECT_TRUE(write({R"({"_id":"a"})", R"({"_id":"b"})"}).starts_with("failed"));
    answer(400, body);
    answer(201, "[]");
    EXPECT_TRUE(write({R"({"_id":"a"})"}).starts_with("refused a"));
    EXPECT_EQ(script->requests.back().body, R"({"new_edits":false,"docs":[]})");
    answer(400, body);
    answer(400, body);
    EXPECT_TRUE(write({R"({"_id":"a"})"}).starts_with("failed"));
    script->answers.clear();
  }
}

// couch_httpd:respond_ closes the connection after a 413.
TEST_F(CouchDbAnswers, a_large_upload_that_breaks_is_halved_if_the_server_can_be_reached) {
  const std::string large = R"({"_id":"a","text":")" + std::string(300'000, 'x') + "\"}";
  traits->gzip = ServerTraits::Trial::kTaken;
  break_off();
  break_off();
  EXPECT_EQ(write({large, R"({"_id":"b"})"}), "failed network") << "nobody is there";
  for (const char* expected : {"failed network", "failed network", "refused a upload_fails"}) {
    break_off();
    answer(200, kInfo);
    break_off();  // else the next break would be followed by a second attempt
    EXPECT_EQ(write({large}), expected);
    (void)run_task(peer.info());
  }
  break_off();
  answer(200, kInfo);
  EXPECT_EQ(write({large, R"({"_id":"b"})"}), "failed too_large");
  break_off();
  break_off();
  EXPECT_EQ(write({R"({"_id":"b"})"}), "failed network") << "that was no matter of size";
}

}  // namespace
}  // namespace couchlet
