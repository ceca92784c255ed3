// Pushes of large attachments: their documents go by themselves, and the attachments with them,
// past the engine's memory.

#include <utility>

#include "base/base64.h"
#include "replicate/replication_fixture.h"
#include "replicate/with_attachment.h"

namespace couchlet {
namespace {

const std::string kLarge(kLargeAttachment, 'x');
const std::string kLarger(kLargeAttachment + 1, 'y');

class FollowingAttachments : public ReplicationFixture {
 protected:
  FollowingAttachments() {
    const auto data = std::make_shared<MemoryMediumData>();
    blobs_ = std::make_unique<MemoryMedium>(data);
    local = *run_task(Database::open(std::make_unique<MemoryMedium>(data),
                                     {.name = "local", .revs_limit = 1000}, clock, random));
    network->attachments = [this](const std::string& digest) {
      return blobs_->read_blob(digest, 0, UINT64_MAX);
    };
  }

  // The next revision of a document with one more attachment.
  std::string attach(const std::string& id, const std::string& name, const std::string& bytes,
                     const std::string& type = "image/png") {
    return put_here(with_attachment(*local, id, name, bytes, type));
  }

  // The document with all its attachments' data, as the server has it.
  std::string data_there(const std::string& id) {
    return run_task(server.database()->get(id, {.attachments = true})).value();
  }
  std::string data_here(const std::string& id) {
    return run_task(local->get(id, {.attachments = true})).value();
  }

  std::unique_ptr<Peer> remote_peer() {
    return std::make_unique<HttpPeer>(std::make_unique<SimulatedClient>(server, network),
                                      SimulatedServer::kUrl, 60000, nullptr, traits);
  }
  std::unique_ptr<RunningReplication> start_push() {
    return std::make_unique<RunningReplication>(local_peer(), remote_peer(), ReplicationOptions(),
                                                clock, random);
  }
  Result<ReplicationResult> push() { return outcome(*start_push()); }

  void expect_inline_from_now_on() {
    const auto first = push();
    ASSERT_TRUE(first.ok()) << first.error().reason;
    EXPECT_EQ(first->docs_read, 1U);
    EXPECT_EQ(first->docs_written, 1U);
    EXPECT_EQ(first->doc_write_failures, 0U);
    EXPECT_EQ(data_there("a"), data_here("a"));
    const size_t tried = server.count("PUT /a");
    attach("a", "y", kLarger);
    ASSERT_TRUE(push().ok());
    EXPECT_EQ(server.count("PUT /a"), tried);
    EXPECT_EQ(data_there("a"), data_here("a"));
  }

  std::shared_ptr<ServerTraits> traits = std::make_shared<ServerTraits>();

 private:
  std::unique_ptr<MemoryMedium> blobs_;
};

TEST_F(FollowingAttachments, a_document_goes_by_itself_with_its_large_attachments_behind_it) {
  put_here(R"({"_id":"plain"})");
  attach("a", "x", kLarge);
  attach("a", "small", "hello");
  attach("a", "n\xc3\xa4me/y z", kLarger, "text/plain; charset=utf-8");
  attach("b", "almost", kLarge.substr(1));
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 3U);
  EXPECT_EQ(server.count("PUT /a"), 1U);
  EXPECT_EQ(server.count("PUT /b"), 0U);
  EXPECT_EQ(server.count("POST /_bulk_docs"), 1U);
  EXPECT_EQ(data_there("a"), data_here("a"));
  EXPECT_EQ(data_there("b"), data_here("b"));
  EXPECT_EQ(here(), there());
}

TEST_F(FollowingAttachments, what_the_server_keeps_of_the_first_one_is_looked_at_once) {
  attach("a", "x", kLarge);
  attach("b", "x", kLarge);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("GET /a") + server.count("GET /b"), 1U);
  EXPECT_EQ(traits->multipart, ServerTraits::Trial::kTaken);
}

TEST_F(FollowingAttachments, what_the_target_has_is_not_sent_again) {
  attach("a", "x", kLarge);
  ASSERT_TRUE(push().ok());
  attach("a", "small", "hello");
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("PUT /a"), 1U);
  EXPECT_EQ(server.count("POST /_bulk_docs"), 1U);
  EXPECT_EQ(data_there("a"), data_here("a"));
}

TEST_F(FollowingAttachments, a_target_that_lacks_what_it_should_have_gets_all) {
  const std::string rev = R"("_rev":"1-00000000000000000000000000000001")";
  put(*local,
      R"({"_id":"a",)" + rev + R"(,"_attachments":{"x":{"data":")" + encode_base64(kLarge) +
          R"("}}})",
      false);
  put(*server.database(), R"({"_id":"a",)" + rev + "}", false);
  attach("a", "y", kLarger);
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->doc_write_failures, 0U);
  EXPECT_EQ(data_there("a"), data_here("a"));
}

TEST_F(FollowingAttachments, a_refused_document_is_denied_and_the_rest_goes_on) {
  attach("a", "x", kLarge);
  attach("b", "x", kLarge);
  server.validate = [](std::string_view document) {
    return document.find("\"_id\":\"a\"") == std::string_view::npos;
  };
  const auto run = start_push();
  const auto result = outcome(*run);
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 1U);
  EXPECT_EQ(result->doc_write_failures, 1U);
  EXPECT_NE(run->take_told().find("denied a"), std::string::npos);
  EXPECT_EQ(server.count("POST /_bulk_docs"), 0U);
  EXPECT_EQ(data_there("b"), data_here("b"));
}

