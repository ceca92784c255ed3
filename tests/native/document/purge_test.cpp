#include "document/purge.h"

#include <gtest/gtest.h>

#include <string>

#include "document/memory_database.h"
#include "document/stored_entries.h"

namespace couchlet {
namespace {

constexpr const char* kA = "1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr const char* kB = "2-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
constexpr const char* kC = "2-cccccccccccccccccccccccccccccccc";

// A document with the leaves kB and kC, of which kC wins.
void write_conflict(MemoryDatabase& db) {
  for (const char* leaf : {"b", "c"}) {
    const std::string hash(32, leaf[0]);
    db.merge(R"({"_id":"x","_revisions":{"start":2,"ids":[")" + hash + R"(",")" +
             std::string(32, 'a') + R"("]},"leaf":")" + leaf + R"("})");
  }
}

std::string purge(MemoryDatabase& db, std::string_view id, std::string_view rev) {
  const auto result = run_task(db.database->purge(id, rev));
  return result.ok() ? purge_result_json(*result) : result.error().name;
}

TEST(Purge, the_only_leaf_takes_the_document_with_it) {
  MemoryDatabase db;
  const std::string first = db.put(R"({"_id":"x","n":1})");
  const std::string second = db.put(R"({"_id":"x","_rev":")" + first + R"(","n":2})");
  EXPECT_EQ(purge(db, "x", second), R"({"ok":true,"deletedRevs":[")" + second + R"(",")" + first +
                                        R"("],"documentWasRemovedCompletely":true})");
  EXPECT_EQ(db.get("x"), "not_found: missing");
  EXPECT_EQ(db.changes(), R"({"results":[],"last_seq":2,"pending":0})");
  EXPECT_EQ(db.info().document_count, 0U);
  EXPECT_EQ(db.info().content_bytes, 0U);
  EXPECT_EQ(db.info().purge_sequence, 1U);
  EXPECT_EQ(stored_keys(db.data, "bdsal"), stored_keys(MemoryDatabase().data, "bdsal"));
}

TEST(Purge, a_document_that_was_purged_is_written_anew_from_its_first_generation) {
  MemoryDatabase db;
  const std::string first = db.put(R"({"_id":"x","n":1})");
  purge(db, "x", first);
  EXPECT_EQ(db.put(R"({"_id":"x","n":1})"), first);
  EXPECT_EQ(db.info().update_sequence, 2U);
  EXPECT_NE(db.get("x").find(R"("n":1)"), std::string::npos);
}

TEST(Purge, without_the_winner_another_leaf_wins_and_the_document_has_changed) {
  MemoryDatabase db;
  write_conflict(db);
  EXPECT_EQ(purge(db, "x", kC), R"({"ok":true,"deletedRevs":[")" + std::string(kC) +
                                    R"("],"documentWasRemovedCompletely":false})");
  EXPECT_NE(db.get("x").find(R"("leaf":"b")"), std::string::npos);
  EXPECT_EQ(db.get("x", {.rev = kC}), "not_found: missing");
  EXPECT_EQ(db.changes({.since = 2}), R"({"results":[{"seq":3,"id":"x","changes":[{"rev":")" +
                                          std::string(kB) + R"("}]}],"last_seq":3,"pending":0})");
  EXPECT_EQ(db.changes().find(R"("seq":2)"), std::string::npos);
}

TEST(Purge, counts_by_the_winner_that_is_left) {
  MemoryDatabase db;
  write_conflict(db);
  const std::string tombstone =
      db.put(R"({"_id":"x","_rev":")" + std::string(kB) + R"(","_deleted":true})");
  EXPECT_EQ(db.info().document_count, 1U);
  purge(db, "x", kC);
  EXPECT_EQ(db.info().document_count, 0U);
  EXPECT_EQ(db.info().deleted_count, 1U);
  purge(db, "x", tombstone);
  EXPECT_EQ(db.info().deleted_count, 0U);
}

TEST(Purge, only_leaves_that_are_there_can_be_purged) {
  MemoryDatabase db;
  write_conflict(db);
  const std::string before = stored_keys(db.data);
  EXPECT_EQ(purge(db, "y", kC), "not_found");
  EXPECT_EQ(purge(db, "x", kA), "not_found");
  EXPECT_EQ(purge(db, "x", "3-dddddddddddddddddddddddddddddddd"), "not_found");
  EXPECT_EQ(purge(db, "x", "nonsense"), "bad_request");
  EXPECT_EQ(stored_keys(db.data), before);
  EXPECT_EQ(db.info().purge_sequence, 0U);
}

TEST(Purge, what_was_purged_can_come_back_by_replication) {
  MemoryDatabase db;
  write_conflict(db);
  purge(db, "x", kC);
  const std::string request = R"({"x":[")" + std::string(kC) + R"("]})";
  EXPECT_NE(run_task(db.database->revs_diff(request))->find("missing"), std::string::npos);
  write_conflict(db);
  EXPECT_NE(db.get("x").find(R"("leaf":"c")"), std::string::npos);
}

TEST(Purge, the_bytes_of_an_attachment_go_with_the_last_revision_that_has_it) {
  MemoryDatabase db;
  const std::string attachment = R"("_attachments":{"a":{"data":"AAECAw=="}})";
  const std::string first = db.put(R"({"_id":"x",)" + attachment + "}");
  const std::string other = db.put(R"({"_id":"y",)" + attachment + "}");
  purge(db, "x", first);
  EXPECT_EQ(db.data->blob_count(), 1U);
  purge(db, "y", other);
  EXPECT_EQ(db.data->blob_count(), 0U);
}

}  // namespace
}  // namespace couchlet
