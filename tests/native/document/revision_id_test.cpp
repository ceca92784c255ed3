#include "document/revision_id.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/base64.h"
#include "json/document_scanner.h"

namespace couchlet {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kGzipNote = "text/plain is stored gzip-encoded by the server by default";

// What a real CouchDB answered: the document sent, the revision it was sent for, the revision made.
std::vector<Json> read_vectors() {
  std::vector<Json> vectors;
  std::ifstream file(COUCHLET_TEST_DATA "/rev-vectors.jsonl");
  for (std::string line; std::getline(file, line);) {
    vectors.push_back(Json::parse(line, nullptr, /*allow_exceptions=*/false));
  }
  return vectors;
}

// A document recreated after its deletion is sent without _rev; "parent" tells what it continues.
std::optional<Revision> parent_of(const Json& vector) {
  const Json& parent = vector.contains("parent") ? vector["parent"] : vector["prev"];
  if (parent.is_null()) return std::nullopt;
  return Revision::parse(parent.get_ref<const std::string&>()).value();
}

Revision::Digest digest_of(const Json& attachment) {
  const std::string bytes =
      decode_base64(attachment["digest"].get_ref<const std::string&>().substr(strlen("md5-")))
          .value();
  Revision::Digest digest{};
  EXPECT_EQ(bytes.size(), digest.size());
  memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

std::vector<AttachmentDigest> attachments_of(const Json& vector) {
  std::vector<AttachmentDigest> attachments;
  if (!vector.contains("attachments")) return attachments;
  for (const auto& [name, attachment] : vector["attachments"].items()) {
    attachments.push_back(
        {name, attachment["content_type"].get_ref<const std::string&>(), digest_of(attachment)});
  }
  return attachments;
}

std::string revision_made_here(const Json& vector) {
  const std::string& text = vector["body"].get_ref<const std::string&>();
  const Result<ScannedDocument> document = scan_document(text, Terms::kEncode);
  if (!document.ok()) return document.error().reason;
  return next_revision(vector["deleted"].get<bool>(), parent_of(vector), document->term,
                       attachments_of(vector))
      .text();
}

TEST(RevisionId, is_the_one_that_couchdb_made) {
  size_t count = 0;
  for (const Json& vector : read_vectors()) {
    ASSERT_TRUE(vector.is_object());
    if (vector.value("note", "") == kGzipNote) continue;
    EXPECT_EQ(revision_made_here(vector), vector["rev"].get<std::string>()) << vector["body"];
    ++count;
  }
  EXPECT_EQ(count, 70u);
}

// CouchDB hashed the gzipped bytes of this text/plain attachment, and the digest that it reports is
// of these: with that digest the revision is the same. Whoever has only the five bytes that were
// sent ("hello") would have to gzip them as the server does to come to the same revision.
TEST(RevisionId, of_a_gzipped_attachment_is_the_one_couchdb_made_if_the_digest_is_the_servers) {
  size_t count = 0;
  for (const Json& vector : read_vectors()) {
    if (vector.value("note", "") != kGzipNote) continue;
    EXPECT_EQ(revision_made_here(vector), vector["rev"].get<std::string>());
    ++count;
  }
  EXPECT_EQ(count, 1u);
}

// The term of {}: {[]}.
constexpr std::string_view kEmptyBody("h\x01j");

TEST(RevisionId, of_an_empty_document_is_well_known) {
  EXPECT_EQ(next_revision(false, std::nullopt, kEmptyBody, {}).text(),
            "1-967a00dff5e02add41819138abb3284d");
}

TEST(RevisionId, is_of_the_generation_after_its_parent) {
  const Revision parent = Revision::parse("41-x").value();
  EXPECT_EQ(next_revision(false, parent, kEmptyBody, {}).generation(), 42u);
}

TEST(RevisionId, depends_on_everything_that_makes_the_edit) {
  const Revision parent = Revision::parse("1-a").value();
  const Revision other_parent = Revision::parse("1-b").value();
  const std::vector<AttachmentDigest> attachments{{"a", "image/png", {}}};
  const std::vector<Revision> revisions{
      next_revision(false, parent, kEmptyBody, {}),
      next_revision(true, parent, kEmptyBody, {}),
      next_revision(false, other_parent, kEmptyBody, {}),
      next_revision(false, parent, "j", {}),
      next_revision(false, parent, kEmptyBody, attachments),
  };
  for (size_t i = 0; i < revisions.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(revisions[i], revisions[j]) << i << " " << j;
  }
}

}  // namespace
}  // namespace couchlet