TEST_F(FollowingAttachments, one_that_is_too_large_is_denied_and_the_rest_goes_on) {
  server.max_request_bytes = 300'000;
  attach("a", "x", std::string(300'000, 'x'));
  attach("b", "x", kLarge);
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 1U);
  EXPECT_EQ(result->doc_write_failures, 1U);
}

TEST_F(FollowingAttachments, a_server_that_takes_no_multipart_gets_them_inline_from_then_on) {
  for (const int status : {400, 404, 405, 409, 415, 500, 501}) {
    SCOPED_TRACE(status);
    server.remove_database();
    server.create_database();
    local = new_database();
    *traits = {};
    server.refusal_of_multipart = status;
    attach("a", "x", kLarge);
    expect_inline_from_now_on();
  }
}

TEST_F(FollowingAttachments, a_server_that_takes_multipart_is_not_given_up_for_one_failure) {
  attach("a", "x", kLarge);
  ASSERT_TRUE(push().ok());
  server.refusal_of_multipart = 500;
  attach("b", "x", kLarger);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(data_there("b"), data_here("b"));
  EXPECT_EQ(traits->multipart, ServerTraits::Trial::kTaken);
}

TEST_F(FollowingAttachments, a_server_that_keeps_something_else_is_found_out) {
  server.spoils_multipart = true;
  attach("a", "x", kLarge);
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->doc_write_failures, 1U);
  attach("b", "x", kLarge);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("PUT /b"), 0U);
  EXPECT_EQ(data_there("b"), data_here("b"));
}

TEST_F(FollowingAttachments, bytes_that_are_not_what_their_digest_says_are_denied) {
  network->attachments = [](const std::string&) -> Task<Result<std::optional<std::string>>> {
    co_return std::string(kLargeAttachment, 'z');
  };
  attach("a", "x", kLarge);
  put_here(R"({"_id":"b"})");
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->doc_write_failures, 1U);
  EXPECT_EQ(result->docs_written, 1U);
  EXPECT_EQ(count_there(), 1U);
}

TEST_F(FollowingAttachments, bytes_that_were_spoilt_on_their_way_come_again_in_the_next_session) {
  attach("a", "x", kLarge);
  const auto unspoilt = std::exchange(
      network->attachments, [](const std::string&) -> Task<Result<std::optional<std::string>>> {
        co_return std::string(kLargeAttachment, 'z');
      });
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(count_there(), 0U);
  network->attachments = unspoilt;
  ASSERT_TRUE(push().ok());
  ASSERT_EQ(count_there(), 1U);
  EXPECT_EQ(data_there("a"), data_here("a"));
}

TEST_F(FollowingAttachments, what_cannot_be_read_as_it_goes_out_goes_inline) {
  network->attachments = [](const std::string&) -> Task<Result<std::optional<std::string>>> {
    co_return std::optional<std::string>();
  };
  attach("a", "x", kLarge);
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("PUT /a"), 0U);
  EXPECT_EQ(data_there("a"), data_here("a"));
}

TEST_F(FollowingAttachments, names_that_part_headers_cannot_have_go_inline) {
  attach("a", "say \"hi\"", kLarge);
  attach("b", "x", kLarge, "image/png\r\nX: y");
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("PUT /a") + server.count("PUT /b"), 0U);
  EXPECT_EQ(data_there("a"), data_here("a"));
  EXPECT_EQ(data_there("b"), data_here("b"));
}

TEST_F(FollowingAttachments, a_break_at_any_request_but_the_first_costs_that_request) {
  for (size_t at = 2; at < 12; ++at) {
    SCOPED_TRACE(at);
    const std::string id = "doc" + std::to_string(at);
    attach(id, "x", kLarge);
    network->faults = {{network->requests + at, at % 2 == 0 ? Fault::kLost : Fault::kAnswerLost}};
    ASSERT_TRUE(push().ok());
    EXPECT_EQ(data_there(id), data_here(id));
  }
  EXPECT_EQ(server.count("POST /_bulk_docs"), 0U);
}

TEST_F(FollowingAttachments, a_server_whose_connections_break_on_multipart_gets_them_inline) {
  attach("a", "x", kLarge);
  network->breaks_on_multipart = true;
  EXPECT_FALSE(push().ok());
  EXPECT_FALSE(push().ok());
  EXPECT_EQ(count_there(), 0U);
  expect_inline_from_now_on();
}

TEST_F(FollowingAttachments, no_network_is_no_answer_to_multipart) {
  attach("a", "x", kLarge);
  for (int i = 0; i < 10; ++i) {
    network->on_multipart = [this] { network->take_down(); };
    EXPECT_FALSE(push().ok());
    network->is_down = false;
  }
  network->on_multipart = nullptr;
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(server.count("PUT /a"), 1U);
  EXPECT_EQ(server.count("POST /_bulk_docs"), 0U);
}

}  // namespace
}  // namespace couchlet
