// Answers as CouchDB 3.5 gives them, word for word: docs/couchdb-requests.md says where they come
// from.

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "replicate/http_peer.h"
#include "replicate/scripted_client.h"

namespace couchlet {
namespace {

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
  const auto fetched = run_task(peer.fetch({{"a", revision("2-x"), {revision("1-w")}}}));
  ASSERT_TRUE(fetched.ok());
  ASSERT_EQ(script->requests.size(), 2U);
  EXPECT_EQ(script->requests[0].url, "http://host/db/_bulk_get?revs=true&att_encoding_info=true");
  EXPECT_EQ(script->requests[0].body, R"({"docs":[{"id":"a","rev":"2-x"}]})");
  EXPECT_EQ(script->requests[1].url, "http://host/db/_bulk_get?revs=true&attachments=true");
  EXPECT_EQ(script->requests[1].body, R"({"docs":[{"id":"a","rev":"2-x","atts_since":["1-w"]}]})");
}

TEST_F(CouchDbAnswers, what_filters_a_feed_goes_out_plainly_however_long_it_is) {
  traits->gzip = ServerTraits::Trial::kTaken;
  answer(200, R"({"results":[],"last_seq":"0-x","pending":0})");
  PeerChangesQuery query;
  for (int i = 0; i < 200; ++i) query.doc_ids.push_back("document " + std::to_string(i));
  ASSERT_TRUE(run_task(peer.changes(std::move(query))).ok());
  EXPECT_GT(script->requests[0].body.size(), 2000U);
  EXPECT_FALSE(script->requests[0].is_gzip_wanted);
}

}  // namespace
}  // namespace couchlet
