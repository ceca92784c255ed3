#include "replicate/http_peer.h"

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "replicate/scripted_client.h"

namespace couchlet {
namespace {

constexpr std::string_view kRev = "2-825cb35de44c433bfb2df415563a19de";
constexpr std::string_view kOtherRev = "2-917fa2381192822767f010b95b45325b";

constexpr int64_t kNow = 1'445'412'480'000;  // Wed, 21 Oct 2015 07:28:00 GMT

Revision revision(std::string_view text) { return *Revision::parse(text); }

PeerChangesQuery query(void (*set)(PeerChangesQuery&)) {
  PeerChangesQuery query;
  set(query);
  return query;
}

class HttpPeerTest : public testing::Test {
 protected:
  void answer(int status, std::string body) { answer({.status = status, .body = std::move(body)}); }
  void answer(ScriptedAnswer scripted) { script->answers.push_back(std::move(scripted)); }

  Result<PeerChanges> changes(PeerChangesQuery query = {}) {
    return run_task(peer.changes(std::move(query)));
  }

  Error error_of_changes() {
    const auto page = changes();
    return page.ok() ? Error{0, "no error", ""} : page.error();
  }

  Result<FetchedDocuments> fetch(std::vector<WantedRevision> wanted) {
    return run_task(peer.fetch(std::move(wanted)));
  }

  // So many that the request is worth gzipping.
  Result<std::vector<MissingRevisions>> ask_about_many() {
    std::vector<RevisionsOfDocument> documents;
    for (int i = 0; i < 100; ++i) {
      documents.push_back({"document " + std::to_string(i),
                           {*Revision::parse("1-00000000000000000000000000000001")}});
    }
    return run_task(peer.missing_revisions(std::move(documents)));
  }

  const HttpRequest& request(size_t index) const { return script->requests.at(index); }
  std::string path(size_t index) const {
    const std::string& url = request(index).url;
    return url.substr(url.find("/db"));
  }

  std::shared_ptr<Script> script = std::make_shared<Script>();
  HttpPeer peer{std::make_unique<ScriptedClient>(script), "http://bob:secret@host:5984/db/", 60000};
};

TEST_F(HttpPeerTest, its_identity_has_no_credentials) {
  EXPECT_EQ(*run_task(peer.identity()), "http://host:5984/db");
}

TEST_F(HttpPeerTest, a_page_of_changes_keeps_documents_and_sequences_as_they_came) {
  answer(200,
         R"({"results":[
{"seq":"1-g1AAA","id":"a","changes":[{"rev":"1-00000000000000000000000000000001"}],"doc":{"_id":"a","_rev":"1-00000000000000000000000000000001","n":1.10}},
{"seq":null,"id":"b","changes":[{"rev":"2-x"},{"rev":"1-y"}],"deleted":true,"doc":null}
],
"last_seq":"2-g1AAB","pending":7})");
  const auto page = changes();
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->rows.size(), 2u);
  EXPECT_EQ(page->rows[0].sequence, "\"1-g1AAA\"");
  EXPECT_EQ(page->rows[0].document,
            R"({"_id":"a","_rev":"1-00000000000000000000000000000001","n":1.10})");
  EXPECT_FALSE(page->rows[0].is_deleted);
  EXPECT_EQ(page->rows[1].sequence, "");
  EXPECT_EQ(page->rows[1].revisions.size(), 2u);
  EXPECT_EQ(page->rows[1].document, "");
  EXPECT_TRUE(page->rows[1].is_deleted);
  EXPECT_EQ(page->last_sequence, "\"2-g1AAB\"");
  EXPECT_EQ(page->pending, 7u);
}

