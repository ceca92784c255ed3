#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/changes_page.h"
#include "document/memory_database.h"

namespace couchlet {
namespace {

// Passes documents whose text has a word in it, and remembers how often it was asked.
class WordFilter final : public ChangeFilter {
 public:
  explicit WordFilter(std::string word) : word_(std::move(word)) {}

  Result<std::vector<bool>> passing(const std::vector<std::string_view>& documents) override {
    ++calls;
    most_at_once = std::max(most_at_once, documents.size());
    if (fails) return errors::bad_request("The filter fails.");
    std::vector<bool> passes;
    for (const std::string_view text : documents) passes.push_back(text.find(word_) != text.npos);
    return passes;
  }

  int calls = 0;
  size_t most_at_once = 0;
  bool fails = false;

 private:
  std::string word_;
};

class FilteredChanges : public testing::Test {
 protected:
  static ChangesOptions red(ChangesOptions options = {}) {
    options.filter = std::make_shared<WordFilter>("red");
    return options;
  }
  ChangesPage page(ChangesOptions options) {
    return *run_task(db.database->changes_page(std::move(options), nullptr));
  }

  struct Part {
    uint64_t since;
    std::string ids;
    uint64_t last_sequence;
    bool is_partial = false;
  };

  // A page, and whether it came only when others had had their turn.
  struct LatePage {
    std::optional<ChangesPage> found;
    bool was_late = false;
  };
  LatePage late_page(ChangesOptions options) {
    const auto page = std::make_shared<LatePage>();
    spawn(read_page(*db.database, std::move(options), page));
    page->was_late = !page->found;
    db.clock.advance(0);
    return *page;
  }
  static Task<void> read_page(Database& database, ChangesOptions options,
                              std::shared_ptr<LatePage> page) {
    page->found = *co_await database.changes_page(std::move(options), nullptr);
  }

  static std::string ids_of(const ChangesPage& page) {
    std::string ids;
    for (const ChangeRow& row : page.rows) ids.append(row.id);
    return ids;
  }
  void put(const std::string& id, const std::string& color) {
    db.put("{\"_id\":\"" + id + "\",\"color\":\"" + color + "\"}");
  }

