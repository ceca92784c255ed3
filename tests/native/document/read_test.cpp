#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "document/memory_database.h"
#include "store/fault_medium.h"

namespace couchlet {
namespace {

constexpr const char* kRev = "1-967a00dff5e02add41819138abb3284d";  // of an empty body

// Ids of the rows of an answer, in order.
std::string ids_of(const std::string& text) {
  std::string ids;
  const std::string mark = "\"id\":\"";
  for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const size_t start = at + mark.size();
    ids.append(text, start, text.find('"', start) - start);
  }
  return ids;
}

class Read : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* id : {"a", "b", "c", "d"}) db.put(R"({"_id":")" + std::string(id) + "\"}");
  }
  MemoryDatabase db;
};

TEST_F(Read, all_docs_has_couchdbs_shape) {
  EXPECT_EQ(db.all_docs({.include_docs = true, .update_seq = true, .limit = 1}),
            R"({"total_rows":4,"offset":0,"update_seq":4,"rows":[{"id":"a","key":"a",)"
            R"("value":{"rev":")" +
                std::string(kRev) + R"("},"doc":{"_id":"a","_rev":")" + kRev + "\"}}]}");
}

TEST_F(Read, all_docs_selects_by_key_range_in_both_directions) {
  EXPECT_EQ(ids_of(db.all_docs()), "abcd");
  EXPECT_EQ(ids_of(db.all_docs({.startkey = "b"})), "bcd");
  EXPECT_EQ(ids_of(db.all_docs({.startkey = "bb", .endkey = "d"})), "cd");
  EXPECT_EQ(ids_of(db.all_docs({.endkey = "c", .inclusive_end = false})), "ab");
  EXPECT_EQ(ids_of(db.all_docs({.key = "b"})), "b");
  EXPECT_EQ(ids_of(db.all_docs({.key = "x"})), "");
  EXPECT_EQ(ids_of(db.all_docs({.descending = true})), "dcba");
  EXPECT_EQ(ids_of(db.all_docs({.startkey = "c", .endkey = "a", .descending = true})), "cba");
  EXPECT_EQ(ids_of(db.all_docs(
                {.startkey = "c", .endkey = "a", .inclusive_end = false, .descending = true})),
            "cb");
  EXPECT_EQ(ids_of(db.all_docs({.startkey = "b", .inclusive_start = false})), "cd");
  EXPECT_EQ(ids_of(db.all_docs({.startkey = "bb", .inclusive_start = false})), "cd");
  EXPECT_EQ(ids_of(db.all_docs({.startkey = "c", .inclusive_start = false, .descending = true})),
            "ba");
  EXPECT_EQ(ids_of(db.all_docs({.limit = 2, .skip = 1})), "bc");
  EXPECT_EQ(ids_of(db.all_docs({.descending = true, .limit = 2, .skip = 1})), "cb");
  EXPECT_EQ(ids_of(db.all_docs({.limit = 0})), "");
  EXPECT_EQ(ids_of(db.all_docs({.startkey = "d", .endkey = "a"})), "");
}

TEST_F(Read, all_docs_is_cut_off_where_it_has_taken_enough_bytes) {
  const std::string filler(1000, 'x');
  for (const char* id : {"e", "f", "g"}) {
    db.put(R"({"_id":")" + std::string(id) + R"(","text":")" + filler + "\"}");
  }
  const std::string cut = db.all_docs({.startkey = "d", .include_docs = true, .max_bytes = 1500});
  EXPECT_EQ(ids_of(cut), "def");
  EXPECT_NE(cut.find(R"("is_cut":true)"), std::string::npos);
  // A row at least; and what ends where it would have been cut has not been cut.
  EXPECT_EQ(ids_of(db.all_docs({.startkey = "e", .include_docs = true, .max_bytes = 1})), "e");
  const std::string last = db.all_docs({.startkey = "g", .include_docs = true, .max_bytes = 1});
  EXPECT_EQ(last.find("is_cut"), std::string::npos) << last;
  const std::string limited = db.all_docs({.startkey = "f", .limit = 1, .max_bytes = 1});
  EXPECT_EQ(limited.find("is_cut"), std::string::npos) << limited;
}