TEST_F(HttpPeerTest, a_sequence_is_given_back_as_it_came) {
  for (int i = 0; i < 3; ++i) answer(200, R"({"results":[],"last_seq":1})");
  ASSERT_TRUE(changes(query([](auto& q) { q.since = "12"; })).ok());
  ASSERT_TRUE(changes(query([](auto& q) { q.since = "\"12-g1A/+=\""; })).ok());
  ASSERT_TRUE(changes(query([](auto& q) { q.since = "[12,\"x\"]"; })).ok());
  EXPECT_EQ(path(0), "/db/_changes?style=all_docs&since=12");
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=12-g1A%2F%2B%3D");
  EXPECT_EQ(path(2), "/db/_changes?style=all_docs&since=%5B12%2C%22x%22%5D");
}

TEST_F(HttpPeerTest, a_page_is_asked_for_with_few_sequences) {
  answer(200, R"({"results":[],"last_seq":1})");
  ASSERT_TRUE(changes(query([](auto& q) {
                q.limit = 1000;
                q.include_docs = true;
              })).ok());
  EXPECT_EQ(path(0),
            "/db/_changes?style=all_docs&since=0&limit=1000&seq_interval=100&include_docs=true");
}

TEST_F(HttpPeerTest, a_longpoll_beats_and_is_given_up_when_it_stops_beating) {
  answer(200, R"({"results":[],"last_seq":1})");
  answer(200, R"({"results":[],"last_seq":1})");
  ASSERT_TRUE(changes(query([](auto& q) {
                q.feed = ChangesFeed::kLongpoll;
                q.timeout_ms = 60000;
                q.heartbeat_ms = 10000;
              })).ok());
  ASSERT_TRUE(changes(query([](auto& q) {
                q.feed = ChangesFeed::kLongpoll;
                q.timeout_ms = 50000;
              })).ok());
  EXPECT_EQ(path(0), "/db/_changes?style=all_docs&since=0&feed=longpoll&heartbeat=10000");
  EXPECT_EQ(request(0).timeout_ms, 30000);
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=0&feed=longpoll&timeout=50000");
  EXPECT_GT(request(1).timeout_ms, 50000);
}

TEST_F(HttpPeerTest, filters_are_sent_to_the_server) {
  for (int i = 0; i < 4; ++i) answer(200, R"({"results":[],"last_seq":1})");
  ASSERT_TRUE(changes(query([](auto& q) { q.doc_ids = {"a", "b\"c"}; })).ok());
  ASSERT_TRUE(changes(query([](auto& q) { q.selector = R"({"type":"note"})"; })).ok());
  ASSERT_TRUE(changes(query([](auto& q) {
                q.filter = "app/by_owner";
                q.query_params = {{"owner", "Zoë & co"}};
              })).ok());
  ASSERT_TRUE(changes(query([](auto& q) { q.doc_ids.emplace(); })).ok());
  EXPECT_EQ(request(0).method, "POST");
  EXPECT_EQ(path(0), "/db/_changes?style=all_docs&since=0&filter=_doc_ids");
  EXPECT_EQ(request(0).body, R"({"doc_ids":["a","b\"c"]})");
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=0&filter=_selector");
  EXPECT_EQ(request(1).body, R"({"selector":{"type":"note"}})");
  EXPECT_EQ(request(2).method, "GET");
  EXPECT_EQ(path(2),
            "/db/_changes?style=all_docs&since=0&filter=app%2Fby_owner&owner=Zo%C3%AB%20%26%20co");
  EXPECT_EQ(path(3), path(0));
  EXPECT_EQ(request(3).body, R"({"doc_ids":[]})");
}

struct Refusal {
  int status;
  std::string body;
  std::string name;    // expected
  std::string reason;  // expected to be part of it
};

