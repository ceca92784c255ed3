#include "document/compaction.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/memory_database.h"
#include "document/stored_entries.h"
#include "store/started_task.h"

namespace couchlet {
namespace {

std::string edited(MemoryDatabase& db, const std::string& id, const std::string& rev,
                   const std::string& members) {
  const std::string before = rev.empty() ? "" : R"(,"_rev":")" + rev + '"';
  return db.put(R"({"_id":")" + id + '"' + before + "," + members + "}");
}

// So many revisions one after another; the newest.
std::string edited_times(MemoryDatabase& db, const std::string& id, int times) {
  std::string rev;
  for (int i = 0; i < times; ++i) rev = edited(db, id, rev, R"("n":)" + std::to_string(i));
  return rev;
}

void compact(MemoryDatabase& db) { ASSERT_TRUE(run_task(db.database->compact()).ok()); }

// ---- compact() ----

TEST(Compaction, bodies_of_superseded_revisions_go_and_leaves_stay) {
  MemoryDatabase db;
  const std::string first = edited(db, "x", "", R"("n":1)");
  const std::string second = edited(db, "x", first, R"("n":2)");
  edited(db, "y", "", R"("n":3)");
  const std::string before = db.get("x");
  compact(db);
  EXPECT_EQ(stored_keys(db.data, "bds"), "b2 b3 dx dy s2 s3");
  EXPECT_EQ(db.get("x"), before);
  EXPECT_EQ(db.get("x", {.rev = first}), "not_found: missing");
  EXPECT_NE(
      db.get("x", {.revs_info = true}).find(R"({"rev":")" + first + R"(","status":"missing"})"),
      std::string::npos);
  EXPECT_NE(db.get("x", {.revs = true}).find(first.substr(2)), std::string::npos);
}

TEST(Compaction, every_leaf_of_a_conflict_stays_deleted_ones_too) {
  MemoryDatabase db;
  db.merge(R"({"_id":"x","_rev":"1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","leaf":"a"})");
  db.merge(R"({"_id":"x","_rev":"1-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","leaf":"b"})");
  const std::string tombstone =
      edited(db, "x", "1-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", R"("why":"done","_deleted":true)");
  compact(db);
  EXPECT_EQ(stored_keys(db.data, "b"), "b1 b3");
  EXPECT_NE(db.get("x").find(R"("leaf":"a")"), std::string::npos);
  EXPECT_NE(db.get("x", {.rev = tombstone}).find(R"("why":"done")"), std::string::npos);
}

TEST(Compaction, a_second_one_has_nothing_to_do_and_writes_nothing) {
  MemoryDatabase db;
  edited_times(db, "x", 3);
  compact(db);
  const auto log = db.data->records(Area::kLog);
  compact(db);
  EXPECT_EQ(db.data->records(Area::kLog), log);
}

TEST(Compaction, forgets_what_a_lower_revs_limit_leaves_out) {
  MemoryDatabase db;
  const std::string newest = edited_times(db, "x", 5);
  MemoryDatabase reopened(db.data, {.revs_limit = 2});
  compact(reopened);
  const std::string text = reopened.get("x", {.revs_info = true});
  EXPECT_NE(text.find(newest), std::string::npos);
  EXPECT_NE(text.find(R"("4-)"), std::string::npos);
  EXPECT_EQ(text.find(R"("3-)"), std::string::npos);
  EXPECT_EQ(stored_keys(db.data, "b"), "b5");
}

TEST(Compaction, no_change_is_told_and_nothing_is_asked_for_by_a_replication) {
  MemoryDatabase db;
  const std::string first = edited(db, "x", "", R"("n":1)");
  edited(db, "x", first, R"("n":2)");
  const std::string changes = db.changes();
  const DatabaseInfo before = db.info();
  compact(db);
  EXPECT_EQ(db.changes(), changes);
  EXPECT_EQ(db.info().update_sequence, before.update_sequence);
  EXPECT_EQ(db.info().content_bytes, before.content_bytes);
  EXPECT_EQ(*run_task(db.database->revs_diff(R"({"x":[")" + first + R"("]})")), "{}");
}

TEST(Compaction, an_attachment_goes_with_the_last_revision_that_has_it) {
  MemoryDatabase db;
  const std::string first =
      edited(db, "x", "", R"("_attachments":{"old":{"data":"b2xk"},"both":{"data":"Ym90aA=="}})");
  edited(db, "x", first, R"("_attachments":{"both":{"stub":true},"new":{"data":"bmV3"}})");
  EXPECT_EQ(db.data->blob_count(), 3U);
  compact(db);
  EXPECT_EQ(db.data->blob_count(), 2U);
}

// Each step yields; what is written meanwhile is neither lost nor half seen.
TEST(Compaction, goes_on_beside_writes_and_other_compactions) {
  MemoryDatabase db;
  MemoryDatabase other(db.data);
  std::vector<std::string> revs;
  for (int i = 0; i < 600; ++i) {
    std::string id = std::to_string(i);
    revs.push_back(edited(db, id, edited(db, id, "", R"("n":1)"), R"("n":2)"));
  }
  StartedTask<Result<void>> compaction(db.database->compact());
  ASSERT_FALSE(compaction.is_done());
  EXPECT_TRUE(db.info().is_compacting);
  const std::string late = edited(other, "999", "", R"("n":1)");
  for (int i = 0; i < 600; i += 7) edited(other, std::to_string(i), revs[size_t(i)], R"("n":3)");
  StartedTask<Result<void>> second(other.database->compact());
  for (int i = 0; i < 20; ++i) {
    db.clock.advance(1);
    other.clock.advance(1);
  }
  ASSERT_TRUE(compaction.is_done());
  ASSERT_TRUE(second.is_done());
  EXPECT_TRUE(compaction.result().ok());
  EXPECT_TRUE(second.result().ok());
  EXPECT_FALSE(db.info().is_compacting);
  ASSERT_TRUE(run_task(db.database->write({}, {})).ok());  // and hears of the other's commits
  for (int i = 0; i < 600; ++i) {
    const std::string wanted = i % 7 == 0 ? R"("n":3)" : R"("n":2)";
    EXPECT_NE(db.get(std::to_string(i)).find(wanted), std::string::npos) << i;
  }
  EXPECT_NE(db.get("999").find(late), std::string::npos);
  EXPECT_EQ(db.info().document_count, 601U);
}

TEST(Compaction, many_documents_are_many_commits) {
  MemoryDatabase db;
  for (int i = 0; i < 600; ++i) edited_times(db, std::to_string(i), 2);
  const uint64_t before = db.data->records(Area::kLog).rbegin()->first;
  StartedTask<Result<void>> compaction(db.database->compact());
  for (int i = 0; i < 5; ++i) db.clock.advance(1);
  ASSERT_TRUE(compaction.is_done());
  EXPECT_EQ(db.data->records(Area::kLog).rbegin()->first, before + 3);
}

TEST(Compaction, a_call_while_one_runs_waits_for_the_same_one) {
  MemoryDatabase db;
  for (int i = 0; i < 300; ++i) edited_times(db, std::to_string(i), 2);
  StartedTask<Result<void>> first(db.database->compact());
  StartedTask<Result<void>> second(db.database->compact());
  EXPECT_FALSE(first.is_done());
  EXPECT_FALSE(second.is_done());
  db.clock.advance(10);
  EXPECT_TRUE(first.is_done());
  ASSERT_TRUE(second.is_done());
  EXPECT_TRUE(second.result().ok());
}

TEST(Compaction, ends_with_its_database) {
  MemoryDatabase db;
  for (int i = 0; i < 300; ++i) edited_times(db, std::to_string(i), 2);
  StartedTask<Result<void>> compaction(db.database->compact());
  (void)run_task(db.database->close());
  db.clock.advance(10);
  ASSERT_TRUE(compaction.is_done());
  EXPECT_EQ(compaction.result().error().name, "precondition_failed");
}

TEST(Compaction, a_damaged_record_is_left_as_it_is) {
  MemoryDatabase db;
  edited_times(db, "x", 2);
  edited_times(db, "y", 2);
  StoredEntries(db.data).put(keys::document("x"), "damaged");
  MemoryDatabase reopened(db.data);
  compact(reopened);
  EXPECT_EQ(stored_keys(db.data, "bd"), "b1 b2 b4 dx dy");
}

// ---- auto_compaction ----

TEST(AutoCompaction, an_edit_takes_the_body_that_it_supersedes_with_it) {
  MemoryDatabase db({.auto_compaction = true});
  const std::string first = edited(db, "x", "", R"("n":1)");
  EXPECT_EQ(stored_keys(db.data, "b"), "b1");
  edited(db, "x", first, R"("n":2)");
  EXPECT_EQ(stored_keys(db.data, "b"), "b2");
  EXPECT_NE(db.get("x").find(R"("n":2)"), std::string::npos);
  EXPECT_EQ(db.get("x", {.rev = first}), "not_found: missing");
}

TEST(AutoCompaction, a_conflict_keeps_both_bodies) {
  MemoryDatabase db({.auto_compaction = true});
  db.merge(R"({"_id":"x","_rev":"1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","leaf":"a"})");
  db.merge(R"({"_id":"x","_rev":"1-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","leaf":"b"})");
  EXPECT_EQ(stored_keys(db.data, "b"), "b1 b2");
}

TEST(AutoCompaction, a_superseded_revision_that_comes_in_again_is_no_news) {
  MemoryDatabase db({.auto_compaction = true});
  const std::string first = edited(db, "x", "", R"("n":1)");
  edited(db, "x", first, R"("n":2)");
  EXPECT_EQ(db.merge(R"({"_id":"x","_rev":")" + first + R"(","n":1})"), first);
  EXPECT_EQ(db.info().update_sequence, 2U);
  EXPECT_EQ(stored_keys(db.data, "b"), "b2");
}

TEST(AutoCompaction, an_attachment_that_is_kept_by_stub_stays_and_others_go) {
  MemoryDatabase db({.auto_compaction = true});
  const std::string first =
      edited(db, "x", "", R"("_attachments":{"old":{"data":"b2xk"},"both":{"data":"Ym90aA=="}})");
  edited(db, "x", first, R"("_attachments":{"both":{"stub":true}})");
  EXPECT_EQ(db.data->blob_count(), 1U);
  EXPECT_NE(db.get("x").find(R"("both")"), std::string::npos);
}

// ---- revs_limit ----

TEST(RevsLimit, bodies_go_with_the_revisions_that_are_forgotten) {
  MemoryDatabase db({.revs_limit = 2});
  std::string rev = edited(db, "x", "", R"("_attachments":{"a":{"data":"YQ=="}})");
  for (int i = 0; i < 3; ++i) rev = edited(db, "x", rev, R"("n":)" + std::to_string(i));
  EXPECT_EQ(stored_keys(db.data, "ba"), "b3 b4");
  EXPECT_EQ(db.data->blob_count(), 0U);
}

TEST(RevsLimit, of_one_keeps_every_leaf) {
  MemoryDatabase db({.revs_limit = 1});
  edited_times(db, "x", 3);
  db.merge(R"({"_id":"x","_rev":"1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","leaf":"a"})");
  EXPECT_EQ(stored_keys(db.data, "b"), "b3 b4");
}

// ---- info ----

TEST(Info, the_content_counts_the_leaves_and_their_attachments) {
  MemoryDatabase db;
  EXPECT_EQ(db.info().content_bytes, 0U);
  const std::string first = edited(db, "x", "", R"("n":1)");
  EXPECT_EQ(db.info().content_bytes, 5U);
  edited(db, "y", "", R"("n":12)");
  EXPECT_EQ(db.info().content_bytes, 11U);
  edited(db, "x", first, R"("n":123,"_attachments":{"a":{"data":"AAECAw=="}})");
  EXPECT_EQ(db.info().content_bytes, 17U);
  db.merge(R"({"_id":"y","_rev":"1-ffffffffffffffffffffffffffffffff","n":0})");
  EXPECT_EQ(db.info().content_bytes, 22U);
}

TEST(Info, says_what_couchdb_says) {
  MemoryDatabase db;
  const std::string rev = edited(db, "x", "", R"("n":1)");
  edited(db, "x", rev, R"("_deleted":true)");
  const std::string text = *run_task(db.database->info_json());
  EXPECT_EQ(text.substr(0, text.find(",\"uuid\"")),
            R"({"doc_count":0,"doc_del_count":1,"update_seq":2,"purge_seq":0,"db_name":"test")");
  const StoreSizes sizes = db.info().stored;
  EXPECT_NE(text.find(R"("compact_running":false,"sizes":{"file":)" + std::to_string(sizes.file) +
                      R"(,"active":)" + std::to_string(sizes.active) + R"(,"external":0}})"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace couchlet
