// What an HttpPeer makes of the answers to documents that it writes with their attachments behind
// them.

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "replicate/http_peer.h"
#include "replicate/scripted_client.h"

namespace couchlet {
namespace {

constexpr std::string_view kRev = "1-825cb35de44c433bfb2df415563a19de";
constexpr std::string_view kDigest = "md5-XUFAKrxLKna5cZ2REBfFkg==";  // of "hello"
const std::string kEntry = R"("content_type":"image/png","revpos":1,"digest":")" +
                           std::string(kDigest) + R"(","length":5)";
const std::string kDocument = R"({"_id":"a","_rev":")" + std::string(kRev) +
                              R"(","_attachments":{"x":{)" + kEntry + R"(,"follows":true}}})";
const std::string kInText =
    R"({"_id":"a","_rev":")" + std::string(kRev) +
    R"(","_attachments":{"x":{"content_type":"image/png","data":"aGVsbG8="}}})";
const std::string kHuge = R"({"_id":"a","_rev":")" + std::string(kRev) +
                          R"(","_attachments":{"x":{"content_type":"image/png","digest":")" +
                          std::string(kDigest) + R"(","length":20000000,"follows":true}}})";
const std::string kStored = R"({"_id":"a","_rev":")" + std::string(kRev) +
                            R"(","_attachments":{"x":{)" + kEntry + R"(,"stub":true}}})";
const std::string kTaken = R"({"ok":true,"id":"a","rev":")" + std::string(kRev) + "\"}";
const std::string kInfo = R"({"db_name":"db","update_seq":"1-x"})";

class HttpPeerWriting : public testing::Test {
 protected:
  HttpPeerWriting() { script->has_attachments = true; }

  void answer(int status, std::string body) {
    script->answers.push_back({.status = status, .body = std::move(body)});
  }
  void refuse(int status, const std::string& name) {
    answer(status, R"({"error":")" + name + R"(","reason":"It is so."})");
  }
  void break_off() { script->answers.push_back({.error = Error{0, "network", "It broke."}}); }

  // "taken", "refused forbidden" or, of all, "failed forbidden".
  std::string write(std::string_view document = kDocument) {
    const auto refused = run_task(peer.write({document}));
    if (!refused.ok()) return "failed " + refused.error().name;
    if (refused->empty()) return "taken";
    EXPECT_EQ(refused->front().id, "a");
    EXPECT_EQ(refused->front().rev, kRev);
    return "refused " + refused->front().error->name;
  }

  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::shared_ptr<ServerTraits> traits = std::make_shared<ServerTraits>();
  HttpPeer peer{std::make_unique<ScriptedClient>(script), "http://host/db", 60000, nullptr, traits};
};

TEST_F(HttpPeerWriting, the_body_is_the_document_and_then_the_attachments) {
  answer(201, kTaken);
  answer(200, kStored);
  EXPECT_EQ(write(), "taken");
  const HttpRequest& put = script->requests.at(0);
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.url, "http://host/db/a?new_edits=false");
  EXPECT_FALSE(put.is_gzip_wanted);
  const std::string type = put.headers.back().second;
  ASSERT_TRUE(type.starts_with("multipart/related; boundary=\"")) << type;
  const std::string boundary = "--" + type.substr(type.find('"') + 1, 32);
  const std::string before = boundary + "\r\nContent-Type: application/json\r\n\r\n" + kDocument +
                             "\r\n" + boundary +
                             "\r\nContent-Disposition: attachment; filename=\"x\"" +
                             "\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(put.body, before + "\r\n" + boundary + "--");
  ASSERT_EQ(put.attachments.size(), 1U);
  EXPECT_EQ(put.attachments[0].position, before.size());
  EXPECT_EQ(put.attachments[0].digest, kDigest);
  EXPECT_EQ(put.attachments[0].length, 5U);
}

TEST_F(HttpPeerWriting, a_body_may_take_as_long_as_it_needs_beside_the_silence) {
  HttpRequest request;
  request.body.assign(800, 'x');
  request.attachments.push_back({400, std::string(kDigest), 8'000'000});
  EXPECT_EQ(headers_timeout_ms(request), 0);
  request.timeout_ms = 60000;
  EXPECT_EQ(headers_timeout_ms(request), 60000 + 100 + 1'000'000);
}

TEST_F(HttpPeerWriting, an_answer_like_that_of_bulk_docs_is_read_as_one) {
  traits->multipart = ServerTraits::Trial::kTaken;
  answer(201, "[]");
  EXPECT_EQ(write(), "taken");
  answer(201, R"([{"id":"a","error":"forbidden","reason":"No."}])");
  EXPECT_EQ(write(), "refused forbidden");
}

TEST_F(HttpPeerWriting, what_else_is_answered_is_no_success) {
  answer(200, "<!DOCTYPE html>");
  EXPECT_EQ(write(), "failed bad_response");
}

TEST_F(HttpPeerWriting, a_server_that_makes_a_revision_of_its_own_gets_no_more) {
  answer(201, R"({"ok":true,"id":"a","rev":"1-917fa2381192822767f010b95b45325b"})");
  EXPECT_EQ(write(), "refused following_not_taken");
  EXPECT_FALSE(peer.takes_following_attachments());
}