TEST_F(HttpPeerTest, a_refusal_is_couchdbs_own_or_says_what_was_asked_and_seen) {
  const Refusal refusals[] = {
      {400, R"({"error":"bad_request","reason":"invalid UTF-8"})", "bad_request", "invalid UTF-8"},
      {401, R"({"error":"unauthorized","reason":"Name or password is incorrect."})", "unauthorized",
       "Name or password is incorrect."},
      {403, R"({"error":"forbidden","reason":"You are not allowed."})", "forbidden",
       "You are not allowed."},
      {404, R"({"error":"not_found","reason":"Database does not exist."})", "not_found",
       "Database does not exist."},
      {409, "", "conflict", "409"},
      {412, "{}", "precondition_failed", "412"},
      {413, "<html>413 Request Entity Too Large</html>", "too_large", "<html>413"},
      {429, R"({"error":"too_many_requests","reason":"slow down"})", "too_many_requests",
       "slow down"},
      {500, R"({"error":"internal_server_error","reason":)", "internal_server_error", "500"},
      {500, R"([1,2])", "internal_server_error", "[1,2]"},
      {502, "Bad\tGateway\r\n", "bad_gateway", "Bad Gateway"},
      {503, "", "service_unavailable", "empty body"},
      {304, "", "unexpected_status", "304"},
      {302, "<a href=\"/login\">", "unexpected_status", "302"},
  };
  for (const Refusal& refusal : refusals) {
    script->answers.clear();
    answer(refusal.status, refusal.body);
    answer(refusal.status, refusal.body);  // for a second attempt
    const Error error = error_of_changes();
    EXPECT_EQ(error.status, refusal.status);
    EXPECT_EQ(error.name, refusal.name);
    EXPECT_NE(error.reason.find(refusal.reason), std::string::npos) << error.reason;
    const bool is_couchdbs_own = error.reason == refusal.reason;
    EXPECT_NE(is_couchdbs_own,
              error.reason.find("(GET http://host:5984/db/_changes)") != std::string::npos)
        << error.reason;
    EXPECT_EQ(error.reason.find("secret"), std::string::npos) << error.reason;
  }
}

TEST_F(HttpPeerTest, a_success_that_is_no_answer_of_couchdb_is_an_error) {
  const char* const bodies[] = {
      "<!DOCTYPE html><title>Hotel Wi-Fi: please log in</title>",
      "",
      "{}",
      "[]",
      "null",
      R"({"results":[]})",
      R"({"last_seq":1})",
      R"({"results":{},"last_seq":1})",
      R"({"results":[],"last_seq":1}})",
      R"({"results":[{"seq":1,"id":"a","changes":[{"rev":"1-)",
      R"({"results":[{"seq":1,"id":"a","changes":[]}],"last_seq":1})",
      R"({"results":[{"seq":1,"changes":[{"rev":"1-a"}]}],"last_seq":1})",
      R"({"results":[{"seq":1,"id":"a","changes":[{"rev":"nonsense"}]}],"last_seq":1})",
      R"({"results":[{"seq":1,"id":7,"changes":[{"rev":"1-a"}]}],"last_seq":1})",
      "{\"results\":[{\"seq\":1,\"id\":\"\xff\",\"changes\":[{\"rev\":\"1-a\"}]}],\"last_seq\":1}",
  };
  for (const char* body : bodies) {
    answer({.status = 200, .body = body, .headers = {{"content-type", "text/html"}}});
    const Error error = error_of_changes();
    EXPECT_EQ(error.status, 502) << body;
    EXPECT_EQ(error.name, "bad_response") << body;
    EXPECT_NE(error.reason.find("text/html"), std::string::npos) << error.reason;
    EXPECT_NE(error.reason.find("http://host:5984/db/_changes"), std::string::npos);
  }
}

TEST_F(HttpPeerTest, what_is_shown_of_a_body_is_short_and_valid_utf8) {
  std::string body = "<p>";
  for (int i = 0; i < 100; ++i) body += "ü";  // the limit falls into the middle of a character
  answer(200, body);
  const Error error = error_of_changes();
  EXPECT_LT(error.reason.size(), 400u);
  EXPECT_NE(error.reason.find("üü…"), std::string::npos) << error.reason;
}

TEST_F(HttpPeerTest, a_body_that_breaks_off_is_an_error_of_the_network) {
  answer({.body = R"({"results":[],"last_seq":1})", .is_cut = true});
  const Error error = error_of_changes();
  EXPECT_EQ(error.status, 0);
  EXPECT_EQ(error.name, "network");
}

