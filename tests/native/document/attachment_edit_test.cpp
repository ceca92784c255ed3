#include "document/attachment_edit.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "document/memory_database.h"

namespace couchlet {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDigest = "md5-XUFAKrxLKna5cZ2REBfFkg==";

class AttachmentEditTest : public testing::Test {
 protected:
  // The new revision, or the name of the error.
  std::string edit(AttachmentEdit edit) {
    std::vector<StagedBytes> staged;
    if (edit.staged != 0) staged.push_back({edit.staged, kDigest, 5});
    const auto result = run_task(db.database->edit_attachment(std::move(edit), staged));
    if (!result.ok()) return result.error().name;
    return result->error ? result->error->name : result->rev;
  }

  std::string put(const std::string& name, std::optional<std::string> rev) {
    return edit({"a", std::move(rev), name, "image/png", 1});
  }
  std::string remove(const std::string& name, std::optional<std::string> rev) {
    return edit({"a", std::move(rev), name, "", 0});
  }

  // "name digest revpos" of each attachment.
  std::string attachments() {
    const Json document = Json::parse(db.get("a"), nullptr, false);
    std::string all;
    if (!document.contains("_attachments")) return all;
    for (const auto& [name, attachment] : document["_attachments"].items()) {
      all += (all.empty() ? "" : ", ") + name + " " + attachment["digest"].get<std::string>() +
             " " + attachment["revpos"].dump();
    }
    return all;
  }

  MemoryDatabase db;
};

TEST_F(AttachmentEditTest, an_attachment_makes_its_document) {
  EXPECT_EQ(put("x", std::nullopt).substr(0, 2), "1-");
  EXPECT_EQ(attachments(), std::string("x ") + kDigest + " 1");
}

TEST_F(AttachmentEditTest, the_body_stays_the_bytes_that_it_was) {
  const std::string rev = db.put(R"({"_id":"a","big": 12345678901234567890123,"f":1.0})");
  EXPECT_EQ(put("x", rev).substr(0, 2), "2-");
  EXPECT_NE(db.get("a").find(R"("big": 12345678901234567890123,"f":1.0)"), std::string::npos);
}

TEST_F(AttachmentEditTest, what_is_replaced_keeps_its_place_and_the_others_are_as_they_were) {
  const std::string first = db.put(
      R"({"_id":"a","_attachments":{"x":{"data":"eA=="},"y":{"data":"eQ=="},"z":{"data":"eg=="}}})");
  const std::string second = put("y", first);
  EXPECT_EQ(attachments().find("x "), 0U);
  EXPECT_NE(attachments().find(std::string(", y ") + kDigest + " 2, z "), std::string::npos);
  const std::string third = remove("x", second);
  EXPECT_EQ(attachments().find("y "), 0U);
  const std::string fourth = remove("y", third);
  EXPECT_EQ(remove("z", fourth).substr(0, 2), "5-");
  EXPECT_EQ(attachments(), "");
}

TEST_F(AttachmentEditTest, what_has_been_changed_is_a_conflict) {
  const std::string first = put("x", std::nullopt);
  put("x", first);
  EXPECT_EQ(put("x", first), "conflict");
  EXPECT_EQ(put("x", std::nullopt), "conflict");
  EXPECT_EQ(remove("x", first), "conflict");
  EXPECT_EQ(remove("x", std::nullopt), "conflict");
}

TEST_F(AttachmentEditTest, what_is_not_there_is_not_removed) {
  EXPECT_EQ(remove("x", std::nullopt), "not_found");
  const std::string rev = put("x", std::nullopt);
  EXPECT_EQ(remove("y", rev), "not_found");
  EXPECT_EQ(edit({"b", rev, "x", "image/png", 1}), "conflict");
}

TEST_F(AttachmentEditTest, a_tombstone_can_have_attachments_and_stays_one) {
  const std::string first = db.put(R"({"_id":"a"})");
  const std::string second = db.put(R"({"_id":"a","_deleted":true,"_rev":")" + first + R"("})");
  EXPECT_EQ(put("x", second).substr(0, 2), "3-");
  EXPECT_EQ(db.get("a"), "not_found: deleted");
  EXPECT_EQ(put("x", std::nullopt).substr(0, 2), "4-");
  EXPECT_EQ(attachments(), std::string("x ") + kDigest + " 4");
}

}  // namespace
}  // namespace couchlet
