#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "replicate/replication_fixture.h"
#include "replicate/with_attachment.h"

namespace couchlet {
namespace {

using Json = nlohmann::ordered_json;

Json parse(const std::string& text) { return Json::parse(text, nullptr, false); }

class AttachmentReplication : public ReplicationFixture {
 protected:
  // The next revision of document "a" with one more attachment; the others as stubs.
  static std::string attach(Database& database, const std::string& name, const std::string& bytes) {
    return put(database, with_attachment(database, "a", name, bytes));
  }

  // The attachments' bytes, as document "a" has them.
  static std::string attachments_of(Database& database) {
    const auto document = run_task(database.get("a", {.attachments = true}));
    if (!document.ok()) return document.error().reason;
    std::string all;
    const Json attachments = parse(*document)["_attachments"];
    for (const auto& [name, attachment] : attachments.items()) {
      all += name + "=" + decode_base64(attachment["data"].get<std::string>()).value_or("?") + " ";
    }
    return all;
  }

  // The documents that the server is sent from now on.
  std::vector<Json>& watch() {
    server.validate = [this](std::string_view document) {
      sent_.push_back(parse(std::string(document)));
      return true;
    };
    return sent_;
  }

 private:
  std::vector<Json> sent_;
};

TEST_F(AttachmentReplication, attachments_are_pulled_with_their_documents) {
  attach(*server.database(), "x", "hello");
  put_there(R"({"_id":"b"})");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(attachments_of(*local), "x=hello ");
  EXPECT_EQ(here(), there());
}

TEST_F(AttachmentReplication, attachments_are_pulled_from_a_server_without_bulk_get) {
  server.has_bulk_get = false;
  attach(*server.database(), "x", "hello");
  ASSERT_TRUE(pull().ok());
  attach(*server.database(), "y", "more");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(attachments_of(*local), "x=hello y=more ");
}

TEST_F(AttachmentReplication, attachments_are_pushed_with_their_documents) {
  attach(*local, "x", "hello");
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(attachments_of(*server.database()), "x=hello ");
  EXPECT_EQ(here(), there());
}

TEST_F(AttachmentReplication, what_the_target_has_is_not_sent_again) {
  attach(*local, "x", "hello");
  ASSERT_TRUE(push().ok());
  attach(*local, "y", "more");
  const auto& sent = watch();
  ASSERT_TRUE(push().ok());
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0]["_attachments"]["x"]["stub"], true);
  EXPECT_EQ(sent[0]["_attachments"]["y"]["data"], encode_base64("more"));
  EXPECT_EQ(attachments_of(*server.database()), "x=hello y=more ");
}

TEST_F(AttachmentReplication, what_is_here_is_not_asked_for_again) {
  attach(*server.database(), "x", "hello");
  ASSERT_TRUE(pull().ok());
  attach(*server.database(), "y", "more");
  ReplicationOptions options;
  options.report_documents = true;
  const auto run = start_pull(options);
  ASSERT_TRUE(outcome(*run).ok());
  ASSERT_EQ(run->documents.size(), 1U);
  const Json came = parse(run->documents[0])["_attachments"];
  EXPECT_EQ(came["x"]["stub"], true);
  EXPECT_EQ(came["y"]["data"], encode_base64("more"));
  EXPECT_EQ(attachments_of(*local), "x=hello y=more ");
}

TEST_F(AttachmentReplication, a_target_that_lacks_what_it_should_have_gets_all) {
  const std::string rev = R"("_rev":"1-00000000000000000000000000000001")";
  put(*local, R"({"_id":"a",)" + rev + R"(,"_attachments":{"x":{"data":"aGVsbG8="}}})", false);
  put(*server.database(), R"({"_id":"a",)" + rev + "}", false);
  attach(*local, "y", "more");
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->doc_write_failures, 0U);
  EXPECT_EQ(result->docs_written, 1U);
  EXPECT_EQ(attachments_of(*server.database()), "x=hello y=more ");
}

TEST_F(AttachmentReplication, a_pull_gets_all_where_an_ancestor_here_lacks_what_it_should_have) {
  const std::string rev = R"("_rev":"1-00000000000000000000000000000001")";
  put(*server.database(), R"({"_id":"a",)" + rev + R"(,"_attachments":{"x":{"data":"aGVsbG8="}}})",
      false);
  put(*local, R"({"_id":"a",)" + rev + "}", false);
  attach(*server.database(), "y", "more");
  const auto result = pull();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->doc_write_failures, 0U);
  EXPECT_EQ(attachments_of(*local), "x=hello y=more ");
}

TEST_F(AttachmentReplication, both_sides_of_a_conflict_keep_their_attachments) {
  attach(*local, "x", "base");
  ASSERT_TRUE(push().ok());
  attach(*local, "x", "from here");
  attach(*server.database(), "x", "from there");
  ASSERT_TRUE(push().ok());
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
  EXPECT_EQ(attachments_of(*local), attachments_of(*server.database()));
}

}  // namespace
}  // namespace couchlet