// Bodies are read in the order in which they were written.
TEST_F(Read, rows_have_their_places_in_whatever_order_their_bodies_lie) {
  for (int i = 99; i >= 10; --i) {
    const std::string id = "x" + std::to_string(i * 37 % 100 + 100);
    db.put(R"({"_id":")" + id + R"(","same":")" + id + "\"}");
  }
  for (const bool is_flushed : {false, true}) {
    if (is_flushed) ASSERT_TRUE(run_task(db.database->compact()).ok());
    const std::string rows = db.all_docs({.startkey = "x", .include_docs = true});
    std::string before;
    int count = 0;
    const std::string mark = "{\"id\":\"";
    for (size_t at = rows.find(mark); at != std::string::npos; at = rows.find(mark, at + 1)) {
      const std::string id = rows.substr(at + mark.size(), 4);
      EXPECT_LT(before, id);
      const size_t end = std::min(rows.find(mark, at + 1), rows.size());
      EXPECT_NE(rows.substr(at, end - at).find(R"("same":")" + id), std::string::npos) << id;
      before = id;
      ++count;
    }
    EXPECT_EQ(count, 90);
    EXPECT_EQ(ids_of(db.changes({.include_docs = true})), ids_of(db.changes()));
  }
}

TEST_F(Read, a_document_in_memory_is_there_at_once_and_is_the_same) {
  db.put(R"({"_id":"e","n":1,"text":"Küche"})");
  EXPECT_EQ(db.database->get_at_once("e"), db.get("e"));
  EXPECT_EQ(db.database->get_at_once("a"), db.get("a"));
  EXPECT_EQ(db.database->get_at_once("missing"), std::nullopt);
  db.put(R"({"_id":"a","_deleted":true,"_rev":")" + std::string(kRev) + "\"}");
  EXPECT_EQ(db.database->get_at_once("a"), std::nullopt);
}

TEST_F(Read, what_has_to_be_read_is_not_there_at_once) {
  ASSERT_TRUE(run_task(db.database->compact()).ok());
  MemoryDatabase reopened(db.data);
  EXPECT_EQ(reopened.database->get_at_once("a"), std::nullopt);
  const std::string text = reopened.get("a");
  EXPECT_EQ(reopened.database->get_at_once("a"), text);
}

TEST_F(Read, all_docs_by_keys_answers_each_in_order) {
  const std::string rev =
      db.put(R"({"_id":"b","_rev":")" + std::string(kRev) + R"(","_deleted":true})");
  AllDocsOptions options{.include_docs = true};
  options.keys = {"d", "x", "b"};
  EXPECT_EQ(db.all_docs(options),
            R"({"total_rows":3,"offset":0,"rows":[{"id":"d","key":"d","value":{"rev":")" +
                std::string(kRev) + R"("},"doc":{"_id":"d","_rev":")" + kRev +
                R"("}},{"key":"x","error":"not_found"},{"id":"b","key":"b","value":{"rev":")" +
                rev + R"(","deleted":true},"doc":null}]})");
  EXPECT_EQ(ids_of(db.all_docs()), "acd");
}

TEST_F(Read, ids_are_ordered_by_their_bytes) {
  MemoryDatabase other;
  for (const char* id : {"é", "Z", "a", "😀", "z", "0"}) {
    other.put(R"({"_id":")" + std::string(id) + "\"}");
  }
  EXPECT_EQ(ids_of(other.all_docs()), "0Zazé😀");
}

