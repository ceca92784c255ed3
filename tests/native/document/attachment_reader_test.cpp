#include <gtest/gtest.h>

#include <functional>
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

// A medium in memory; what a test does before a blob is read comes in between.
class InterruptedMedium final : public Medium {
 public:
  InterruptedMedium(std::shared_ptr<MemoryMediumData> data, std::function<void()>& before_blob)
      : medium_(std::move(data)), before_blob_(before_blob) {}

  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override {
    if (before_blob_) std::exchange(before_blob_, nullptr)();
    return medium_.read_blob(std::move(key), offset, length);
  }

  Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last,
                                         size_t limit) override {
    return medium_.read(area, first, last, limit);
  }
  Task<Result<CommitOutcome>> commit(MediumBatch batch) override {
    return medium_.commit(std::move(batch));
  }
  Task<bool> begin_merging() override { return medium_.begin_merging(); }
  void end_merging() override { medium_.end_merging(); }
  void on_foreign_commit(std::function<void(uint64_t)>) override {}  // the news are lost
  void close() override { medium_.close(); }
  Task<Result<void>> destroy() override { return medium_.destroy(); }

 private:
  MemoryMedium medium_;
  std::function<void()>& before_blob_;
};

class AttachmentRace : public testing::Test {
 protected:
  std::unique_ptr<Database> open(std::function<void()>& interruption) {
    auto medium = std::make_unique<InterruptedMedium>(data, interruption);
    return *run_task(Database::open(std::move(medium), {.name = "test", .auto_compaction = true},
                                    clock, random));
  }

  std::string put(const std::string& text) {
    return run_task(other->write({text}, {}))->front().rev;
  }

  // The reader gets no news: a commit of its own reads what it missed.
  void see_what_is_written() { (void)run_task(reader->put_local(R"({"_id":"_local/x"})")); }

  std::shared_ptr<MemoryMediumData> data = std::make_shared<MemoryMediumData>();
  ManualClock clock;
  SeededRandom random{1};
  std::function<void()> before_blob;
  std::function<void()> never;
  std::unique_ptr<Database> reader = open(before_blob);
  std::unique_ptr<Database> other = open(never);
};

TEST_F(AttachmentRace, one_that_is_removed_while_it_is_read_is_read_again) {
  const std::string first = put(with_attachment("", "x", "hello"));
  see_what_is_written();
  before_blob = [&] { put(with_attachment(first, "y", "more")); };
  const auto text = run_task(reader->get("a", {.attachments = true}));
  ASSERT_TRUE(text.ok()) << text.error().reason;
  const Json attachments = parse(*text)["_attachments"];
  EXPECT_FALSE(attachments.contains("x"));
  EXPECT_EQ(attachments["y"]["data"], encode_base64("more"));
}

TEST_F(AttachmentRace, one_whose_bytes_are_lost_is_damage) {
  put(with_attachment("", "x", "hello"));
  see_what_is_written();
  before_blob = [&] {
    MemoryMedium medium(data);
    MediumBatch batch;
    batch.blob_deletes.emplace_back("md5-XUFAKrxLKna5cZ2REBfFkg==");
    (void)run_task(medium.commit(std::move(batch)));
  };
  const auto text = run_task(reader->get("a", {.attachments = true}));
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().name, "corrupt_data");
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
