#include "document/stored_bodies.h"

#include <gtest/gtest.h>

#include "document/keys.h"
#include "store/open_store.h"

namespace couchlet {
namespace {

constexpr const char* kDigest = "md5-XUFAKrxLKna5cZ2REBfFkg==";

Attachment attachment(const char* name, bool is_stub = false) {
  Attachment made{.name = name, .digest = kDigest, .length = 5, .revpos = 1, .is_stub = is_stub};
  if (!is_stub) made.content = std::make_shared<AttachmentContent>(AttachmentContent{"hello", 0});
  return made;
}

RevisionInfo body(uint64_t number) { return {.has_attachments = true, .body = number}; }

class StoredBodiesTest : public testing::Test {
 protected:
  using Change = std::function<Task<Result<void>>(StoredBodies&)>;

  std::string commit(const Change& change) {
    return outcome(run_task(store->commit([&](WriteView& view) -> Task<Result<void>> {
      StoredBodies bodies(view);
      CO_TRY(co_await change(bodies));
      co_return co_await bodies.finish();
    })));
  }

  std::string put(uint64_t number, std::vector<Attachment> attachments) {
    return commit([&](StoredBodies& bodies) { return bodies.put(number, attachments, ""); });
  }

  std::string erase(uint64_t number) {
    const RevisionInfo info = body(number);
    return commit([&](StoredBodies& bodies) { return bodies.erase(info); });
  }

  uint64_t references() {
    const auto bytes = run_task(store->get(store->snapshot(), keys::attachment(kDigest)));
    return *bytes ? AttachmentRecord::decode(**bytes)->references : 0;
  }

  std::shared_ptr<MemoryMediumData> data = std::make_shared<MemoryMediumData>();
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();
  std::unique_ptr<Store> store = *run_task(open_store(data, faults));
};

TEST_F(StoredBodiesTest, the_blob_goes_with_the_last_body_that_names_it) {
  EXPECT_EQ(put(1, {attachment("one"), attachment("two")}), "");
  EXPECT_EQ(put(2, {attachment("one", true)}), "");
  EXPECT_EQ(references(), 3U);
  EXPECT_EQ(erase(1), "");
  EXPECT_EQ(references(), 1U);
  EXPECT_EQ(data->blob_count(), 1U);
  EXPECT_EQ(erase(2), "");
  EXPECT_EQ(references(), 0U);
  EXPECT_EQ(data->blob_count(), 0U);
  EXPECT_EQ(get(*store, keys::body(1)), "(none)");
}

TEST_F(StoredBodiesTest, a_body_that_is_not_there_is_none_to_erase) {
  put(1, {attachment("one")});
  EXPECT_EQ(erase(2), "");
  EXPECT_EQ(references(), 1U);
}

TEST_F(StoredBodiesTest, a_blob_that_one_body_leaves_and_another_takes_stays) {
  put(1, {attachment("one")});
  EXPECT_EQ(commit([](StoredBodies& bodies) -> Task<Result<void>> {
              CO_TRY(co_await bodies.erase(body(1)));
              const std::vector<Attachment> attachments{attachment("two")};
              co_return co_await bodies.put(2, attachments, "");
            }),
            "");
  EXPECT_EQ(references(), 1U);
  EXPECT_EQ(data->blob_count(), 1U);
}

TEST_F(StoredBodiesTest, a_blob_that_comes_and_goes_in_one_commit_is_never_stored) {
  EXPECT_EQ(commit([](StoredBodies& bodies) -> Task<Result<void>> {
              const std::vector<Attachment> attachments{attachment("one")};
              CO_TRY(co_await bodies.put(1, attachments, ""));
              co_return co_await bodies.erase(body(1));
            }),
            "");
  EXPECT_EQ(references(), 0U);
  EXPECT_EQ(data->blob_count(), 0U);
}

TEST_F(StoredBodiesTest, a_commit_that_fails_stores_no_blob_and_removes_none) {
  const auto refuse = [](size_t) { return Fault::kRefuse; };
  faults->choose = refuse;
  EXPECT_EQ(put(1, {attachment("one")}), "insufficient_storage");
  EXPECT_EQ(data->blob_count(), 0U);
  faults->choose = [](size_t) { return Fault::kNone; };
  EXPECT_EQ(put(2, {attachment("one")}), "");
  faults->choose = refuse;
  EXPECT_EQ(erase(2), "insufficient_storage");
  EXPECT_EQ(data->blob_count(), 1U);
  EXPECT_EQ(references(), 1U);
}

TEST_F(StoredBodiesTest, an_attachment_without_bytes_is_not_stored) {
  EXPECT_EQ(put(1, {attachment("one", true)}), "corrupt_data");
  EXPECT_EQ(get(*store, keys::body(1)), "(none)");
}

}  // namespace
}  // namespace couchlet