TEST_F(HttpPeerWriting, a_document_that_is_refused_is_told_from_a_login_that_is_over) {
  for (const int status : {401, 403}) {
    SCOPED_TRACE(status);
    const std::string name = status == 401 ? "unauthorized" : "forbidden";
    refuse(status, name);
    answer(200, kInfo);
    EXPECT_EQ(write(kHuge), "refused " + name);
    refuse(status, name);
    refuse(status, name);
    EXPECT_EQ(write(), "failed " + name);
  }
  refuse(403, "forbidden");
  answer(200, kInfo);
  EXPECT_EQ(write(), "refused forbidden");
}

TEST_F(HttpPeerWriting, somebody_may_have_logged_in_again_which_the_document_in_its_text_tells) {
  refuse(401, "unauthorized");
  answer(200, kInfo);
  EXPECT_EQ(write(), "refused following_not_taken");
  answer(201, "[]");
  EXPECT_EQ(write(kInText), "taken");
  EXPECT_TRUE(peer.takes_following_attachments());
}

TEST_F(HttpPeerWriting, what_is_the_documents_fault_is_said_of_it) {
  refuse(413, "document_too_large");
  EXPECT_EQ(write(), "refused document_too_large");
  refuse(412, "missing_stub");
  EXPECT_EQ(write(), "refused missing_stub");
  refuse(400, "doc_validation");
  EXPECT_EQ(write(), "refused doc_validation");
}

TEST_F(HttpPeerWriting, a_database_that_is_gone_is_gone_for_all) {
  refuse(404, "not_found");
  refuse(404, "not_found");
  EXPECT_EQ(write(), "failed not_found");
}

TEST_F(HttpPeerWriting, a_server_that_is_busy_fails_all) {
  for (const int status : {408, 429, 502, 503, 504}) {
    SCOPED_TRACE(status);
    refuse(status, "busy");
    refuse(status, "busy");  // a first failure is repeated
    EXPECT_EQ(write(), "failed busy");
    script->answers.clear();
  }
}

TEST_F(HttpPeerWriting, what_the_server_keeps_is_not_judged_by_an_answer_that_does_not_come) {
  answer(201, kTaken);
  break_off();
  break_off();
  EXPECT_EQ(write(), "taken");
  EXPECT_EQ(traits->multipart, ServerTraits::Trial::kUntried);
  answer(201, kTaken);
  answer(200, kStored);
  EXPECT_EQ(write(), "taken");
  EXPECT_EQ(traits->multipart, ServerTraits::Trial::kTaken);
}

TEST_F(HttpPeerWriting, what_the_server_keeps_is_not_judged_by_an_answer_that_is_no_document) {
  for (const std::string& cut : {kStored.substr(0, kStored.size() - 1), kStored.substr(0, 12),
                                 std::string(), std::string("<html>Log in</html>")}) {
    SCOPED_TRACE(cut);
    answer(201, kTaken);
    answer(200, cut);
    EXPECT_EQ(write(), "taken");
    EXPECT_EQ(traits->multipart, ServerTraits::Trial::kUntried);
  }
}

TEST_F(HttpPeerWriting, a_digest_of_what_the_server_has_gzipped_is_not_compared) {
  const std::string encoded =
      R"({"_id":"a","_attachments":{"x":{"digest":"md5-another","length":5,)"
      R"("encoding":"gzip","encoded_length":25,"stub":true}}})";
  answer(201, kTaken);
  answer(200, encoded);
  EXPECT_EQ(write(), "taken");
}

TEST_F(HttpPeerWriting, what_the_server_keeps_must_be_as_long_and_have_the_digest) {
  for (const std::string_view entry : {R"("digest":"md5-XUFAKrxLKna5cZ2REBfFkg==","length":4)",
                                       R"("digest":"md5-x","length":5)"}) {
    SCOPED_TRACE(entry);
    *traits = {};
    answer(201, kTaken);
    answer(200, R"({"_id":"a","_attachments":{"x":{"content_type":"image/png",)" +
                    std::string(entry) + R"(,"stub":true}}})");
    EXPECT_EQ(write(), "refused bad_attachments");
    EXPECT_FALSE(peer.takes_following_attachments());
  }
}

TEST_F(HttpPeerWriting, an_upload_that_breaks_again_and_again_is_not_tried_for_ever) {
  for (const auto& [document, expected] : {std::pair(kDocument, "refused following_not_taken"),
                                           std::pair(kHuge, "refused upload_fails")}) {
    SCOPED_TRACE(expected);
    traits->multipart = ServerTraits::Trial::kTaken;
    for (int i = 0; i < 3; ++i) {
      break_off();  // whoever is not there refuses nothing
      break_off();
      break_off();
      EXPECT_EQ(write(document), "failed network");
      script->answers.clear();
      break_off();
      answer(200, kInfo);
      EXPECT_EQ(write(document), i < 2 ? "failed network" : expected);
      script->answers.clear();
      // Else the first break of the next round would be repeated.
      break_off();
      (void)run_task(peer.info());
    }
    EXPECT_TRUE(peer.takes_following_attachments());
    answer(201, kTaken);
    EXPECT_EQ(write(document), "taken");
  }
}

TEST_F(HttpPeerWriting, what_is_huge_is_not_sent_as_text_to_a_server_that_takes_multipart) {
  traits->multipart = ServerTraits::Trial::kTaken;
  refuse(500, "timeout");
  EXPECT_EQ(write(), "refused following_not_taken");
  for (const char* expected : {"failed timeout", "failed timeout", "refused upload_fails"}) {
    refuse(500, "timeout");
    EXPECT_EQ(write(kHuge), expected);
  }
}

}  // namespace
}  // namespace couchlet
