#include "document/repair.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "document/memory_database.h"
#include "document/stored_entries.h"

namespace couchlet {
namespace {

// No body, record, entry or counter reads so.
const std::string kDamaged = "\xff";

std::string put(MemoryDatabase& db, const std::string& id, const std::string& members,
                const std::string& rev = "") {
  const std::string before = rev.empty() ? "" : R"(,"_rev":")" + rev + '"';
  return db.put(R"({"_id":")" + id + '"' + before + "," + members + "}");
}

// Puts something unreadable in the place of what is stored.
void damage(const MemoryDatabase& db, const std::string& key) {
  StoredEntries(db.data).put(key, kDamaged);
}

std::string repair(MemoryDatabase& db) {
  const auto report = run_task(db.database->repair());
  return report.ok() ? repair_report_json(*report) : report.error().reason;
}

std::string lost_revision(const std::string& id, const std::string& rev) {
  return R"({"ok":true,"lost_revisions":[{"id":")" + id + R"(","rev":")" + rev +
         R"("}],"lost_documents":[]})";
}

std::string lost_document(const std::string& id) {
  return R"({"ok":true,"lost_revisions":[],"lost_documents":[")" + id + R"("]})";
}

constexpr const char* kNothingLost = R"({"ok":true,"lost_revisions":[],"lost_documents":[]})";

// Three documents, of which "b" has the sequence 2.
struct ThreeDocuments {
  ThreeDocuments() {
    for (const char* id : {"a", "b", "c"}) rev = put(db, id, R"("n":1)");
  }

  // As the database is for somebody who opens it now.
  MemoryDatabase& reopened() {
    again.emplace(db.data);
    return *again;
  }

  MemoryDatabase db;
  std::string rev;  // the same of all three, as they say the same
  std::optional<MemoryDatabase> again;
};

// ---- Reading ----

TEST(Damage, of_a_body_is_an_error_of_its_document_alone) {
  ThreeDocuments three;
  damage(three.db, keys::body(2));
  MemoryDatabase& db = three.reopened();
  const auto got = run_task(db.database->get("b", {}));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().status, 500);
  EXPECT_EQ(got.error().name, "corrupt_data");
  EXPECT_NE(got.error().reason.find("'b'"), std::string::npos);
  EXPECT_NE(db.get("a").find(R"("n":1)"), std::string::npos);
}

TEST(Damage, of_a_body_is_told_in_the_row_of_a_list) {
  ThreeDocuments three;
  damage(three.db, keys::body(2));
  MemoryDatabase& db = three.reopened();
  const std::string lost = R"("doc":null,"error":"corrupt_data","reason":"Document 'b')";
  for (const std::string& list :
       {db.all_docs({.include_docs = true}), db.changes({.include_docs = true})}) {
    EXPECT_NE(list.find(lost), std::string::npos) << list;
    EXPECT_NE(list.find(R"("doc":{"_id":"a")"), std::string::npos) << list;
    EXPECT_NE(list.find(R"("doc":{"_id":"c")"), std::string::npos) << list;
  }
  EXPECT_NE(db.all_docs().find(R"("id":"b","key":"b","value")"), std::string::npos);
}

TEST(Damage, of_one_leaf_leaves_the_other_to_be_read) {
  MemoryDatabase db;
  for (const char* leaf : {"a", "b"}) {
    db.merge(R"({"_id":"x","_rev":"1-)" + std::string(32, leaf[0]) + R"(","leaf":")" + leaf +
             "\"}");
  }
  damage(db, keys::body(2));
  MemoryDatabase reopened(db.data);
  const std::string leaves = reopened.get("x", {.open_revs_all = true});
  EXPECT_NE(leaves.find(R"({"missing":"1-b)"), std::string::npos) << leaves;
  EXPECT_NE(leaves.find(R"("leaf":"a")"), std::string::npos) << leaves;
}

TEST(Damage, of_a_record_costs_its_document_and_no_list) {
  ThreeDocuments three;
  damage(three.db, keys::document("b"));
  MemoryDatabase& db = three.reopened();
  EXPECT_EQ(db.get("b").substr(0, 31), "corrupt_data: Document 'b' is d");
  const std::string list = db.all_docs();
  EXPECT_NE(list.find(R"({"id":"b","key":"b","value":{},"error":"corrupt_data")"),
            std::string::npos)
      << list;
  EXPECT_NE(list.find(R"({"id":"c","key":"c","value")"), std::string::npos) << list;
  EXPECT_NE(db.changes({.all_leaves = true}).find(R"("id":"b")"), std::string::npos);
}

