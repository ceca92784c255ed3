#include "query/selector_filter.h"

#include <gtest/gtest.h>

#include "document/memory_database.h"
#include "query/plain_regex.h"

namespace couchlet {
namespace {

TEST(SelectorFilter, chooses_changes) {
  MemoryDatabase db;
  db.put(R"({"_id":"a","n":1})");
  const std::string rev = db.put(R"({"_id":"b","n":2})");
  db.put(R"({"_id":"c","n":3})");
  db.put(R"({"_id":"b","_rev":")" + rev + R"(","_deleted":true})");
  PlainRegexMatcher regexes;
  const auto ids = [&](std::string_view selector) {
    ChangesOptions options;
    options.filter = *SelectorFilter::parse(selector, regexes);
    std::string found;
    const auto page = *run_task(db.database->changes_page(std::move(options), nullptr));
    for (const ChangeRow& row : page.rows) found.append(row.id);
    return found;
  };
  EXPECT_EQ(ids(R"({"n":{"$gt":1}})"), "c");
  EXPECT_EQ(ids(R"({"_deleted":true})"), "b");
  EXPECT_EQ(ids(R"({"_id":{"$regex":"^[ab]"}})"), "");
  EXPECT_EQ(ids(R"({"_id":{"$regex":"^a"}})"), "a");
  EXPECT_EQ(ids("{}"), "acb");
}

TEST(SelectorFilter, is_refused_as_a_selector_is) {
  PlainRegexMatcher regexes;
  EXPECT_EQ(SelectorFilter::parse("1", regexes).error().name, "invalid_selector_json");
}

}  // namespace
}  // namespace couchlet
