#include <gtest/gtest.h>

#include "document/memory_database.h"

namespace couchlet {
namespace {

// What CouchDB 3.5 answers for {} and for {"n":0}: see tests/data/rev-vectors.jsonl.
constexpr const char* kEmptyBodyRev = "1-967a00dff5e02add41819138abb3284d";
constexpr const char* kZeroBodyRev = "1-6a1adde9be9cd8e7d5ef76edc6836391";

std::string with_rev(const std::string& id, const std::string& rev, const std::string& rest) {
  return R"({"_id":")" + id + R"(","_rev":")" + rev + R"(")" + rest + "}";
}

TEST(Write, a_new_document_gets_the_revision_that_couchdb_would_give_it) {
  MemoryDatabase db;
  EXPECT_EQ(db.put(R"({"_id":"a"})"), kEmptyBodyRev);
  EXPECT_EQ(db.put(R"({"_id":"b","n":0})"), kZeroBodyRev);
  EXPECT_EQ(db.get("b"), R"({"_id":"b","_rev":"1-6a1adde9be9cd8e7d5ef76edc6836391","n":0})");
}

TEST(Write, a_document_without_an_id_gets_a_uuid) {
  MemoryDatabase db;
  const WriteResult result = db.write("{}", true);
  EXPECT_FALSE(result.error);
  EXPECT_EQ(result.id.size(), 36U);
  EXPECT_EQ(db.get(result.id), R"({"_id":")" + result.id + R"(","_rev":")" + kEmptyBodyRev + "\"}");
}

TEST(Write, the_body_stays_the_bytes_that_came_in) {
  MemoryDatabase db;
  db.put(R"({ "_id" : "a", "big": 12345678901234567890123, "f": 1.0, "e": 1E3, "u":"\u00e9" })");
  const std::string text = db.get("a");
  EXPECT_NE(text.find(R"("big": 12345678901234567890123)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("f": 1.0)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("e": 1E3)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("u":"\u00e9")"), std::string::npos) << text;
}

TEST(Write, an_edit_needs_the_present_revision) {
  MemoryDatabase db;
  const std::string first = db.put(R"({"_id":"a"})");
  EXPECT_EQ(db.put(R"({"_id":"a","n":1})"), "conflict");
  EXPECT_EQ(db.put(with_rev("a", "1-00000000000000000000000000000000", "")), "conflict");
  const std::string second = db.put(with_rev("a", first, R"(,"n":1)"));
  EXPECT_EQ(second.substr(0, 2), "2-");
  EXPECT_EQ(db.put(with_rev("a", first, R"(,"n":2)")), "conflict");
  EXPECT_EQ(db.put(with_rev("never written", first, "")), "conflict");
}

TEST(Write, all_or_nothing_writes_nothing_where_one_document_is_refused) {
  MemoryDatabase db;
  const std::string first = db.put(R"({"_id":"a"})");
  const auto write = [&](std::vector<std::string_view> texts) {
    return run_task(db.database->write(std::move(texts), {.all_or_nothing = true}));
  };
  EXPECT_EQ(write({R"({"_id":"b"})", R"({"_id":"a"})"}).error().name, "conflict");
  EXPECT_EQ(write({R"({"_id":"b"})", R"({"_id":"c","_what":1})"}).error().name, "doc_validation");
  EXPECT_EQ(db.get("b"), "not_found: missing");
  const std::string edit = with_rev("a", first, "");
  EXPECT_EQ(write({R"({"_id":"b"})", edit})->size(), 2U);
  EXPECT_EQ(db.info().document_count, 2U);
  EXPECT_EQ(db.info().update_sequence, 3U);
}

TEST(Write, a_deleted_document_is_gone_until_it_is_written_again) {
  MemoryDatabase db;
  const std::string first = db.put(R"({"_id":"a"})");
  const std::string second = db.put(with_rev("a", first, R"(,"_deleted":true)"));
  EXPECT_EQ(second.substr(0, 2), "2-");
  EXPECT_EQ(db.get("a"), "not_found: deleted");
  EXPECT_EQ(db.put(R"({"_id":"a","_deleted":true})"), "conflict");
  EXPECT_EQ(db.put(R"({"_id":"a","again":true})").substr(0, 2), "3-");
  EXPECT_EQ(db.info().document_count, 1U);
  EXPECT_EQ(db.info().deleted_count, 0U);
}

WriteResult force(MemoryDatabase& db, const std::string& document) {
  return run_task(db.database->write({document}, {.force = true}))->front();
}

TEST(Write, a_forced_edit_branches_off_the_revision_that_it_names) {
  MemoryDatabase db;
  const std::string first = db.put(R"({"_id":"a"})");
  const std::string second = db.put(with_rev("a", first, R"(,"n":1)"));
  const std::string branch = force(db, with_rev("a", first, R"(,"n":2)")).rev;
  EXPECT_EQ(branch.substr(0, 2), "2-");
  const std::string orphan = force(db, with_rev("a", "4-00000000000000000000000000000000", "")).rev;
  EXPECT_EQ(orphan.substr(0, 2), "5-");
  const auto leaves = run_task(db.database->get("a", {.conflicts = true}));
  EXPECT_NE(leaves->find(second), std::string::npos) << *leaves;
  EXPECT_NE(leaves->find(branch), std::string::npos) << *leaves;
  EXPECT_NE(leaves->find(R"("_rev":")" + orphan), std::string::npos) << *leaves;
  EXPECT_EQ(force(db, R"({"_id":"a"})").error->name, "conflict");
  EXPECT_EQ(force(db, R"({"_id":"b"})").rev, kEmptyBodyRev);
}

TEST(Write, revisions_are_random_where_the_database_is_opened_so) {
  MemoryDatabase db;
  const auto random =
      *run_task(Database::open(std::make_unique<MemoryMedium>(std::make_shared<MemoryMediumData>()),
                               {.name = "test", .random_revisions = true}, db.clock, db.random));
  const auto results = *run_task(random->write({R"({"_id":"a"})", R"({"_id":"b"})"}, {}));
  EXPECT_EQ(results[0].rev.size(), std::string(kEmptyBodyRev).size());
  EXPECT_EQ(results[0].rev.substr(0, 2), "1-");
  EXPECT_NE(results[0].rev, kEmptyBodyRev);
  EXPECT_NE(results[0].rev, results[1].rev);
}

TEST(Write, one_bad_document_does_not_stop_the_others) {
  MemoryDatabase db;
  const auto results = *run_task(db.database->write(
      {R"({"_id":"a"})", "[1]", R"({"_id":"_b"})", R"({"_id":"c","_wrong":1})", R"({"_id":"d"})"},
      {}));
  ASSERT_EQ(results.size(), 5U);
  EXPECT_FALSE(results[0].error);
  EXPECT_EQ(results[1].error->reason, "Document must be a JSON object");
  EXPECT_EQ(results[2].error->reason, "Only reserved document ids may start with underscore.");
  EXPECT_EQ(results[3].error->name, "doc_validation");
  EXPECT_FALSE(results[4].error);
  EXPECT_EQ(db.info().document_count, 2U);
}

TEST(Write, a_document_that_comes_twice_in_one_write_conflicts_with_itself) {
  MemoryDatabase db;
  const auto results =
      *run_task(db.database->write({R"({"_id":"a","n":1})", R"({"_id":"a","n":2})"}, {}));
  EXPECT_FALSE(results[0].error);
  EXPECT_EQ(results[1].error->name, "conflict");
}

TEST(Write, a_replicated_revision_is_merged_and_makes_a_conflict) {
  MemoryDatabase db;
  const std::string a = "00000000000000000000000000000001";
  const std::string b = "00000000000000000000000000000002";
  db.merge(with_rev("a", "1-" + a, R"(,"who":"a")"));
  db.merge(with_rev("a", "1-" + b, R"(,"who":"b")"));
  EXPECT_EQ(db.get("a", {.conflicts = true}),
            R"({"_id":"a","_rev":"1-)" + b + R"(","who":"b","_conflicts":["1-)" + a + "\"]}");
  EXPECT_EQ(db.info().update_sequence, 2U);
  db.merge(with_rev("a", "1-" + a, R"(,"who":"a")"));
  EXPECT_EQ(db.info().update_sequence, 2U) << "a revision that is known changes nothing";
}

TEST(Write, a_replicated_history_is_kept) {
  MemoryDatabase db;
  db.merge(R"({"_id":"a","_revisions":{"start":3,"ids":["c","b","a"]},"_rev":"3-c","n":3})");
  EXPECT_EQ(db.get("a", {.revs = true}),
            R"({"_id":"a","_rev":"3-c","n":3,"_revisions":{"start":3,"ids":["c","b","a"]}})");
  EXPECT_EQ(db.get("a", {.rev = "2-b"}), "not_found: missing");
  EXPECT_EQ(db.merge(R"({"_id":"a","n":1})"), "bad_request");
}

TEST(Write, old_revisions_are_forgotten_beyond_the_limit) {
  MemoryDatabase db({.revs_limit = 3});
  std::string rev = db.put(R"({"_id":"a"})");
  for (int i = 0; i < 9; ++i) rev = db.put(with_rev("a", rev, ""));
  const std::string text = db.get("a", {.revs_info = true});
  EXPECT_EQ(rev.substr(0, 3), "10-");
  EXPECT_NE(text.find("\"8-"), std::string::npos) << text;
  EXPECT_EQ(text.find("\"7-"), std::string::npos) << text;
}

TEST(Write, a_local_document_counts_its_writes_and_stays_out_of_the_feed) {
  MemoryDatabase db;
  EXPECT_EQ(db.put(R"({"_id":"_local/a","n":1})"), "0-1");
  EXPECT_EQ(db.put(R"({"_id":"_local/a","n":2})"), "conflict");
  EXPECT_EQ(db.put(R"({"_id":"_local/a","_rev":"0-1","n":2})"), "0-2");
  EXPECT_EQ(MemoryDatabase::text_of(run_task(db.database->get_local("_local/a"))),
            R"({"_id":"_local/a","_rev":"0-2","n":2})");
  EXPECT_EQ(db.info().update_sequence, 0U);
  EXPECT_EQ(db.put(R"({"_id":"_local/a","_rev":"0-2","_deleted":true})"), "0-0");
  EXPECT_EQ(MemoryDatabase::text_of(run_task(db.database->get_local("_local/a"))),
            "not_found: missing");
}

TEST(Write, what_was_written_is_there_after_opening_again) {
  auto data = std::make_shared<MemoryMediumData>();
  std::string text;
  std::string uuid;
  {
    MemoryDatabase db(data);
    db.put(R"({"_id":"a","n":1})");
    text = db.get("a");
    uuid = db.info().uuid;
  }
  MemoryDatabase again(data);
  EXPECT_EQ(again.get("a"), text);
  EXPECT_EQ(again.info().uuid, uuid);
  EXPECT_EQ(again.info().document_count, 1U);
}

TEST(Write, two_contexts_of_one_database_cannot_both_edit_the_same_revision) {
  auto data = std::make_shared<MemoryMediumData>();
  MemoryDatabase one(data);
  MemoryDatabase two(data);
  const std::string rev = one.put(R"({"_id":"a"})");
  EXPECT_EQ(two.put(with_rev("a", rev, R"(,"by":"two")")).substr(0, 2), "2-");
  EXPECT_EQ(one.put(with_rev("a", rev, R"(,"by":"one")")), "conflict");
  EXPECT_EQ(one.get("a"), two.get("a"));
}

}  // namespace
}  // namespace couchlet