TEST(Damage, of_a_record_refuses_its_document_and_writes_the_others) {
  ThreeDocuments three;
  damage(three.db, keys::document("b"));
  MemoryDatabase& db = three.reopened();
  const auto results =
      run_task(db.database->write({R"({"_id":"b"})", R"({"_id":"d"})"}, WriteOptions{}));
  ASSERT_TRUE(results.ok());
  EXPECT_EQ((*results)[0].error->name, "corrupt_data");
  EXPECT_FALSE((*results)[1].error);
}

TEST(Damage, of_an_entry_of_the_feed_hides_that_change_alone) {
  ThreeDocuments three;
  damage(three.db, keys::sequence(2));
  const std::string changes = three.reopened().changes();
  EXPECT_EQ(changes.find(R"("id":"b")"), std::string::npos) << changes;
  EXPECT_NE(changes.find(R"("id":"c")"), std::string::npos) << changes;
}

// ---- Repairing ----

TEST(Repair, of_a_sound_database_changes_nothing) {
  ThreeDocuments three;
  put(three.db, "d", R"("_attachments":{"a":{"data":"AAECAw=="}})");
  put(three.db, "a", R"("n":2)", three.rev);
  const auto log = three.db.data->records(Area::kLog);
  EXPECT_EQ(repair(three.db), kNothingLost);
  EXPECT_EQ(three.db.data->records(Area::kLog), log);
}

TEST(Repair, a_damaged_body_becomes_missing_and_is_asked_for) {
  ThreeDocuments three;
  damage(three.db, keys::body(2));
  MemoryDatabase& db = three.reopened();
  EXPECT_EQ(repair(db), lost_revision("b", three.rev));
  EXPECT_EQ(db.get("b"), "not_found: missing");
  EXPECT_NE(db.all_docs({.include_docs = true}).find(R"("doc":null,"error":"missing")"),
            std::string::npos);
  EXPECT_EQ(*run_task(db.database->revs_diff(R"({"b":[")" + three.rev + R"("]})")),
            R"({"b":{"missing":[")" + three.rev + R"("]}})");
  EXPECT_EQ(db.info().document_count, 3U);
  EXPECT_EQ(db.info().content_bytes, 10U);
  EXPECT_EQ(repair(db), kNothingLost);
}

TEST(Repair, a_missing_body_is_filled_in_by_a_replication) {
  ThreeDocuments three;
  damage(three.db, keys::body(2));
  MemoryDatabase& db = three.reopened();
  repair(db);
  EXPECT_EQ(db.merge(R"({"_id":"b","_rev":")" + three.rev + R"(","n":1})"), three.rev);
  EXPECT_NE(db.get("b").find(R"("n":1)"), std::string::npos);
  EXPECT_EQ(db.info().content_bytes, 15U);
  EXPECT_EQ(repair(db), kNothingLost);
}

TEST(Repair, a_damaged_record_goes_with_its_entry_and_is_counted_no_more) {
  ThreeDocuments three;
  damage(three.db, keys::document("b"));
  MemoryDatabase& db = three.reopened();
  EXPECT_EQ(repair(db), lost_document("b"));
  EXPECT_EQ(db.get("b"), "not_found: missing");
  EXPECT_EQ(db.changes().find(R"("id":"b")"), std::string::npos);
  EXPECT_EQ(db.info().document_count, 2U);
  EXPECT_EQ(db.info().content_bytes, 10U);
  EXPECT_EQ(db.merge(R"({"_id":"b","_rev":")" + three.rev + R"(","n":1})"), three.rev);
  EXPECT_EQ(db.info().document_count, 3U);
  EXPECT_EQ(repair(db), kNothingLost);
}

TEST(Repair, an_entry_without_its_document_tells_what_is_lost) {
  ThreeDocuments three;
  StoredEntries(three.db.data).erase(keys::document("b"));
  MemoryDatabase& db = three.reopened();
  EXPECT_EQ(repair(db), lost_document("b"));
  EXPECT_EQ(stored_keys(db.data, "ds"), "da dc s1 s3");
  EXPECT_EQ(db.info().document_count, 2U);
}

TEST(Repair, a_damaged_entry_of_the_feed_is_written_anew) {
  ThreeDocuments three;
  const std::string before = three.db.changes();
  damage(three.db, keys::sequence(2));
  MemoryDatabase& db = three.reopened();
  EXPECT_EQ(repair(db), kNothingLost);
  EXPECT_EQ(db.changes(), before);
}

