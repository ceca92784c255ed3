#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "document/memory_database.h"
#include "document/stored_bodies.h"

namespace couchlet {
namespace {

using Json = nlohmann::ordered_json;

// md5 of "hello"
constexpr const char* kHelloDigest = "md5-XUFAKrxLKna5cZ2REBfFkg==";

Json parse(const std::string& text) { return Json::parse(text, nullptr, false); }

Json with_data(const std::string& bytes, const std::string& type = "text/plain") {
  return {{"content_type", type}, {"data", encode_base64(bytes)}};
}

std::string document(const std::string& id, const std::string& rev, const Json& attachments) {
  Json text = {{"_id", id}};
  if (!rev.empty()) text["_rev"] = rev;
  text["_attachments"] = attachments;
  return text.dump();
}

std::string reason_of(const WriteResult& result) {
  return result.error ? std::to_string(result.error->status) + " " + result.error->reason : "";
}

TEST(Attachment, comes_with_its_document_and_is_told_as_a_stub) {
  MemoryDatabase db;
  const std::string rev = db.put(document("a", "", {{"hello.txt", with_data("hello")}}));
  EXPECT_EQ(db.get("a"), R"({"_id":"a","_rev":")" + rev +
                             R"(","_attachments":{"hello.txt":{"content_type":"text/plain",)" +
                             R"("revpos":1,"digest":")" + kHelloDigest +
                             R"(","length":5,"stub":true}}})");
  EXPECT_EQ(db.data->blob_count(), 1U);
}

// The vectors' attachments are of four bytes that only their digests tell of: they come as staged.
TEST(Attachment, revisions_are_those_that_couchdb_gives) {
  std::ifstream file(COUCHLET_TEST_DATA "/rev-vectors.jsonl");
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    const Json vector = parse(line);
    if (!vector.contains("attachments") || !vector["prev"].is_null()) continue;
    if (vector.value("note", "").find("gzip") != std::string::npos) continue;
    MemoryDatabase db;
    Json text = parse(vector["body"].get<std::string>());
    WriteOptions options;
    for (const auto& [name, attachment] : vector["attachments"].items()) {
      const auto number = static_cast<uint32_t>(options.staged.size() + 1);
      options.staged.push_back({number, attachment["digest"], attachment["length"]});
      text["_attachments"][name] = {{"content_type", attachment["content_type"]},
                                    {"staged", number}};
    }
    const std::string body = text.dump();
    EXPECT_EQ(run_task(db.database->write({body}, options))->front().rev,
              vector["rev"].get<std::string>())
        << line;
    ++count;
  }
  EXPECT_GE(count, 2);
}

TEST(Attachment, a_stub_keeps_the_parents_attachment_and_its_revpos) {
  MemoryDatabase db;
  const std::string first = db.put(document("a", "", {{"kept", with_data("hello")}}));
  db.put(document("a", first, {{"kept", {{"stub", true}}}, {"new", with_data("more")}}));
  const Json attachments = parse(db.get("a"))["_attachments"];
  EXPECT_EQ(attachments["kept"]["revpos"], 1);
  EXPECT_EQ(attachments["kept"]["digest"], kHelloDigest);
  EXPECT_EQ(attachments["kept"]["length"], 5);
  EXPECT_EQ(attachments["new"]["revpos"], 2);
  EXPECT_EQ(db.data->blob_count(), 2U);
}

TEST(Attachment, a_stub_of_nothing_is_refused) {
  MemoryDatabase db;
  const Json stub = {{"x", {{"stub", true}}}};
  EXPECT_EQ(db.put(document("a", "", stub)), "missing_stub");
  const std::string first = db.put(document("a", "", {{"y", with_data("hello")}}));
  EXPECT_EQ(db.put(document("a", first, stub)), "missing_stub");
}

TEST(Attachment, what_is_no_base64_is_refused_and_white_space_in_it_is_not) {
  MemoryDatabase db;
  for (const Json& bad : {Json{{"data", "a"}}, Json{{"data", "%%%%"}}, Json{{"data", 1}},
                          Json{{"content_type", "text/plain"}}, Json{{"staged", 1}}}) {
    const WriteResult result = db.write(document("a", "", {{"x", bad}}), true);
    EXPECT_EQ(reason_of(result),
              "400 Invalid attachment data for 'x': it must be base64 text, or a stub.")
        << bad;
  }
  EXPECT_EQ(db.put(document("b", "", {{"x", {{"data", "aGVs\r\nbG8="}}}})).substr(0, 2), "1-");
  EXPECT_EQ(parse(db.get("b"))["_attachments"]["x"]["digest"], kHelloDigest);
  EXPECT_EQ(db.put(document("c", "", {{"_x", with_data("hello")}})), "bad_request");
}

