// One answer to `_changes?feed=continuous`, as pages of HttpPeer.
#include "replicate/continuous_feed.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "replicate/http_peer.h"
#include "replicate/scripted_client.h"

namespace couchlet {
namespace {

std::string row(int number, const std::string& more = "") {
  return "{\"seq\":\"" + std::to_string(number) + "-x\",\"id\":\"doc" + std::to_string(number) +
         R"(","changes":[{"rev":"1-00000000000000000000000000000001"}])" + more + "}\n";
}

class ContinuousFeedTest : public testing::Test {
 protected:
  ContinuousFeedTest() { query.feed = ChangesFeed::kContinuous; }
  ~ContinuousFeedTest() override {
    if (peer) peer->cancel();
  }

  // The answer to the next request, which stays open.
  void open(std::string begin = "") {
    script->answers.push_back({.body = std::move(begin), .goes_on = true});
  }

  // A question that may have to wait for its answer.
  struct Asked {
    std::optional<Result<PeerChanges>> page;

    // "doc1 doc2 @2", "doc1 + @1" where there may be more, the name of an error, or "waiting".
    std::string text() const {
      if (!page) return "waiting";
      if (!page->ok()) return page->error().name;
      std::string text;
      for (const PeerChange& row : (*page)->rows) text += row.id + " ";
      if ((*page)->is_partial) text += "+ ";
      return text + "@" + (*page)->last_sequence.substr(0, (*page)->last_sequence.find('-'));
    }
  };

  static Task<void> run(HttpPeer& peer, PeerChangesQuery query, Asked& asked) {
    asked.page = co_await peer.changes(std::move(query));
  }
  Asked& ask(PeerChangesQuery with) {
    Asked& one = asked.emplace_back();
    spawn(run(*peer, std::move(with), one));
    return one;
  }
  // From where the last page has ended.
  Asked& ask() { return ask(query); }
  std::string next() {
    Asked& one = ask();
    if (one.page && one.page->ok()) query.since = (*one.page)->last_sequence;
    return one.text();
  }

  std::string path(size_t index) const {
    const std::string& url = script->requests.at(index).url;
    return url.substr(url.find("/db"));
  }

  std::deque<Asked> asked;
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::shared_ptr<ServerTraits> traits = std::make_shared<ServerTraits>();
  std::unique_ptr<HttpPeer> peer = std::make_unique<HttpPeer>(
      std::make_unique<ScriptedClient>(script), "http://host:5984/db", 60000, nullptr, traits);
  PeerChangesQuery query;
};

TEST_F(ContinuousFeedTest, page_after_page_comes_of_one_answer) {
  open();
  query.limit = 1000;
  query.heartbeat_ms = 10000;
  query.include_docs = true;
  Asked& first = ask();
  EXPECT_EQ(first.text(), "waiting");
  script->say(row(1, R"(,"deleted":true,"doc":{"_id":"doc1","n":1.10})"));
  ASSERT_EQ(first.text(), "doc1 @\"1");
  const PeerChanges& page = **first.page;
  EXPECT_TRUE(page.rows[0].is_deleted);
  EXPECT_EQ(page.rows[0].document, R"({"_id":"doc1","n":1.10})");
  EXPECT_EQ(page.rows[0].revisions.size(), 1u);
  EXPECT_EQ(page.pending, 0u);
  EXPECT_EQ(page.bytes, page.text->size());
  query.since = page.last_sequence;
  for (int i = 2; i <= 20; ++i) {
    Asked& following = ask();
    script->say(row(i));
    ASSERT_EQ(following.text(), "doc" + std::to_string(i) + " @\"" + std::to_string(i));
    query.since = (*following.page)->last_sequence;
  }
  ASSERT_EQ(script->requests.size(), 1u);
  EXPECT_EQ(path(0),
            "/db/_changes?style=all_docs&since=0&include_docs=true&feed=continuous&heartbeat=10000")
      << "no limit, which would end it, and all sequences";
  EXPECT_EQ(script->requests[0].timeout_ms, 30000) << "three beats";
}

TEST_F(ContinuousFeedTest, a_line_may_come_in_pieces) {
  const std::string text = row(1) + "\n" + row(2) + "\r\n" + row(3);
  for (size_t size = 1; size < text.size(); size += 3) {
    peer->cancel();
    open();
    query.since = "0";
    std::string told;
    Asked* waiting = &ask();
    for (size_t at = 0; at < text.size(); at += size) {
      script->say(text.substr(at, size));
      if (!waiting->page) continue;
      for (const PeerChange& each : (*waiting->page)->rows) told += each.id + " ";
      query.since = (*waiting->page)->last_sequence;
      waiting = &ask();
    }
    EXPECT_EQ(told, "doc1 doc2 doc3 ") << size;
    EXPECT_EQ(waiting->text(), "waiting");
  }
}

TEST_F(ContinuousFeedTest, beats_are_no_news) {
  open("\n");
  Asked& first = ask();
  for (int i = 0; i < 3; ++i) script->say("\n");
  EXPECT_EQ(first.text(), "waiting");
  script->say("\n" + row(1) + "\n\n");
  EXPECT_EQ(first.text(), "doc1 @\"1");
}

