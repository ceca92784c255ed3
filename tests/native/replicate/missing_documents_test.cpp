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
  const auto asked =
      revisions_of({row("a", {"1-x"}, ""), row("b", {"1-y"}, ""), row("a", {"2-z", "1-x"}, "")});
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].revisions.size(), 2u);
}

PeerChange edit(std::string id, std::vector<std::string_view> leaves) {
  PeerChange plain = row(std::move(id), std::move(leaves), "");
  plain.is_plain_edit = true;
  return plain;
}

TEST(MissingDocumentsTest, plain_edits_are_asked_about_until_it_is_known_that_they_are_missing) {
  const std::vector rows = {edit("a", {"1-x"}), row("b", {"1-y"}, ""), edit("c", {"3-z"})};
  EXPECT_EQ(question_about(rows, false).asked.size(), 3u);
  EXPECT_TRUE(question_about(rows, false).unasked.empty());
  const Question question = question_about(rows, true);
  ASSERT_EQ(question.asked.size(), 1u);
  EXPECT_EQ(question.asked[0].id, "b");
  ASSERT_EQ(question.unasked.size(), 2u);
  EXPECT_EQ(question.unasked[1].id, "c");
  EXPECT_EQ(question.unasked[1].missing, std::vector{revision("3-z")});
}

TEST(MissingDocumentsTest, an_answer_tells_whether_plain_edits_are_missing) {
  const std::vector rows = {edit("a", {"1-x"}), row("b", {"1-y"}, ""), edit("c", {"3-z"})};
  const MissingRevisions a{"a", {revision("1-x")}, {}};
  const MissingRevisions b{"b", {revision("1-y")}, {}};
  const MissingRevisions c{"c", {revision("3-z")}, {}};
  EXPECT_EQ(edits_found(rows, {a, c}), EditsFound::kAllMissing);
  EXPECT_EQ(edits_found(rows, {a, b}), EditsFound::kSomeKnown);
  EXPECT_EQ(edits_found({rows[1]}, {b}), EditsFound::kNone);
}

}  // namespace
}  // namespace couchlet
