#include <gtest/gtest.h>

#include "document/memory_database.h"

namespace couchlet {
namespace {

std::string hash(char digit) { return std::string(32, digit); }

std::string document(const std::string& id, const std::string& rev, bool is_deleted = false) {
  return R"({"_id":")" + id + R"(","_rev":")" + rev +
         (is_deleted ? R"(","_deleted":true})" : R"("})");
}

class ConflictList : public testing::Test {
 protected:
  std::string list(ConflictListOptions options = {}) {
    return MemoryDatabase::text_of(run_task(db.database->conflicts(options)));
  }

  void put_in_conflict(const std::string& id) {
    for (const char digit : {'a', 'b', 'c'}) db.merge(document(id, "1-" + hash(digit)));
  }

  MemoryDatabase db;
};

TEST_F(ConflictList, is_empty_where_nobody_disagrees) {
  EXPECT_EQ(list(), R"({"rows":[],"last_seq":0,"pending":0})");
  db.put(R"({"_id":"a"})");
  EXPECT_EQ(list(), R"({"rows":[],"last_seq":1,"pending":0})");
}

TEST_F(ConflictList, names_the_winner_and_the_live_leaves_beside_it) {
  db.put(R"({"_id":"before"})");
  put_in_conflict("a");
  db.put(R"({"_id":"after"})");
  EXPECT_EQ(list(), R"({"rows":[{"id":"a","rev":"1-)" + hash('c') + R"(","conflicts":["1-)" +
                        hash('b') + R"(","1-)" + hash('a') + R"("]}],"last_seq":5,"pending":0})");
}

TEST_F(ConflictList, leaves_out_what_is_resolved) {
  put_in_conflict("a");
  db.put(document("a", "1-" + hash('a'), true));
  db.put(document("a", "1-" + hash('b'), true));
  EXPECT_EQ(list(), R"({"rows":[],"last_seq":5,"pending":0})");
  // A deleted document has no live leaf beside its tombstone.
  db.put(document("a", "1-" + hash('c'), true));
  EXPECT_EQ(list(), R"({"rows":[],"last_seq":6,"pending":0})");
}

TEST_F(ConflictList, comes_in_pages) {
  for (const char* id : {"a", "b", "c"}) put_in_conflict(id);
  const std::string first = list({.limit = 2});
  EXPECT_NE(first.find(R"("id":"b")"), std::string::npos) << first;
  EXPECT_EQ(first.find(R"("id":"c")"), std::string::npos) << first;
  EXPECT_NE(first.find(R"("last_seq":6,"pending":3)"), std::string::npos) << first;
  const std::string second = list({.since = 6, .limit = 2});
  EXPECT_EQ(second.find(R"("id":"b")"), std::string::npos) << second;
  EXPECT_NE(second.find(R"("id":"c")"), std::string::npos) << second;
  EXPECT_NE(second.find(R"("last_seq":9,"pending":0)"), std::string::npos) << second;
}

TEST_F(ConflictList, of_a_database_without_conflicts_ends_a_page_before_it_has_read_everything) {
  std::vector<std::string> texts;
  for (int i = 0; i < 25'000; ++i) texts.push_back(R"({"_id":")" + std::to_string(i) + "\"}");
  EXPECT_TRUE(run_task(db.database->write({texts.begin(), texts.end()}, {})).ok());
  EXPECT_EQ(list(), R"({"rows":[],"last_seq":20000,"pending":5000})");
  EXPECT_EQ(list({.since = 20'000}), R"({"rows":[],"last_seq":25000,"pending":0})");
}

}  // namespace
}  // namespace couchlet