TEST_F(Read, the_feed_has_each_document_once_in_the_order_of_its_newest_change) {
  db.put(R"({"_id":"a","_rev":")" + std::string(kRev) + R"(","n":1})");
  EXPECT_EQ(ids_of(db.changes()), "bcda");
  EXPECT_EQ(ids_of(db.changes({.descending = true})), "adcb");
  EXPECT_EQ(ids_of(db.changes({.since = 3})), "da");
  EXPECT_EQ(ids_of(db.changes({.limit = 2})), "bc");
  EXPECT_EQ(ids_of(db.changes({.since = 99})), "");
  EXPECT_EQ(ids_of(db.changes({.since_now = true})), "");
  ChangesOptions some;
  some.doc_ids = {"a", "d", "x"};
  EXPECT_EQ(ids_of(db.changes(some)), "da");
}

TEST_F(Read, a_row_of_the_feed_has_couchdbs_shape) {
  EXPECT_EQ(db.changes({.include_docs = true, .limit = 1}),
            R"({"results":[{"seq":1,"id":"a","changes":[{"rev":")" + std::string(kRev) +
                R"("}],"doc":{"_id":"a","_rev":")" + kRev + R"("}}],"last_seq":1,"pending":3})");
}

TEST_F(Read, the_feed_shows_all_leaves_where_asked_to) {
  db.merge(R"({"_id":"a","_rev":"1-ffffffffffffffffffffffffffffffff"})");
  const std::string all = db.changes({.since = 4, .all_leaves = true});
  EXPECT_NE(all.find(R"("changes":[{"rev":"1-ffffffffffffffffffffffffffffffff"},{"rev":")" +
                     std::string(kRev)),
            std::string::npos)
      << all;
  EXPECT_EQ(db.changes({.since = 4}).find(kRev), std::string::npos);
}

TEST_F(Read, a_longpoll_waits_for_a_change) {
  std::optional<Result<ChangesPage>> page;
  auto wait = [](Database& database, std::optional<Result<ChangesPage>>& out) -> Task<void> {
    out.emplace(co_await database.changes_page({.since = 4, .longpoll = true}, nullptr));
  };
  spawn(wait(*db.database, page));
  EXPECT_FALSE(page);
  db.put(R"({"_id":"e"})");
  ASSERT_TRUE(page);
  EXPECT_EQ((*page)->rows.at(0).id, "e");
}

TEST_F(Read, a_longpoll_ends_when_its_time_is_over_or_it_is_cancelled) {
  std::optional<Result<ChangesPage>> timed;
  std::optional<Result<ChangesPage>> cancelled;
  auto cancellation = std::make_shared<Cancellation>();
  auto wait = [](Database& database, ChangesOptions options, std::shared_ptr<Cancellation> cancel,
                 std::optional<Result<ChangesPage>>& out) -> Task<void> {
    out.emplace(co_await database.changes_page(options, cancel));
  };
  const ChangesOptions options{.since = 4, .longpoll = true, .timeout_ms = 1000};
  spawn(wait(*db.database, options, nullptr, timed));
  spawn(wait(*db.database, options, cancellation, cancelled));
  cancellation->cancel();
  ASSERT_TRUE(cancelled);
  EXPECT_TRUE((*cancelled)->rows.empty());
  EXPECT_FALSE(timed);
  db.clock.advance(1000);
  ASSERT_TRUE(timed);
  EXPECT_EQ((*timed)->last_sequence, 4U);
}

TEST_F(Read, a_longpoll_looks_at_its_end_for_what_no_news_have_come_of) {
  auto faults = std::make_shared<Faults>();
  faults->is_news_lost = true;
  auto medium = std::make_unique<FaultMedium>(std::make_unique<MemoryMedium>(db.data), faults);
  const auto deaf =
      *run_task(Database::open(std::move(medium), {.name = "test"}, db.clock, db.random));
  std::optional<Result<ChangesPage>> page;
  auto wait = [](Database& database, std::optional<Result<ChangesPage>>& out) -> Task<void> {
    const ChangesOptions options{.since = 4, .longpoll = true, .timeout_ms = 1000};
    out.emplace(co_await database.changes_page(options, nullptr));
  };
  spawn(wait(*deaf, page));
  db.put(R"({"_id":"e"})");
  EXPECT_FALSE(page);
  db.clock.advance(1000);
  ASSERT_TRUE(page);
  ASSERT_EQ((*page)->rows.size(), 1U);
  EXPECT_EQ((*page)->rows.at(0).id, "e");
}