TEST(Attachment, the_same_bytes_are_stored_once) {
  MemoryDatabase db;
  db.put(document("a", "", {{"one", with_data("hello")}, {"two", with_data("hello")}}));
  db.put(document("b", "", {{"three", with_data("hello", "image/png")}}));
  EXPECT_EQ(db.data->blob_count(), 1U);
  const Json attachments = parse(db.get("b"))["_attachments"];
  EXPECT_EQ(attachments["three"]["content_type"], "image/png");
}

TEST(Attachment, a_conflict_stores_nothing) {
  MemoryDatabase db;
  db.put(R"({"_id":"a"})");
  EXPECT_EQ(db.put(document("a", "", {{"x", with_data("hello")}})), "conflict");
  EXPECT_EQ(db.data->blob_count(), 0U);
}

TEST(Attachment, both_sides_of_a_conflict_keep_theirs) {
  MemoryDatabase db;
  const std::string first = "1-00000000000000000000000000000001";
  const std::string second = "1-00000000000000000000000000000002";
  EXPECT_EQ(db.merge(document("a", first, {{"x", with_data("hello")}})), first);
  EXPECT_EQ(db.merge(document("a", second, {{"x", with_data("other")}})), second);
  EXPECT_EQ(parse(db.get("a", {.rev = first}))["_attachments"]["x"]["digest"], kHelloDigest);
  EXPECT_EQ(db.data->blob_count(), 2U);
}

TEST(ReplicatedAttachment, a_stub_of_bytes_that_are_here_is_taken) {
  MemoryDatabase db;
  db.put(document("other", "", {{"x", with_data("hello")}}));
  const std::string rev = "3-00000000000000000000000000000001";
  const Json stub = {{"stub", true}, {"digest", kHelloDigest}, {"revpos", 2}, {"length", 0}};
  EXPECT_EQ(db.merge(document("a", rev, {{"y", stub}})), rev);
  const Json attachment = parse(db.get("a"))["_attachments"]["y"];
  EXPECT_EQ(attachment["revpos"], 2);
  EXPECT_EQ(attachment["length"], 5);
}

TEST(ReplicatedAttachment, a_stub_of_an_ancestors_attachment_is_taken_whatever_its_digest) {
  MemoryDatabase db;
  const std::string first = db.put(document("a", "", {{"x", with_data("hello")}}));
  const std::string hash = "00000000000000000000000000000001";
  Json text = parse(document("a", "2-" + hash, {}));
  text["_revisions"] = {{"start", 2}, {"ids", {hash, first.substr(2)}}};
  const Json gzipped = {{"stub", true}, {"digest", "md5-1B2M2Y8AsgTpgAmY7PhCfg=="}, {"revpos", 1}};
  text["_attachments"] = {{"x", gzipped}};
  EXPECT_EQ(db.merge(text.dump()), "2-" + hash);
  EXPECT_EQ(parse(db.get("a"))["_attachments"]["x"]["digest"], kHelloDigest);
}

TEST(ReplicatedAttachment, a_stub_of_what_has_come_since_the_ancestor_is_refused) {
  MemoryDatabase db;
  const std::string first = db.put(document("a", "", {{"x", with_data("hello")}}));
  const std::string hash = "00000000000000000000000000000001";
  Json text = parse(document("a", "2-" + hash, {}));
  text["_revisions"] = {{"start", 2}, {"ids", {hash, first.substr(2)}}};
  const Json replaced = {{"stub", true}, {"digest", "md5-1B2M2Y8AsgTpgAmY7PhCfg=="}, {"revpos", 2}};
  text["_attachments"] = {{"x", replaced}};
  EXPECT_EQ(db.merge(text.dump()), "missing_stub");
}

TEST(ReplicatedAttachment, a_stub_of_bytes_that_are_not_here_is_refused) {
  MemoryDatabase db;
  const Json stub = {{"stub", true}, {"digest", kHelloDigest}, {"revpos", 1}};
  EXPECT_EQ(db.merge(document("a", "1-00000000000000000000000000000001", {{"x", stub}})),
            "missing_stub");
  EXPECT_EQ(db.get("a"), "not_found: missing");
}

TEST(ReplicatedAttachment, a_revision_that_is_here_needs_no_bytes) {
  MemoryDatabase db;
  const std::string rev = db.put(document("a", "", {{"x", with_data("hello")}}));
  const Json stub = {{"stub", true}, {"digest", "md5-1B2M2Y8AsgTpgAmY7PhCfg=="}, {"revpos", 1}};
  EXPECT_EQ(db.merge(document("a", rev, {{"x", stub}})), rev);
  EXPECT_EQ(parse(db.get("a"))["_attachments"]["x"]["digest"], kHelloDigest);
}

}  // namespace
}  // namespace couchlet