TEST_F(ContinuousFeedTest, what_comes_while_nobody_asks_is_one_page) {
  open();
  Asked& first = ask();
  script->say(row(1));
  ASSERT_EQ(first.text(), "doc1 @\"1");
  query.since = "\"1-x\"";
  for (int i = 2; i <= 5; ++i) script->say(row(i));
  EXPECT_EQ(next(), "doc2 doc3 doc4 doc5 @\"5");
  EXPECT_EQ(script->requests.size(), 1u);
}

TEST_F(ContinuousFeedTest, more_rows_than_the_limit_are_told_to_be_there) {
  open(row(1) + row(2) + "\n" + row(3) + "\n");
  query.limit = 2;
  EXPECT_EQ(next(), "doc1 doc2 + @\"2");
  EXPECT_FALSE((*asked.back().page)->pending.has_value());
  EXPECT_EQ(next(), "doc3 @\"3");
  EXPECT_EQ((*asked.back().page)->pending, 0u);
  EXPECT_EQ(script->requests.size(), 1u);
}

TEST_F(ContinuousFeedTest, is_read_ahead_so_far_and_no_farther) {
  open(row(1));
  EXPECT_EQ(next(), "doc1 @\"1");
  const std::string large = row(2, ",\"doc\":\"" + std::string(100'000, 'x') + "\"");
  for (int i = 0; i < 30; ++i) script->say(large);
  const size_t read = 30 - script->more.size();
  EXPECT_EQ(read, ContinuousFeed::kReadAheadBytes / large.size() + 1);
  ASSERT_EQ(next().substr(0, 5), "doc2 ");
  EXPECT_EQ((*asked.back().page)->rows.size(), read);
  EXPECT_EQ(30 - script->more.size(), 2 * read) << "and goes on when somebody has taken it";
}

TEST_F(ContinuousFeedTest, another_place_or_another_question_needs_another_answer) {
  open();
  open();
  open();
  ask();
  EXPECT_EQ(script->requests.size(), 1u);
  peer->cancel();
  query.since = "\"7-x\"";
  Asked& elsewhere = ask();
  script->say(row(8));
  EXPECT_EQ(elsewhere.text(), "doc8 @\"8");
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=7-x&feed=continuous");
  query.since = "\"8-x\"";
  query.selector = R"({"type":"note"})";
  const size_t aborted = script->aborted;
  Asked& other = ask();
  EXPECT_EQ(script->aborted, aborted + 1) << "the one before it is of no use any more";
  script->say(row(9));
  EXPECT_EQ(other.text(), "doc9 @\"9");
  EXPECT_EQ(path(2), "/db/_changes?style=all_docs&since=8-x&feed=continuous&filter=_selector");
  EXPECT_EQ(script->requests[2].method, "POST");
  EXPECT_EQ(script->requests[2].body, R"({"selector":{"type":"note"}})");
}

TEST_F(ContinuousFeedTest, a_page_that_does_not_wait_ends_it) {
  open(row(1));
  EXPECT_EQ(next(), "doc1 @\"1");
  script->answers.push_back({.body = R"({"results":[],"last_seq":"5-x"})"});
  query.feed = ChangesFeed::kNormal;
  EXPECT_EQ(next(), "@\"5");
  EXPECT_EQ(script->aborted, 1u);
}

TEST_F(ContinuousFeedTest, documents_that_are_not_wanted_come_until_they_are_a_burden) {
  open(row(1));
  query.include_docs = true;
  EXPECT_EQ(next(), "doc1 @\"1");
  query.include_docs = false;
  script->say(row(2, ",\"doc\":\"" + std::string(ContinuousFeed::kMaxUnwantedBytes, 'x') + "\""));
  EXPECT_EQ(next(), "doc2 @\"2");
  EXPECT_EQ(script->requests.size(), 1u);
  open(row(3));
  EXPECT_EQ(next(), "doc3 @\"3");
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=2-x&feed=continuous");
  query.include_docs = true;
  open(row(4));
  EXPECT_EQ(next(), "doc4 @\"4") << "and at once where they are wanted";
  EXPECT_EQ(path(2), "/db/_changes?style=all_docs&since=3-x&include_docs=true&feed=continuous");
}

TEST_F(ContinuousFeedTest, a_break_is_told_after_the_rows_before_it) {
  const std::string cut = row(3).substr(0, 40);
  open(row(1) + row(2) + cut);
  script->break_off();
  EXPECT_EQ(next(), "doc1 doc2 @\"2") << "what isn't a whole line is no row";
  Asked& after = ask();
  ASSERT_EQ(after.text(), "network");
  EXPECT_EQ(after.page->error().reason, "The connection broke. (GET http://host:5984/db/_changes)");
  open(row(3));
  EXPECT_EQ(next(), "doc3 @\"3");
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=2-x&feed=continuous");
}

TEST_F(ContinuousFeedTest, an_end_without_its_line_is_a_break) {
  for (const std::string& begin : {std::string(), std::string("\n"), row(1).substr(0, 30)}) {
    open(begin);
    script->say("");
    EXPECT_EQ(next(), "network") << begin;
  }
  EXPECT_EQ(script->requests.size(), 3u);
}

TEST_F(ContinuousFeedTest, its_last_line_is_the_end_of_a_page) {
  open(row(1) + R"({"last_seq":"4-x","pending":3})" + "\n");
  EXPECT_EQ(next(), "doc1 @\"4");
  EXPECT_EQ((*asked.back().page)->pending, 3u);
  open(R"({"last_seq":"5-x"})"
       "\n");
  EXPECT_EQ(next(), "@\"5");
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=4-x&feed=continuous");
}

TEST_F(ContinuousFeedTest, a_server_that_answers_with_a_page_is_asked_by_longpoll_from_then_on) {
  const std::string rows = row(1) + "," + row(2);
  for (const std::string& page :
       {"{\"results\":[\n" + rows + "],\n\"last_seq\":\"2-x\",\"pending\":0}\n",
        "{\"results\":[" + row(1).substr(0, row(1).size() - 1) + "],\"last_seq\":\"2-x\"}",
        "{\"last_seq\":\"2-x\",\n\"results\":[" + rows + "]}"}) {
    traits->has_continuous_feed = true;
    query.since = "0";
    script->requests.clear();
    script->answers.push_back({.body = page});
    EXPECT_EQ(next().substr(0, 5), "doc1 ") << page;
    EXPECT_EQ(query.since, "\"2-x\"");
    script->answers.push_back({.body = R"({"results":[],"last_seq":"2-x"})"});
    EXPECT_EQ(next(), "@\"2");
    ASSERT_EQ(script->requests.size(), 2u);
    EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=2-x&feed=longpoll");
  }
}

TEST_F(ContinuousFeedTest, an_answer_that_is_no_feed_and_no_page_is_an_error) {
  for (const char* body :
       {"<!DOCTYPE html>\n<title>Please log in</title>\n", "<html>", "\"text\"\n",
        "{\"ok\":true}\n", "{\"seq\":1,\"id\":\"a\",\"changes\":[]}\n",
        "{\"seq\":null,\"id\":\"a\",\"changes\":[{\"rev\":\"1-a\"}]}\n",
        "{\"seq\":1,\"id\":\"a\",\"changes\":[{\"rev\":\"a\"}]}\n"}) {
    script->answers.push_back({.body = body, .headers = {{"content-type", "text/html"}}});
    Asked& one = ask();
    EXPECT_EQ(one.text(), "bad_response") << body;
    EXPECT_NE(one.page->error().reason.find("text/html: " + std::string(body).substr(0, 5)),
              std::string::npos)
        << one.page->error().reason;
    EXPECT_TRUE(traits->has_continuous_feed) << body;
  }
  open(row(1) + "what?\n");
  EXPECT_EQ(next(), "bad_response");
}

TEST_F(ContinuousFeedTest, a_refusal_is_one_and_retry_after_is_heeded) {
  script->answers.push_back({.status = 404, .body = R"({"error":"not_found","reason":"Gone"})"});
  EXPECT_EQ(next(), "not_found");
  script->answers.push_back({.status = 503, .headers = {{"retry-after", "30"}}});
  EXPECT_EQ(next(), "service_unavailable");
  EXPECT_EQ(peer->retry_after_ms(0), 30'000);
  open(row(1));
  EXPECT_EQ(next(), "doc1 @\"1");
  EXPECT_EQ(peer->retry_after_ms(0), 0);
}

TEST_F(ContinuousFeedTest, a_line_that_is_too_long_is_asked_for_otherwise) {
  open(row(1));
  EXPECT_EQ(next(), "doc1 @\"1");
  script->say("{\"seq\":\"2-x\",\"id\":\"doc2\",\"doc\":\"" + std::string(kMaxAnswerBytes, 'x'));
  script->answers.push_back({.body = "{\"results\":[" + row(2) + "],\"last_seq\":\"2-x\"}"});
  EXPECT_EQ(next(), "doc2 @\"2");
  EXPECT_EQ(path(1), "/db/_changes?style=all_docs&since=1-x&feed=longpoll");
  EXPECT_GT((*asked.back().page)->bytes, kMaxAnswerBytes) << "all that was transferred";
}

TEST_F(ContinuousFeedTest, cancel_and_the_peers_end_end_it) {
  open();
  Asked& waiting = ask();
  peer->cancel();
  EXPECT_EQ(waiting.text(), "cancelled");

  open(row(1));
  EXPECT_EQ(next(), "doc1 @\"1");
  for (int i = 2; i < 4; ++i) script->say(row(i));
  peer->cancel();  // what has come, and nobody has asked for yet, is not what comes next
  open(row(2));
  EXPECT_EQ(next(), "doc2 @\"2");
  EXPECT_EQ(script->requests.size(), 3u);
  const size_t aborted = script->aborted;
  peer = nullptr;
  EXPECT_EQ(script->aborted, aborted + 1);
}

}  // namespace
}  // namespace couchlet