TEST(Repair, an_entry_that_was_left_over_goes) {
  ThreeDocuments three;
  put(three.db, "b", R"("n":2)", three.rev);
  const std::string before = three.db.changes();
  damage(three.db, keys::sequence(2));
  MemoryDatabase& db = three.reopened();
  EXPECT_EQ(repair(db), kNothingLost);
  EXPECT_EQ(db.changes(), before);
  EXPECT_EQ(stored_keys(db.data, "s"), "s1 s3 s4");
}

TEST(Repair, damaged_counters_are_counted_anew_and_no_number_is_used_twice) {
  ThreeDocuments three;
  const DatabaseInfo before = three.db.info();
  damage(three.db, std::string(keys::kCounters));
  MemoryDatabase& db = three.reopened();
  EXPECT_FALSE(run_task(db.database->info()).ok());
  EXPECT_EQ(repair(db), kNothingLost);
  EXPECT_EQ(db.info().document_count, before.document_count);
  EXPECT_EQ(db.info().content_bytes, before.content_bytes);
  EXPECT_EQ(db.info().update_sequence, 3U);
  put(db, "d", R"("n":1)");
  EXPECT_EQ(stored_keys(db.data, "b"), "b1 b2 b3 b4");
}

TEST(Repair, references_of_a_damaged_body_are_counted_no_more) {
  MemoryDatabase db;
  const std::string attachment = R"("_attachments":{"a":{"data":"AAECAw=="}})";
  const std::string rev = put(db, "x", attachment);
  put(db, "y", attachment);
  put(db, "z", R"("_attachments":{"b":{"data":"BAUGBw=="}})");
  damage(db, keys::body(1));
  damage(db, keys::body(3));
  MemoryDatabase reopened(db.data);
  run_task(reopened.database->repair()).value();
  EXPECT_EQ(db.data->blob_count(), 1U);
  EXPECT_TRUE(run_task(reopened.database->purge("y", rev)).ok());
  EXPECT_EQ(db.data->blob_count(), 0U);
}

TEST(Repair, a_damaged_attachment_record_is_counted_anew) {
  MemoryDatabase db;
  const std::string attachment = R"("_attachments":{"a":{"data":"AAECAw=="}})";
  put(db, "x", attachment);
  const std::string key = "a" + stored_keys(db.data, "a").substr(1);
  damage(db, key);
  MemoryDatabase reopened(db.data);
  EXPECT_EQ(repair(reopened), kNothingLost);
  EXPECT_EQ(put(reopened, "y", attachment).substr(0, 2), "1-");
  EXPECT_EQ(db.data->blob_count(), 1U);
}

TEST(Repair, a_damaged_local_document_goes) {
  MemoryDatabase db;
  put(db, "_local/settings", R"("theme":"dark")");
  damage(db, keys::local("_local/settings"));
  MemoryDatabase reopened(db.data);
  EXPECT_EQ(repair(reopened), lost_document("_local/settings"));
  EXPECT_EQ(put(reopened, "_local/settings", R"("theme":"light")"), "0-1");
}

TEST(Repair, makes_another_database_of_it_for_replications_where_anything_was_damaged) {
  ThreeDocuments three;
  const std::string before = three.db.info().uuid;
  repair(three.db);
  EXPECT_EQ(three.db.info().uuid, before);
  damage(three.db, keys::body(2));
  MemoryDatabase& db = three.reopened();
  db.random = SeededRandom(7);  // the other one's have been used
  repair(db);
  EXPECT_NE(db.info().uuid, before);
}

TEST(Repair, the_rest_of_the_database_is_as_it_was) {
  ThreeDocuments three;
  const std::string a = three.db.get("a");
  damage(three.db, keys::body(2));
  damage(three.db, keys::document("c"));
  MemoryDatabase& db = three.reopened();
  repair(db);
  EXPECT_EQ(db.get("a"), a);
  EXPECT_EQ(stored_keys(db.data, "ds"), "da db s1 s2");
}

TEST(Compaction, of_a_damaged_body_erases_it_all_the_same) {
  ThreeDocuments three;
  const std::string rev = put(three.db, "x", R"("_attachments":{"a":{"data":"AAECAw=="}})");
  put(three.db, "x", R"("n":2)", rev);
  damage(three.db, keys::body(4));
  MemoryDatabase& db = three.reopened();
  EXPECT_TRUE(run_task(db.database->compact()).ok());
  EXPECT_EQ(stored_keys(db.data, "b"), "b1 b2 b3 b5");
  repair(db);
  EXPECT_EQ(db.data->blob_count(), 0U);
}

}  // namespace
}  // namespace couchlet