TEST_F(HttpPeerTest, a_refusal_whose_body_breaks_off_is_still_that_refusal) {
  answer({.status = 403, .body = R"({"error":"forb)", .is_cut = true});
  EXPECT_EQ(error_of_changes().status, 403);
}

TEST_F(HttpPeerTest, no_answer_is_the_clients_error_with_what_was_asked) {
  answer({.error = Error{0, "timeout", "The server did not answer in time."}});
  const Error error = error_of_changes();
  EXPECT_EQ(error.status, 0);
  EXPECT_EQ(error.name, "timeout");
  EXPECT_NE(error.reason.find("GET http://host:5984/db/_changes"), std::string::npos);
}

TEST_F(HttpPeerTest, a_break_after_an_answer_is_tried_again_once) {
  const std::string good = R"({"results":[],"last_seq":1})";
  answer(200, good);
  answer({.body = good, .is_cut = true});
  answer(200, good);
  answer(500, "");
  answer(200, good);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(changes().ok());
  EXPECT_EQ(script->requests.size(), 5u);
  EXPECT_EQ(request(2).url, request(1).url);
}

TEST_F(HttpPeerTest, what_goes_on_failing_is_not_tried_again) {
  answer(200, R"({"results":[],"last_seq":1})");
  for (int i = 0; i < 3; ++i) answer(500, "");
  EXPECT_TRUE(changes().ok());
  EXPECT_FALSE(changes().ok());
  EXPECT_EQ(script->requests.size(), 3u);
  EXPECT_FALSE(changes().ok());
  EXPECT_EQ(script->requests.size(), 4u);
}

TEST_F(HttpPeerTest, a_captive_portals_page_does_not_tell_that_gzip_is_taken) {
  answer({.body = "<html>", .headers = {{"content-type", "text/html"}}});
  EXPECT_FALSE(ask_about_many().ok());
  answer(415, "");
  answer(200, "{}");
  EXPECT_TRUE(ask_about_many().ok());
  EXPECT_TRUE(request(1).is_gzip_wanted);
  EXPECT_FALSE(request(2).is_gzip_wanted);
}

TEST_F(HttpPeerTest, a_plain_attempt_that_breaks_leaves_open_whether_gzip_is_taken) {
  answer(200, R"({"results":[],"last_seq":1})");
  EXPECT_TRUE(changes().ok());
  answer(415, "");
  answer({.error = Error{0, "network", "The connection broke."}});
  answer(200, "{}");
  EXPECT_TRUE(ask_about_many().ok());
  EXPECT_FALSE(request(3).is_gzip_wanted);
}

TEST_F(HttpPeerTest, retry_after_holds_until_the_next_answer) {
  const std::string retry_after = "retry-after";
  answer({.status = 429, .headers = {{retry_after, "17"}}});
  (void)changes();
  EXPECT_EQ(peer.retry_after_ms(kNow), 17000);
  answer({.status = 503, .headers = {{retry_after, "99999999999"}}});
  (void)changes();
  EXPECT_EQ(peer.retry_after_ms(kNow), 3600 * 1000);
  answer(200, R"({"results":[],"last_seq":1})");
  (void)changes();
  EXPECT_EQ(peer.retry_after_ms(kNow), 0);
}

TEST_F(HttpPeerTest, retry_after_may_be_a_date) {
  const std::string retry_after = "retry-after";
  answer({.status = 503, .headers = {{retry_after, "Wed, 21 Oct 2015 07:28:20 GMT"}}});
  (void)changes();
  EXPECT_EQ(peer.retry_after_ms(kNow), 20'000);
  EXPECT_EQ(peer.retry_after_ms(kNow + 15'000), 5000);
  EXPECT_EQ(peer.retry_after_ms(kNow + 25'000), 0);
  EXPECT_EQ(peer.retry_after_ms(kNow - 24 * 3600 * 1000), 3600 * 1000);

  answer({.status = 503, .headers = {{retry_after, "in a while"}}});
  (void)changes();
  EXPECT_EQ(peer.retry_after_ms(kNow), 0);
}

TEST_F(HttpPeerTest, a_date_to_wait_for_is_of_the_servers_clock_where_that_can_be_seen) {
  answer({.status = 503,
          .headers = {{"retry-after", "Wed, 21 Oct 2015 07:28:20 GMT"},
                      {"date", "Wed, 21 Oct 2015 07:27:50 GMT"}}});
  (void)changes();
  EXPECT_EQ(peer.retry_after_ms(kNow), 30'000);
}

TEST_F(HttpPeerTest, a_break_with_a_date_to_wait_for_is_not_tried_again_at_once) {
  answer(200, R"({"results":[],"last_seq":1})");
  answer({.status = 503, .headers = {{"retry-after", "Wed, 21 Oct 2015 07:28:20 GMT"}}});
  answer(200, R"({"results":[],"last_seq":1})");
  EXPECT_TRUE(changes().ok());
  EXPECT_FALSE(changes().ok());
}

// A page of `count` rows; every tenth has its sequence.
std::string large_page(size_t count, size_t document_bytes) {
  std::string text = "{\"results\":[";
  for (size_t i = 1; i <= count; ++i) {
    const std::string number = std::to_string(i);
    text += i > 1 ? ",\n" : "\n";
    text += "{\"seq\":" + (i % 10 == 0 ? number : "null") + ",\"id\":\"" + number +
            "\",\"changes\":[{\"rev\":\"1-a\"}],\"doc\":{\"_id\":\"" + number +
            "\",\"_rev\":\"1-a\",\"x\":\"" + std::string(document_bytes, 'x') + "\"}}";
  }
  return text + "],\"last_seq\":" + std::to_string(count) + ",\"pending\":0}";
}

TEST_F(HttpPeerTest, a_page_that_gets_too_large_ends_at_the_last_known_sequence) {
  answer({.body = large_page(100, 100'000), .chunk_size = 10'000});
  const auto page = changes(query([](auto& q) { q.include_docs = true; }));
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->is_partial);
  EXPECT_EQ(page->rows.size(), 40u);  // 41 rows of 100 kB fit into 4 MiB
  EXPECT_EQ(page->last_sequence, "40");
  EXPECT_FALSE(page->pending.has_value());
  EXPECT_LT(page->bytes, kMaxAnswerBytes + 20'000);
}

TEST_F(HttpPeerTest,
       a_page_that_is_too_large_before_its_first_known_sequence_comes_without_documents) {
  answer({.body = large_page(20, 1'000'000), .chunk_size = 100'000});
  answer({.body = large_page(20, 0), .chunk_size = 100'000});
  const auto page = changes(query([](auto& q) { q.include_docs = true; }));
  ASSERT_TRUE(page.ok());
  EXPECT_FALSE(page->is_partial);
  EXPECT_EQ(page->rows.size(), 20u);
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=0");
  EXPECT_GT(page->bytes, kMaxAnswerBytes);
}

TEST_F(HttpPeerTest, asks_which_revisions_are_missing) {
  answer(200, R"({"a":{"missing":["2-x"],"possible_ancestors":["1-w"]},"b":{"missing":[]}})");
  const auto missing = run_task(peer.missing_revisions(
      {{"a", {revision("2-x"), revision("2-y")}}, {"b\n", {revision("1-z")}}}));
  ASSERT_TRUE(missing.ok());
  EXPECT_EQ(path(0), "/db/_revs_diff");
  EXPECT_EQ(request(0).body, R"({"a":["2-x","2-y"],"b\n":["1-z"]})");
  ASSERT_EQ(missing->size(), 1u);
  EXPECT_EQ(missing->front().id, "a");
  EXPECT_EQ(missing->front().missing, std::vector{revision("2-x")});
  EXPECT_EQ(missing->front().possible_ancestors, std::vector{revision("1-w")});
}

TEST_F(HttpPeerTest, asks_about_half_as_many_where_a_request_is_too_large) {
  answer(413, "<html>413 Request Entity Too Large</html>");
  answer(200, R"({"a":{"missing":["1-x"]}})");
  answer(200, "{}");
  answer(413, "<html>413 Request Entity Too Large</html>");
  const auto missing = run_task(peer.missing_revisions(
      {{"a", {revision("1-x")}}, {"b", {revision("1-y")}}, {"c", {revision("1-z")}}}));
  ASSERT_TRUE(missing.ok()) << missing.error().reason;
  ASSERT_EQ(script->requests.size(), 4u);
  EXPECT_EQ(request(1).body, R"({"a":["1-x"]})");
  EXPECT_EQ(request(2).body, R"({"b":["1-y"]})");
  EXPECT_EQ(request(3).body, R"({"c":["1-z"]})");
  ASSERT_EQ(missing->size(), 2u);
  EXPECT_EQ(missing->back().id, "c");
  EXPECT_EQ(missing->back().missing, std::vector{revision("1-z")});
}

TEST_F(HttpPeerTest, fetches_documents_together_and_keeps_their_text) {
  answer(200, R"({"results":[
{"id":"a","docs":[{"ok":{"_id":"a","_rev":"2-x","n":1e2,"_revisions":{"start":2,"ids":["x","w"]}}}]},
{"docs":[{"error":{"id":"b","rev":"3-y","error":"not_found","reason":"missing"}}],"id":"b"}]})");
  const auto fetched = fetch({{"a", revision("2-x"), {}}, {"b", revision("3-y"), {}}});
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(path(0), "/db/_bulk_get?revs=true&attachments=true");
  EXPECT_EQ(request(0).body, R"({"docs":[{"id":"a","rev":"2-x"},{"id":"b","rev":"3-y"}]})");
  ASSERT_EQ(fetched->documents.size(), 1u);
  EXPECT_EQ(fetched->documents[0],
            R"({"_id":"a","_rev":"2-x","n":1e2,"_revisions":{"start":2,"ids":["x","w"]}})");
  ASSERT_EQ(fetched->errors.size(), 1u);
  EXPECT_EQ(fetched->errors[0].id, "b");
  EXPECT_EQ(fetched->errors[0].error->status, 404);
  EXPECT_TRUE(fetched->left.empty());
}

TEST_F(HttpPeerTest, an_error_of_a_whole_document_counts_for_all_its_revisions) {
  answer(200, R"({"results":[{"id":"a","docs":[
    {"error":{"id":"a","rev":"undefined","error":"internal_server_error","reason":"boom"}}]}]})");
  const auto fetched = fetch({{"a", revision("2-x"), {}}, {"a", revision("2-y"), {}}});
  ASSERT_TRUE(fetched.ok());
  ASSERT_EQ(fetched->errors.size(), 2u);
  EXPECT_EQ(fetched->errors[1].rev, "2-y");
  EXPECT_EQ(fetched->errors[1].error->status, 500);
}

TEST_F(HttpPeerTest, a_revision_that_bulk_get_passes_over_is_asked_for_by_itself) {
  answer(200, R"({"results":[{"id":"a","docs":[{"ok":{"_id":"a","_rev":"2-x"}}]}]})");
  answer(200, R"([{"ok":{"_id":"a","_rev":"2-y"}}])");
  const auto fetched = fetch({{"a", revision("2-x"), {}}, {"a", revision("2-y"), {}}});
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(path(1), "/db/a?revs=true&attachments=true&open_revs=%5B%222-y%22%5D");
  EXPECT_EQ(fetched->documents.size(), 2u);
}

TEST_F(HttpPeerTest,
       a_server_without_bulk_get_is_asked_for_each_document_and_not_for_bulk_get_again) {
  answer(405, R"({"error":"method_not_allowed","reason":"Only GET,HEAD allowed"})");
  answer(200, R"([{"ok":{"_id":"a","_rev":"2-x"}},{"missing":"2-y"}])");
  answer(404, R"({"error":"not_found","reason":"missing"})");
  answer(200, R"([{"ok":{"_id":"_design/a b","_rev":"1-z"}}])");
  const auto fetched =
      fetch({{"a", revision("2-x"), {}}, {"a", revision("2-y"), {}}, {"ü/?", revision("1-z"), {}}});
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(path(1), "/db/a?revs=true&attachments=true&open_revs=%5B%222-x%22%2C%222-y%22%5D");
  EXPECT_EQ(path(2), "/db/%C3%BC%2F%3F?revs=true&attachments=true&open_revs=%5B%221-z%22%5D");
  EXPECT_EQ(fetched->documents.size(), 1u);
  EXPECT_EQ(fetched->errors.size(), 2u);

  ASSERT_TRUE(fetch({{"_design/a b", revision("1-z"), {}}}).ok());
  EXPECT_EQ(path(3), "/db/_design/a%20b?revs=true&attachments=true&open_revs=%5B%221-z%22%5D");
}

TEST_F(HttpPeerTest, a_404_of_bulk_get_is_an_error_where_the_database_is_gone) {
  answer(404, R"({"error":"not_found","reason":"Database does not exist."})");
  answer(404, R"({"error":"not_found","reason":"Database does not exist."})");
  const auto fetched = fetch({{"a", revision("2-x"), {}}});
  ASSERT_FALSE(fetched.ok());
  EXPECT_EQ(fetched.error().status, 404);
}

TEST_F(HttpPeerTest, a_404_of_a_document_is_an_error_where_it_is_not_couchdb_that_says_so) {
  answer(405, "");
  answer(404, "<html>nginx: no such page</html>");
  answer(404, "<html>nginx: no such page</html>");
  const auto fetched = fetch({{"a", revision("2-x"), {}}});
  ASSERT_FALSE(fetched.ok());
  EXPECT_EQ(fetched.error().status, 404);
}

std::string bulk_get_of(size_t count, size_t document_bytes) {
  std::string text = "{\"results\":[";
  for (size_t i = 1; i <= count; ++i) {
    const std::string id = std::to_string(i);
    text += (i > 1 ? "," : "") + std::string("{\"id\":\"") + id +
            "\",\"docs\":[{\"ok\":{\"_id\":\"" + id + "\",\"_rev\":\"2-x\",\"x\":\"" +
            std::string(document_bytes, 'x') + "\"}}]}";
  }
  return text + "]}";
}

TEST_F(HttpPeerTest,
       documents_that_exceed_an_answer_are_left_for_the_next_and_fewer_are_asked_for) {
  std::vector<WantedRevision> wanted;
  for (int i = 1; i <= 100; ++i) wanted.push_back({std::to_string(i), revision("2-x"), {}});
  answer({.body = bulk_get_of(100, 100'000), .chunk_size = 10'000});
  auto first = fetch(std::move(wanted));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->documents.size(), 41u);
  ASSERT_EQ(first->left.size(), 59u);
  EXPECT_EQ(first->left.front().id, "42");

  answer({.body = R"({"results":[]})"});
  (void)fetch(std::move(first->left));
  const std::string& body = request(1).body;
  EXPECT_NE(body.find("\"id\":\"42\""), std::string::npos);
  EXPECT_EQ(body.find("\"id\":\"99\""), std::string::npos) << "more than fit into an answer";
}

TEST_F(HttpPeerTest, a_document_larger_than_an_answer_may_be_comes_by_itself) {
  answer({.body = bulk_get_of(2, 6'000'000), .chunk_size = 100'000});
  answer({.body = "[{\"ok\":{\"_id\":\"1\",\"_rev\":\"2-x\",\"x\":\"" +
                  std::string(6'000'000, 'x') + "\"}}]",
          .chunk_size = 100'000});
  auto fetched = fetch({{"1", revision("2-x"), {}}, {"2", revision("2-x"), {}}});
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(fetched->documents.size(), 1u);
  ASSERT_EQ(fetched->left.size(), 1u);
  EXPECT_EQ(fetched->left[0].id, "2");
}

TEST_F(HttpPeerTest, writes_documents_as_they_are_and_names_what_was_refused) {
  answer(201, R"([{"id":"b","rev":"1-b","error":"forbidden","reason":"no"},{"ok":true,"id":"a"},
    {"id":"c","status":412,"error":true,"name":"missing_stub","reason":"stub"}])");
  const auto refused = run_task(peer.write({R"({"_id":"a","n":1.0})", R"({"_id":"b"})"}));
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(path(0), "/db/_bulk_docs");
  EXPECT_EQ(request(0).body, R"({"new_edits":false,"docs":[{"_id":"a","n":1.0},{"_id":"b"}]})");
  ASSERT_EQ(refused->size(), 2u);
  EXPECT_EQ((*refused)[0].id, "b");
  EXPECT_EQ((*refused)[0].error->status, 403);
  EXPECT_EQ((*refused)[1].error->status, 412);
  EXPECT_EQ((*refused)[1].error->name, "missing_stub");
}

TEST_F(HttpPeerTest, a_local_document_that_is_missing_is_none_but_a_missing_database_is_an_error) {
  answer(404, R"({"error":"not_found","reason":"missing"})");
  const auto none = run_task(peer.get_local("0123"));
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  EXPECT_EQ(path(0), "/db/_local/0123");

  answer(404, R"({"error":"not_found","reason":"Database does not exist."})");
  EXPECT_EQ(run_task(peer.get_local("0123")).error().status, 404);
}

TEST_F(HttpPeerTest, a_404_of_unknown_words_is_settled_by_asking_for_the_database) {
  answer(404, R"({"error":"not_found","reason":"no_db_file"})");
  answer(404, R"({"error":"not_found","reason":"no_db_file"})");
  EXPECT_EQ(run_task(peer.get_local("0123")).error().status, 404);

  answer(404, R"({"error":"not_found","reason":"nothing here"})");
  answer(200, R"({"db_name":"db","update_seq":3})");
  const auto none = run_task(peer.get_local("0123"));
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  EXPECT_EQ(path(3), "/db");
}

TEST_F(HttpPeerTest, local_documents_are_read_and_written_whole) {
  answer(200, R"({"_id":"_local/0123","_rev":"0-1"})");
  EXPECT_EQ(**run_task(peer.get_local("0123")), R"({"_id":"_local/0123","_rev":"0-1"})");
  answer(200, "<html>");
  EXPECT_EQ(run_task(peer.get_local("0123")).error().name, "bad_response");
  answer(201, R"({"ok":true,"id":"_local/0123","rev":"0-2"})");
  EXPECT_EQ(*run_task(peer.put_local("0123", "{}")), "0-2");
  EXPECT_EQ(request(2).method, "PUT");
  answer(201, R"({"ok":true})");
  EXPECT_EQ(run_task(peer.put_local("0123", "{}")).error().name, "bad_response");
}

TEST_F(HttpPeerTest, revisions_are_compared_by_value_and_not_by_text) {
  answer(
      200,
      R"({"results":[{"id":"a","docs":[{"ok":{"_id":"a","_rev":"2-825CB35DE44C433BFB2DF415563A19DE"}},
    {"error":{"id":"a","rev":"2-917fa2381192822767f010b95b45325b","error":"forbidden"}}]}]})");
  const auto fetched = fetch({{"a", revision(kRev), {}}, {"a", revision(kOtherRev), {}}});
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(fetched->documents.size(), 1u);
  ASSERT_EQ(fetched->errors.size(), 1u);
  EXPECT_EQ(fetched->errors[0].error->status, 403);
}

}  // namespace
}  // namespace couchlet
