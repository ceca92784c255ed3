// Large attachments from one server to another: by a request each into the stage, and out of it
// behind their documents.

#include <utility>

#include "base/base64.h"
#include "replicate/memory_stage.h"
#include "replicate/replication_fixture.h"
#include "replicate/with_attachment.h"

namespace couchlet {
namespace {

const std::string kLarge(kLargeAttachment, 'x');
const std::string kRev = R"("_rev":"1-00000000000000000000000000000001")";
const std::string kLarger(kLargeAttachment + 1, 'y');

class ServerToServer : public ReplicationFixture {
 protected:
  ServerToServer() {
    network->staged = [this](uint32_t number) { return stage->find(number); };
  }

  // The next revision of a document of the source with one more attachment.
  std::string attach(const std::string& id, const std::string& name, const std::string& bytes,
                     const std::string& type = "image/png") {
    return put_there(with_attachment(*server.database(), id, name, bytes, type));
  }

  // The target has a revision of the source's, and not the attachment that came with it.
  void have_it_without_its_attachment() {
    put(*server.database(),
        R"({"_id":"a",)" + kRev + R"(,"_attachments":{"x":{"data":")" + encode_base64(kLarge) +
            R"("}}})",
        false);
    put(*target.database(), R"({"_id":"a",)" + kRev + "}", false);
  }

  std::unique_ptr<Peer> peer_of(SimulatedServer& one, std::shared_ptr<ServerTraits> its_traits) {
    return std::make_unique<HttpPeer>(std::make_unique<SimulatedClient>(one, network),
                                      SimulatedServer::kUrl, 60000, nullptr, std::move(its_traits),
                                      stage);
  }
  std::unique_ptr<RunningReplication> start() {
    return std::make_unique<RunningReplication>(peer_of(server, std::make_shared<ServerTraits>()),
                                                peer_of(target, traits), ReplicationOptions(),
                                                clock, random);
  }
  Result<ReplicationResult> replicate() { return outcome(*start()); }

  static std::string data(SimulatedServer& one, const std::string& id) {
    const auto document = run_task(one.database()->get(id, {.attachments = true}));
    return document.ok() ? *document : document.error().reason;
  }

  SimulatedServer target{clock, random};
  std::shared_ptr<MemoryStage> stage = std::make_shared<MemoryStage>();
  std::shared_ptr<ServerTraits> traits = std::make_shared<ServerTraits>();
};

TEST_F(ServerToServer, large_attachments_go_by_themselves_both_ways) {
  put_there(R"({"_id":"plain"})");
  attach("a", "x", kLarge);
  attach("a", "small", "hello");
  attach("a", "n\xc3\xa4me/y z", kLarger, "text/plain; charset=utf-8");
  attach("b", "almost", kLarge.substr(1));
  const auto result = replicate();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 3U);
  EXPECT_EQ(server.count("GET /a/x"), 1U);
  EXPECT_EQ(target.count("PUT /a"), 1U);
  EXPECT_EQ(server.count("GET /b/almost") + target.count("PUT /b"), 0U);
  EXPECT_EQ(data(target, "a"), data(server, "a"));
  EXPECT_EQ(data(target, "b"), data(server, "b"));
  EXPECT_EQ(contents(*target.database()), there());
  EXPECT_EQ(stage->count(), 3U);
  EXPECT_EQ(stage->size(), 0U) << "what has been written is held on to";
}

TEST_F(ServerToServer, what_the_target_has_is_neither_fetched_nor_sent_again) {
  attach("a", "x", kLarge);
  ASSERT_TRUE(replicate().ok());
  attach("a", "y", kLarger);
  ASSERT_TRUE(replicate().ok());
  EXPECT_EQ(server.count("GET /a/x"), 1U);
  EXPECT_EQ(server.count("GET /a/y"), 1U);
  EXPECT_EQ(target.count("PUT /a"), 2U);
  EXPECT_EQ(data(target, "a"), data(server, "a"));
}

TEST_F(ServerToServer, a_target_that_lacks_what_it_should_have_gets_all) {
  have_it_without_its_attachment();
  attach("a", "y", kLarger);
  const auto result = replicate();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->doc_write_failures, 0U);
  EXPECT_EQ(result->docs_read, 1U);
  EXPECT_EQ(target.count("PUT /a"), 2U);
  EXPECT_EQ(target.count("POST /_bulk_docs"), 0U);
  EXPECT_EQ(data(target, "a"), data(server, "a"));
}

TEST_F(ServerToServer, what_came_spoilt_comes_again_in_the_next_replication) {
  attach("a", "x", kLarge);
  const auto unspoilt =
      std::exchange(network->staged, [](uint32_t) { return std::string(kLargeAttachment, 'z'); });
  const auto first = replicate();
  ASSERT_TRUE(first.ok()) << first.error().reason;
  EXPECT_EQ(first->doc_write_failures, 1U);
  network->staged = unspoilt;
  const auto second = replicate();
  ASSERT_TRUE(second.ok()) << second.error().reason;
  EXPECT_EQ(second->docs_written, 1U);
  EXPECT_EQ(data(target, "a"), data(server, "a"));
}

TEST_F(ServerToServer, a_target_that_keeps_no_local_documents_gets_the_others) {
  target.keeps_checkpoints = false;
  attach("a", "x", kLarge);
  put_there(R"({"_id":"b"})");
  network->staged = [](uint32_t) { return std::string(kLargeAttachment, 'z'); };
  const auto result = replicate();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 1U);
  EXPECT_EQ(result->doc_write_failures, 1U);
  EXPECT_EQ(data(target, "b"), data(server, "b"));
}

TEST_F(ServerToServer, a_target_that_takes_no_multipart_gets_them_inline_from_then_on) {
  target.refusal_of_multipart = 415;
  attach("a", "x", kLarge);
  ASSERT_TRUE(replicate().ok());
  EXPECT_EQ(data(target, "a"), data(server, "a"));
  EXPECT_EQ(target.count("PUT /a"), 1U);
  attach("b", "x", kLarge);
  ASSERT_TRUE(replicate().ok());
  EXPECT_EQ(data(target, "b"), data(server, "b"));
  EXPECT_EQ(server.count("GET /b/x") + target.count("PUT /b"), 0U);
}

TEST_F(ServerToServer, one_that_lacks_something_and_takes_no_multipart_gets_all_inline) {
  have_it_without_its_attachment();
  put_there(R"({"_id":"a",)" + kRev + R"(,"n":1,"_attachments":{"x":{"stub":true}}})");
  target.refusal_of_multipart = 415;
  const auto result = replicate();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->doc_write_failures, 0U);
  EXPECT_EQ(target.count("PUT /a"), 1U);
  EXPECT_EQ(data(target, "a"), data(server, "a"));
}

TEST_F(ServerToServer, a_break_at_any_but_each_server_s_first_request_costs_that_request) {
  for (size_t at = 3; at < 15; ++at) {
    SCOPED_TRACE(at);
    const std::string id = "doc" + std::to_string(at);
    attach(id, "x", kLarge);
    network->faults = {{network->requests + at, at % 2 == 0 ? Fault::kLost : Fault::kAnswerLost}};
    ASSERT_TRUE(replicate().ok());
    EXPECT_EQ(data(target, id), data(server, id));
  }
  EXPECT_EQ(target.count("POST /_bulk_docs"), 0U);
}

}  // namespace
}  // namespace couchlet
