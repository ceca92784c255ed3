#include "replicate/missing_documents.h"

#include <gtest/gtest.h>

namespace couchlet {
namespace {

Revision revision(std::string_view text) { return *Revision::parse(text); }

PeerChange row(std::string id, std::vector<std::string_view> leaves, std::string_view document) {
  PeerChange row;
  row.id = std::move(id);
  for (const auto leaf : leaves) row.revisions.push_back(revision(leaf));
  row.document = document;
  return row;
}

// Sorts one row of which all revisions are missing: "page", or what is wanted.
std::string sorted(const PeerChange& only) {
  MissingDocuments result = sort_missing({only}, {{only.id, only.revisions, {}}});
  std::string text = result.in_page.empty() ? "" : "page";
  for (const WantedRevision& wanted : result.wanted) text += " " + wanted.revision.text();
  return text;
}

TEST(MissingDocumentsTest, a_first_generation_is_taken_from_the_page) {
  EXPECT_EQ(sorted(row("a", {"1-x"}, R"({"_id":"a","_rev":"1-x"})")), "page");
  EXPECT_EQ(sorted(row("a", {"1-x"}, R"({"n":1,"_rev":"1-x","_id":"a"})")), "page");
}

TEST(MissingDocumentsTest, all_that_needs_its_history_is_fetched) {
  EXPECT_EQ(sorted(row("a", {"2-x"}, R"({"_id":"a","_rev":"2-x"})")), " 2-x");
  EXPECT_EQ(sorted(row("a", {"1-x", "1-y"}, R"({"_id":"a","_rev":"1-x"})")), " 1-x 1-y");
  EXPECT_EQ(sorted(row("a", {"1-x"}, "")), " 1-x");
  PeerChange tombstone = row("a", {"1-x"}, R"({"_id":"a","_rev":"1-x","_deleted":true})");
  tombstone.is_deleted = true;
  EXPECT_EQ(sorted(tombstone), " 1-x");
}

TEST(MissingDocumentsTest, a_text_of_another_revision_or_document_is_not_taken) {
  EXPECT_EQ(sorted(row("a", {"1-x"}, R"({"_id":"a","_rev":"2-y"})")), " 1-x");
  EXPECT_EQ(sorted(row("a", {"1-x"}, R"({"_id":"b","_rev":"1-x"})")), " 1-x");
  EXPECT_EQ(sorted(row("a", {"1-x"}, R"({"nested":{"_id":"a","_rev":"1-x"}})")), " 1-x");
}

TEST(MissingDocumentsTest, only_what_is_missing_is_wanted) {
  const auto rows = {row("a", {"2-x", "2-y"}, ""), row("b", {"1-z"}, "")};
  const MissingDocuments result = sort_missing(rows, {{"a", {revision("2-y")}, {revision("1-w")}}});
  ASSERT_EQ(result.wanted.size(), 1u);
  EXPECT_EQ(result.wanted[0].revision, revision("2-y"));
  EXPECT_EQ(result.wanted[0].possible_ancestors, std::vector{revision("1-w")});
  EXPECT_EQ(result.first_generations, 0u);
}

TEST(MissingDocumentsTest, a_document_that_comes_twice_is_asked_about_once) {
  const std::vector rows = {row("a", {"1-x"}, ""), row("b", {"1-y"}, ""),
                            row("a", {"2-z", "1-x"}, "")};
  const auto asked = question_about(rows, 0).asked;
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].revisions.size(), 2u);
}

PeerChange edit(std::string id, std::vector<std::string_view> leaves) {
  PeerChange plain = row(std::move(id), std::move(leaves), "");
  plain.is_plain_edit = true;
  return plain;
}

TEST(MissingDocumentsTest, no_more_plain_edits_are_asked_about_than_is_wanted) {
  const std::vector rows = {edit("a", {"1-x"}), row("b", {"1-y"}, ""), edit("c", {"3-z"})};
  EXPECT_EQ(question_about(rows, SIZE_MAX).asked.size(), 3u);
  EXPECT_TRUE(question_about(rows, SIZE_MAX).unasked.empty());

  const Question none = question_about(rows, 0);
  ASSERT_EQ(none.asked.size(), 1u);
  EXPECT_EQ(none.asked[0].id, "b");
  EXPECT_TRUE(none.edits.empty());
  EXPECT_EQ(none.unasked.size(), 2u);

  const Question first = question_about(rows, 1);
  EXPECT_EQ(first.asked.size(), 2u);
  EXPECT_EQ(first.edits, std::vector<std::string_view>{"a"});
  ASSERT_EQ(first.unasked.size(), 1u);
  EXPECT_EQ(first.unasked[0].id, "c");
  EXPECT_EQ(first.unasked[0].revisions, std::vector{revision("3-z")});
}

TEST(MissingDocumentsTest, an_answer_tells_whether_the_plain_edits_asked_about_are_missing) {
  const std::vector rows = {edit("a", {"1-x"}), row("b", {"1-y"}, ""), edit("c", {"3-z"})};
  const MissingRevisions a{"a", {revision("1-x")}, {}};
  const MissingRevisions b{"b", {revision("1-y")}, {}};
  const MissingRevisions c{"c", {revision("3-z")}, {}};
  const Question both = question_about(rows, 2);
  EXPECT_EQ(edits_found(both, {a, c}), EditsFound::kAllMissing);
  EXPECT_EQ(edits_found(both, {a, b}), EditsFound::kSomeKnown);
  EXPECT_EQ(edits_found(question_about(rows, 1), {a}), EditsFound::kAllMissing);
  EXPECT_EQ(edits_found(question_about(rows, 0), {b}), EditsFound::kNone);
}

}  // namespace
}  // namespace couchlet
