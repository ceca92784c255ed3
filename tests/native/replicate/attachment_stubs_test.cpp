#include "replicate/attachment_stubs.h"

#include <gtest/gtest.h>

namespace couchlet {
namespace {

constexpr std::string_view kDocument = R"({"_id":"a","_rev":"3-cc",
  "_revisions":{"start":3,"ids":["cc","bb","aa"]},"_attachments":{
  "old":{"content_type":"image/png","revpos":1,"digest":"md5-1","length":1,"stub":true},
  "new":{"content_type":"image/png","revpos":3,"digest":"md5-2","length":2,"stub":true},
  "inside":{"content_type":"image/png","revpos":3,"digest":"md5-3","data":"YQ=="}}})";

std::string names(std::string_view document, std::vector<Revision> known) {
  std::string all;
  for (const AttachmentStub& stub : lacking_stubs(document, known)) all += stub.name + " ";
  return all;
}

Revision revision(std::string_view text) { return Revision::parse(text).value(); }

TEST(AttachmentStubs, are_what_came_after_the_newest_ancestor_that_is_known) {
  EXPECT_EQ(names(kDocument, {}), "old new ");
  EXPECT_EQ(names(kDocument, {revision("1-aa")}), "new ");
  EXPECT_EQ(names(kDocument, {revision("2-bb"), revision("1-aa")}), "new ");
}

TEST(AttachmentStubs, a_revision_of_another_branch_is_no_ancestor) {
  EXPECT_EQ(names(kDocument, {revision("2-dd")}), "old new ");
  EXPECT_EQ(names(kDocument, {revision("4-ee")}), "old new ");
}

TEST(AttachmentStubs, tell_what_is_known_of_the_bytes) {
  const auto stubs = lacking_stubs(kDocument, {});
  ASSERT_EQ(stubs.size(), 2u);
  EXPECT_EQ(stubs[1].digest, "md5-2");
  EXPECT_EQ(stubs[1].length, 2u);
  EXPECT_FALSE(stubs[1].may_be_gzipped);
}

TEST(AttachmentStubs, what_a_server_gzips_has_a_digest_that_can_not_be_compared) {
  for (const std::string_view members :
       {R"("content_type":"text/plain;charset=utf-8")", R"("content_type":"application/json")",
        R"("content_type":"image/bmp","encoding":"gzip","encoded_length":1)"}) {
    const std::string document =
        R"({"_id":"a","_attachments":{"x":{"stub":true,)" + std::string(members) + "}}}";
    const auto stubs = lacking_stubs(document, {});
    ASSERT_EQ(stubs.size(), 1u) << document;
    EXPECT_TRUE(stubs[0].may_be_gzipped) << document;
  }
}

TEST(AttachmentStubs, what_is_staged_follows_with_the_digest_of_its_bytes) {
  const std::string document =
      R"({"a":{"x":{"stub":true,"digest":"md5-1"}},"_attachments":{)"
      R"("x y":{"content_type":"text/plain","revpos":3,"digest":"md5-1","length":9,"stub":true,)"
      R"("encoding":"gzip","encoded_length":5},"y":{"digest":"md5-2","stub":true,"z":1.0}},"n":1})";
  EXPECT_EQ(with_staged_following(document, std::vector<StagedBytes>{{7, "md5-0", 9, "md5-1"}}),
            R"({"a":{"x":{"stub":true,"digest":"md5-1"}},"_attachments":{)"
            R"("x y":{"content_type":"text/plain","revpos":3,"digest":"md5-0","length":9,)"
            R"("follows":true},"y":{"digest":"md5-2","stub":true,"z":1.0}},"n":1})");
}

TEST(AttachmentStubs, a_document_that_has_none_of_what_is_staged_goes_as_it_is) {
  const std::vector<StagedBytes> staged{{7, "md5-0", 9, "md5-9"}};
  EXPECT_EQ(with_staged_following(kDocument, staged), "");
  EXPECT_EQ(with_staged_following(kDocument.substr(0, kDocument.size() - 2), staged), "");
  EXPECT_EQ(with_staged_following(R"({"_attachments":{"x":{"stub":true}}})", staged), "");
  EXPECT_EQ(with_staged_following(R"({"_attachments":{"x":{"data":"","digest":"md5-9"}}})", staged),
            "");
  EXPECT_EQ(with_staged_following(R"({"_attachments":[]})", staged), "");
  EXPECT_EQ(with_staged_following(R"({"n":1})", staged), "");
}

TEST(AttachmentStubs, a_document_without_attachments_or_that_can_not_be_read_has_none) {
  EXPECT_EQ(names(R"({"_id":"a","n":1})", {}), "");
  EXPECT_EQ(names(kDocument.substr(0, kDocument.size() - 2), {}), "");
}

}  // namespace
}  // namespace couchlet