  MemoryDatabase db;
};

TEST_F(FilteredChanges, have_only_the_documents_that_pass) {
  for (const char* id : {"a", "c", "e"}) put(id, "red");
  for (const char* id : {"b", "d", "f"}) put(id, "blue");
  EXPECT_EQ(ids_of(page(red())), "ace");
  EXPECT_EQ(ids_of(page(red({.descending = true}))), "eca");
  EXPECT_EQ(page(red()).rows.front().document, "");
  EXPECT_NE(page(red({.include_docs = true})).rows.front().document.find("red"), std::string::npos);
}

TEST_F(FilteredChanges, are_looked_at_in_parts_if_asked_to_and_others_have_their_turn_between) {
  for (int i = 0; i < 10; ++i) put(std::to_string(i), i % 5 == 0 ? "red" : "blue");
  ChangesOptions named;
  named.doc_ids = {"0", "5"};
  for (ChangesOptions options : {red(), named}) {
    options.most_looked_at = 3;
    for (const auto& [since, ids, last, is_partial] :
         {Part{0, "0", 3, true}, Part{3, "5", 6, true}, Part{6, "", 9, true}, Part{9, "", 10}}) {
      options.since = since;
      const LatePage page = late_page(options);
      ASSERT_TRUE(page.found);
      EXPECT_EQ(page.was_late, is_partial);
      EXPECT_EQ(page.found->is_partial, is_partial);
      EXPECT_EQ(ids_of(*page.found), ids);
      EXPECT_EQ(page.found->last_sequence, last);
    }
  }
}

TEST_F(FilteredChanges, a_longpoll_does_not_wait_where_there_are_others_to_look_at) {
  for (int i = 0; i < 10; ++i) put(std::to_string(i), "blue");
  const LatePage page = late_page(red({.longpoll = true, .most_looked_at = 3}));
  ASSERT_TRUE(page.found);
  EXPECT_TRUE(page.found->is_partial);
  EXPECT_EQ(page.found->last_sequence, 3u);
}

TEST_F(FilteredChanges, end_past_what_did_not_pass) {
  for (const char* id : {"a", "b", "c"}) put(id, "red");
  for (const char* id : {"d", "e"}) put(id, "blue");
  put("f", "red");
  put("g", "blue");
  const ChangesPage two = page(red({.limit = 2}));
  EXPECT_EQ(ids_of(two), "ab");
  EXPECT_EQ(two.last_sequence, 2u);
  const ChangesPage third = page(red({.since = 2, .limit = 1}));
  EXPECT_EQ(ids_of(third), "c");
  EXPECT_EQ(third.last_sequence, 5u);
  const ChangesPage last = page(red({.since = 5, .limit = 1}));
  EXPECT_EQ(ids_of(last), "f");
  EXPECT_EQ(last.last_sequence, 7u);
  EXPECT_EQ(last.pending, 0u);
  EXPECT_EQ(page(red({.since = 6})).last_sequence, 7u);
}

TEST_F(FilteredChanges, are_asked_about_many_at_once_and_page_by_page_tell_the_same) {
  std::string expected;
  for (int i = 0; i < 1200; ++i) {
    const std::string id = std::to_string(10000 + i);
    put(id, i % 7 == 0 ? "red" : "blue");
    if (i % 7 == 0) expected.append(id);
  }
  const auto filter = std::make_shared<WordFilter>("red");
  EXPECT_EQ(ids_of(page({.filter = filter})), expected);
  EXPECT_EQ(filter->calls, 3);
  EXPECT_EQ(filter->most_at_once, 500u);
  std::string pages;
  for (uint64_t since = 0;;) {
    const ChangesPage next = page(red({.since = since, .limit = 13}));
    pages.append(ids_of(next));
    since = next.last_sequence;
    if (next.rows.size() < 13) break;
  }
  EXPECT_EQ(pages, expected);
}

TEST_F(FilteredChanges, name_the_leaves_that_pass) {
  db.merge(R"({"_id":"a","_rev":"1-a","color":"red"})");
  db.merge(R"({"_id":"a","_rev":"1-b","color":"blue"})");
  db.merge(R"({"_id":"b","_rev":"1-a","color":"blue"})");
  db.merge(R"({"_id":"b","_rev":"1-b","color":"red"})");
  const ChangesPage all = page(red({.all_leaves = true}));
  ASSERT_EQ(ids_of(all), "ab");
  ASSERT_EQ(all.rows[0].revisions.size(), 1u);
  EXPECT_EQ(all.rows[0].revisions[0].text(), "1-a");
  EXPECT_EQ(all.rows[1].revisions[0].text(), "1-b");
  EXPECT_EQ(ids_of(page(red())), "b");
}

TEST_F(FilteredChanges, are_asked_about_tombstones) {
  put("a", "red");
  const std::string rev = db.put(R"({"_id":"b","color":"red"})");
  db.put(R"({"_id":"b","_rev":")" + rev + R"(","_deleted":true})");
  EXPECT_EQ(ids_of(page(red())), "a");
  EXPECT_EQ(ids_of(page({.filter = std::make_shared<WordFilter>("_deleted")})), "b");
}

TEST_F(FilteredChanges, of_a_live_feed_come_when_one_passes) {
  put("a", "red");
  std::optional<Result<ChangesPage>> out;
  spawn([](MemoryDatabase& database, ChangesOptions options,
           std::optional<Result<ChangesPage>>& to) -> Task<void> {
    to.emplace(co_await database.database->changes_page(std::move(options), nullptr));
  }(db, red({.since = 1, .longpoll = true}), out));
  put("b", "blue");
  EXPECT_FALSE(out.has_value());
  put("c", "red");
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(ids_of(**out), "c");
}

TEST_F(FilteredChanges, fail_with_the_filter) {
  put("a", "red");
  const auto filter = std::make_shared<WordFilter>("red");
  filter->fails = true;
  EXPECT_EQ(db.changes({.filter = filter}), "bad_request: The filter fails.");
}

}  // namespace
}  // namespace couchlet