TEST_F(Read, open_revs_gives_leaves_and_says_which_are_missing) {
  db.merge(R"({"_id":"a","_rev":"1-ffffffffffffffffffffffffffffffff"})");
  const std::string all = db.get("a", {.open_revs_all = true});
  EXPECT_EQ(all, R"([{"ok":{"_id":"a","_rev":"1-ffffffffffffffffffffffffffffffff"}},)"
                 R"({"ok":{"_id":"a","_rev":")" +
                     std::string(kRev) + "\"}}]");
  GetOptions some;
  some.open_revs = {"1-00000000000000000000000000000000"};
  EXPECT_EQ(db.get("a", some), R"([{"missing":"1-00000000000000000000000000000000"}])");
  EXPECT_EQ(db.get("x", {.open_revs_all = true}), "not_found: missing");
}

TEST_F(Read, latest_stands_for_the_leaves_that_descend_from_a_revision) {
  const std::string second = db.put(R"({"_id":"a","_rev":")" + std::string(kRev) + R"(","n":2})");
  EXPECT_EQ(db.get("a", {.rev = kRev, .latest = true}), db.get("a"));
  EXPECT_NE(db.get("a", {.rev = kRev}), db.get("a"));
  GetOptions open{.latest = true};
  open.open_revs = {kRev, second};
  EXPECT_EQ(db.get("a", open), R"([{"ok":)" + db.get("a") + "}]");
}

TEST_F(Read, a_bad_revision_is_a_bad_request) {
  EXPECT_EQ(db.get("a", {.rev = "nonsense"}), "bad_request: Invalid rev format");
  EXPECT_EQ(db.get("a", {.rev = "7-00000000000000000000000000000000"}), "not_found: missing");
}

TEST_F(Read, revs_diff_names_what_is_missing_and_what_it_may_descend_from) {
  const std::string request = R"({"a":[")" + std::string(kRev) +
                              R"(","2-00000000000000000000000000000000"],"x":["1-a"],"b":[]})";
  EXPECT_EQ(MemoryDatabase::text_of(run_task(db.database->revs_diff(request))),
            R"({"a":{"missing":["2-00000000000000000000000000000000"],"possible_ancestors":[")" +
                std::string(kRev) + R"("]},"x":{"missing":["1-a"]}})");
  EXPECT_FALSE(run_task(db.database->revs_diff("[]")).ok());
  EXPECT_FALSE(run_task(db.database->revs_diff(R"({"a":["nonsense"]})")).ok());
}

TEST_F(Read, bulk_get_answers_each_entry_in_order) {
  const std::string request = R"({"docs":[{"id":"b"},{"id":"x"},{"id":"a","rev":"1-a"}]})";
  EXPECT_EQ(MemoryDatabase::text_of(run_task(db.database->bulk_get(request, {.revs = true}))),
            R"({"results":[{"id":"b","docs":[{"ok":{"_id":"b","_rev":")" + std::string(kRev) +
                R"(","_revisions":{"start":1,"ids":[")" + std::string(kRev).substr(2) +
                R"("]}}}]},{"id":"x","docs":[{"error":{"id":"x","rev":"undefined",)"
                R"("error":"not_found","reason":"missing"}}]},{"id":"a","docs":[{"error":)"
                R"({"id":"a","rev":"1-a","error":"not_found","reason":"missing"}}]}]})");
}

}  // namespace
}  // namespace couchlet
