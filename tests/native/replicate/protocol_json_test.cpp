// The parts that no peer shows; http_peer_test.cpp has the others.
#include "replicate/protocol_json.h"

#include <gtest/gtest.h>

namespace couchlet {
namespace {

TEST(ProtocolJson, a_sequence_has_a_number_or_none) {
  EXPECT_EQ(number_of_sequence("12"), 12u);
  EXPECT_EQ(number_of_sequence("\"12-g1AAAA\""), 12u);
  EXPECT_EQ(number_of_sequence("\"12\""), 12u);
  EXPECT_EQ(number_of_sequence("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "\"\"", "\"now\"", "[12,\"x\"]", "-1", "1.5", "\"12x\"", "null",
                           "18446744073709551616"}) {
    EXPECT_FALSE(number_of_sequence(text).has_value()) << text;
  }
}

TEST(ProtocolJson, an_identity_is_that_of_the_document_itself) {
  const auto identity =
      identity_of(R"({"a":{"_id":"no"},"_id":"yes","b":[],"_rev":"1-x","_id":"no"})");
  EXPECT_EQ(identity.id, "yes");
  EXPECT_EQ(identity.rev, "1-x");
  EXPECT_EQ(identity_of("{}").id, "");
  EXPECT_EQ(identity_of("[").id, "");
  EXPECT_EQ(identity_of(R"({"_id":7,"_rev":null})").rev, "");
}

// Whatever the place at which an answer breaks off, the rows before it are whole, and it never is
// an error: the rest is asked for again.
TEST(ProtocolJson, the_beginning_of_a_page_has_the_rows_that_are_whole) {
  const std::string text =
      R"({"results":[{"seq":"1-a","id":"a","changes":[{"rev":"1-x"}],"doc":{"_id":"a","b":"]}"}},)"
      R"({"seq":null,"id":"b","changes":[{"rev":"1-x"}]},)"
      R"({"seq":"3-c","id":"c","changes":[{"rev":"1-x"}]}],"last_seq":"3-c","pending":0})";
  size_t rows = 0;
  for (size_t length = 0; length <= text.size(); ++length) {
    const auto page = parse_changes(std::make_shared<std::string>(text.substr(0, length)), true);
    ASSERT_TRUE(page.ok()) << length;
    ASSERT_TRUE(page->is_partial);
    ASSERT_GE(page->rows.size(), rows) << length;
    rows = page->rows.size();
    ASSERT_EQ(page->last_sequence, rows == 0 ? "" : page->rows.back().sequence);
    ASSERT_NE(rows, 2u) << "the second row's sequence is not known";
  }
  EXPECT_EQ(rows, 3u);
}

TEST(ProtocolJson, every_beginning_of_an_answer_that_should_be_whole_is_an_error) {
  const std::string page =
      R"({"results":[{"seq":1,"id":"a","changes":[{"rev":"1-x"}]}],"last_seq":1})";
  const std::string documents =
      R"({"results":[{"id":"a","docs":[{"ok":{"_id":"a","_rev":"1-x"}}]}]})";
  const std::string refused = R"([{"id":"a","rev":"1-x","error":"forbidden","reason":"no"}])";
  const std::string missing = R"({"a":{"missing":["1-x"],"possible_ancestors":["1-y"]}})";
  for (size_t i = 0; i < page.size(); ++i) {
    ASSERT_FALSE(parse_changes(std::make_shared<std::string>(page.substr(0, i)), false).ok()) << i;
  }
  for (size_t i = 0; i < documents.size(); ++i) {
    ASSERT_FALSE(parse_bulk_get(documents.substr(0, i), false).ok()) << i;
  }
  for (size_t i = 0; i < refused.size(); ++i) {
    ASSERT_FALSE(parse_bulk_docs(refused.substr(0, i)).ok()) << i;
  }
  for (size_t i = 0; i < missing.size(); ++i) {
    ASSERT_FALSE(parse_revs_diff(missing.substr(0, i)).ok()) << i;
  }
}

TEST(ProtocolJson, the_beginning_of_fetched_documents_has_the_results_that_are_whole) {
  const std::string text =
      R"({"results":[{"id":"a","docs":[{"ok":{"_id":"a","_rev":"1-x"}},{"ok":{"_id":"a","_rev":"1-y"}}]},)"
      R"({"id":"b","docs":[{"error":{"id":"b","rev":"1-x","error":"not_found"}}]}]})";
  size_t rows = 0;
  for (size_t length = 0; length <= text.size(); ++length) {
    const auto parsed = parse_bulk_get(std::string_view(text).substr(0, length), true);
    ASSERT_TRUE(parsed.ok()) << length;
    ASSERT_GE(parsed->size(), rows);
    rows = parsed->size();
    ASSERT_NE(rows, 1u) << "half of a document's revisions";
  }
  EXPECT_EQ(rows, 3u);
}

}  // namespace
}  // namespace couchlet
