#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "document/memory_database.h"

namespace couchlet {
namespace {

using Json = nlohmann::ordered_json;

Json parse(const std::string& text) { return Json::parse(text, nullptr, false); }

std::string with_attachment(const std::string& rev, const std::string& name,
                            const std::string& bytes) {
  Json text = {{"_id", "a"}};
  if (!rev.empty()) text["_rev"] = rev;
  text["_attachments"][name] = {{"content_type", "image/png"}, {"data", encode_base64(bytes)}};
  return text.dump();
}

TEST(AttachmentReader, gives_the_data_that_came_in) {
  MemoryDatabase db;
  std::string bytes(2'000'000, 'x');
  bytes += std::string("\0\xff", 2);
  db.put(with_attachment("", "large", bytes));
  const Json attachment = parse(db.get("a", {.attachments = true}))["_attachments"]["large"];
  EXPECT_EQ(decode_base64(attachment["data"].get<std::string>()), bytes);
  EXPECT_EQ(attachment["content_type"], "image/png");
  EXPECT_EQ(attachment["revpos"], 1);
  EXPECT_FALSE(attachment.contains("stub"));
  EXPECT_FALSE(attachment.contains("length"));
}

TEST(AttachmentReader, no_bytes_are_an_attachment_too) {
  MemoryDatabase db;
  db.put(with_attachment("", "empty", ""));
  const Json attachment = parse(db.get("a", {.attachments = true}))["_attachments"]["empty"];
  EXPECT_EQ(attachment["data"], "");
}

TEST(AttachmentReader, what_the_asker_has_is_a_stub) {
  MemoryDatabase db;
  const std::string first = db.put(with_attachment("", "old", "hello"));
  Json second = parse(db.get("a"));
  second["_attachments"]["new"] = {{"data", encode_base64("more")}};
  db.put(second.dump());
  const std::string other = "1-00000000000000000000000000000000";
  const auto attachments = [&](std::vector<std::string> atts_since) {
    GetOptions options{.attachments = true};
    options.atts_since = std::move(atts_since);
    return parse(db.get("a", options))["_attachments"];
  };
  EXPECT_EQ(attachments({first})["old"]["stub"], true);
  EXPECT_EQ(attachments({first})["new"]["data"], encode_base64("more"));
  EXPECT_EQ(attachments({other})["old"]["data"], encode_base64("hello"));
}

TEST(AttachmentReader, tells_of_one_attachment_of_a_revision) {
  MemoryDatabase db;
  const std::string first = db.put(with_attachment("", "x", "hello"));
  db.put(R"({"_id":"a","_rev":")" + first + R"("})");
  const auto found = run_task(db.database->attachment("a", "x", {.rev = first}));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->digest, "md5-XUFAKrxLKna5cZ2REBfFkg==");
  EXPECT_EQ(found->length, 5U);
  const auto gone = run_task(db.database->attachment("a", "x", {}));
  EXPECT_EQ(gone.error().status, 404);
  EXPECT_EQ(gone.error().reason, "Document is missing attachment");
  EXPECT_EQ(run_task(db.database->attachment("b", "x", {})).error().reason, "missing");
}

}  // namespace
}  // namespace couchlet
