#include "document/revision_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "document/revision_history.h"

namespace couchlet {
namespace {

using Merge = RevisionTree::Merge;
using Texts = std::vector<std::string>;

using Numbers = std::vector<uint64_t>;

constexpr RevisionInfo kLive{.body = 1, .size = 10};
constexpr RevisionInfo kDeleted{.is_deleted = true, .body = 2, .size = 20};

Merge merge(RevisionTree& tree, std::initializer_list<std::string_view> history,
            RevisionInfo newest = kLive) {
  return tree.merge(revisions(history), newest);
}

RevisionTree tree_of(std::initializer_list<std::initializer_list<std::string_view>> histories) {
  RevisionTree tree;
  for (const auto& history : histories) merge(tree, history);
  return tree;
}

Texts history(const RevisionTree& tree, std::string_view of) {
  return texts(tree.history(revision(of)));
}

// ---- Winner and leaves ----

TEST(RevisionTree, an_empty_tree_has_no_winner) {
  const RevisionTree tree;
  EXPECT_TRUE(tree.empty());
  EXPECT_EQ(tree.winning_leaf(), nullptr);
  EXPECT_TRUE(tree.leaves().empty());
}

TEST(RevisionTree, a_conflict_keeps_both_leaves_and_picks_the_same_winner_in_any_order) {
  const RevisionTree tree = tree_of({{"1-a"}, {"2-b", "1-a"}, {"2-c", "1-a"}});
  const RevisionTree other = tree_of({{"2-c", "1-a"}, {"2-b", "1-a"}, {"1-a"}});
  EXPECT_EQ(leaf_texts(tree), (Texts{"2-c", "2-b"}));
  EXPECT_EQ(leaf_texts(other), (Texts{"2-c", "2-b"}));
  EXPECT_EQ(tree.winning_leaf()->revision, revision("2-c"));
  EXPECT_EQ(other.winning_leaf()->revision, revision("2-c"));
}

TEST(RevisionTree, a_live_leaf_wins_over_a_longer_deleted_one) {
  RevisionTree tree = tree_of({{"2-b", "1-a"}});
  merge(tree, {"4-z", "3-z", "2-z", "1-a"}, kDeleted);
  EXPECT_EQ(leaf_texts(tree), (Texts{"2-b", "4-z"}));
}

TEST(RevisionTree, the_longer_branch_wins_over_the_higher_hash) {
  EXPECT_EQ(leaf_texts(tree_of({{"2-z", "1-a"}, {"3-b", "2-b", "1-a"}})), (Texts{"3-b", "2-z"}));
  EXPECT_EQ(leaf_texts(tree_of({{"9-z", "8-z"}, {"10-b", "9-b"}})), (Texts{"10-b", "9-z"}));
}

TEST(RevisionTree, among_deleted_leaves_the_longest_and_then_the_highest_wins) {
  RevisionTree tree;
  merge(tree, {"2-b", "1-a"}, kDeleted);
  merge(tree, {"3-c", "2-c", "1-a"}, kDeleted);
  merge(tree, {"3-d", "2-c", "1-a"}, kDeleted);
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-d", "3-c", "2-b"}));
  EXPECT_TRUE(tree.winning_leaf()->info.is_deleted);
}

TEST(RevisionTree, raw_hash_bytes_decide_as_unsigned_numbers) {
  const RevisionTree tree =
      tree_of({{"1-7fffffffffffffffffffffffffffffff"}, {"1-80000000000000000000000000000000"}});
  EXPECT_EQ(tree.winning_leaf()->revision, revision("1-80000000000000000000000000000000"));
}

// ---- Merge ----

TEST(RevisionTree, the_first_revision_is_a_new_leaf) {
  RevisionTree tree;
  EXPECT_EQ(merge(tree, {"1-a"}), Merge::kNewLeaf);
  EXPECT_EQ(leaf_texts(tree), (Texts{"1-a"}));
  EXPECT_EQ(*tree.find(revision("1-a")), kLive);
}

TEST(RevisionTree, a_child_of_a_leaf_is_a_new_leaf_and_a_child_of_an_inner_node_a_new_branch) {
  RevisionTree tree = tree_of({{"1-a"}});
  EXPECT_EQ(merge(tree, {"2-b", "1-a"}), Merge::kNewLeaf);
  EXPECT_EQ(merge(tree, {"3-c", "2-b"}), Merge::kNewLeaf);
  EXPECT_EQ(merge(tree, {"2-c", "1-a"}), Merge::kNewBranch);
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-c", "2-c"}));
  EXPECT_EQ(history(tree, "3-c"), (Texts{"3-c", "2-b", "1-a"}));
  EXPECT_EQ(history(tree, "2-c"), (Texts{"2-c", "1-a"}));
}

TEST(RevisionTree, a_history_brings_its_ancestors_as_missing) {
  RevisionTree tree;
  EXPECT_EQ(merge(tree, {"3-c", "2-b", "1-a"}, kDeleted), Merge::kNewLeaf);
  EXPECT_EQ(*tree.find(revision("3-c")), kDeleted);
  EXPECT_EQ(*tree.find(revision("2-b")), RevisionInfo{});
  EXPECT_EQ(tree.find(revision("2-c")), nullptr);
}

TEST(RevisionTree, what_is_known_already_changes_nothing) {
  RevisionTree tree = tree_of({{"3-c", "2-b", "1-a"}});
  const std::string before = encoded(tree);
  EXPECT_EQ(merge(tree, {"3-c", "2-b", "1-a"}), Merge::kKnown);
  EXPECT_EQ(merge(tree, {"3-c", "2-b"}), Merge::kKnown);
  EXPECT_EQ(merge(tree, {"3-c"}, kDeleted), Merge::kKnown);
  EXPECT_EQ(encoded(tree), before);
}

TEST(RevisionTree, an_inner_node_that_arrives_again_stays_an_inner_node) {
  RevisionTree tree = tree_of({{"1-a"}, {"2-b", "1-a"}, {"3-c", "2-b", "1-a"}});
  EXPECT_EQ(merge(tree, {"2-b", "1-a"}), Merge::kKnown);
  EXPECT_EQ(merge(tree, {"1-a"}, kDeleted), Merge::kKnown);
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-c"}));
  EXPECT_FALSE(tree.is_leaf(revision("2-b")));
}

TEST(RevisionTree, the_body_of_a_missing_ancestor_is_filled_in_and_it_stays_an_inner_node) {
  RevisionTree tree = tree_of({{"3-c", "2-b", "1-a"}});
  EXPECT_EQ(merge(tree, {"2-b"}, {.has_attachments = true, .body = 7}), Merge::kCompleted);
  EXPECT_EQ(tree.find(revision("2-b"))->body, 7u);
  EXPECT_TRUE(tree.find(revision("2-b"))->has_attachments);
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-c"}));
  EXPECT_EQ(merge(tree, {"2-b"}, {.body = 8}), Merge::kKnown);
  EXPECT_EQ(merge(tree, {"1-a"}, {.is_deleted = true}), Merge::kKnown);
  EXPECT_EQ(*tree.find(revision("1-a")), RevisionInfo{});
  EXPECT_EQ(tree.find(revision("2-b"))->body, 7u);
}

TEST(RevisionTree, a_history_joins_at_the_newest_revision_that_is_known) {
  RevisionTree tree = tree_of({{"3-c", "2-b", "1-a"}});
  EXPECT_EQ(merge(tree, {"5-e", "4-d", "3-c", "2-b", "1-a"}), Merge::kNewLeaf);
  EXPECT_EQ(merge(tree, {"4-x", "3-x", "2-b", "1-a"}), Merge::kNewBranch);
  EXPECT_EQ(leaf_texts(tree), (Texts{"5-e", "4-x"}));
  EXPECT_EQ(history(tree, "4-x"), (Texts{"4-x", "3-x", "2-b", "1-a"}));
  EXPECT_EQ(tree.size(), 7u);
}

TEST(RevisionTree, a_stemmed_history_that_overlaps_joins) {
  RevisionTree tree = tree_of({{"3-c", "2-b", "1-a"}});
  EXPECT_EQ(merge(tree, {"4-d", "3-c"}), Merge::kNewLeaf);
  EXPECT_EQ(history(tree, "4-d"), (Texts{"4-d", "3-c", "2-b", "1-a"}));
}

TEST(RevisionTree, a_history_that_reaches_further_back_is_continued_below_the_root) {
  RevisionTree tree = tree_of({{"4-d", "3-c"}});
  EXPECT_EQ(merge(tree, {"5-e", "4-d", "3-c", "2-b", "1-a"}), Merge::kNewLeaf);
  EXPECT_EQ(history(tree, "5-e"), (Texts{"5-e", "4-d", "3-c", "2-b", "1-a"}));
  EXPECT_EQ(leaf_texts(tree), (Texts{"5-e"}));
}

TEST(RevisionTree, a_known_revision_that_brings_older_ancestors_completes_the_tree) {
  RevisionTree tree = tree_of({{"4-d", "3-c"}});
  EXPECT_EQ(merge(tree, {"4-d", "3-c", "2-b", "1-a"}), Merge::kCompleted);
  EXPECT_EQ(history(tree, "4-d"), (Texts{"4-d", "3-c", "2-b", "1-a"}));
  EXPECT_EQ(merge(tree, {"4-d", "3-c", "2-b", "1-a"}), Merge::kKnown);
}

TEST(RevisionTree, a_history_that_shares_nothing_is_another_root) {
  RevisionTree tree = tree_of({{"1-a"}});
  EXPECT_EQ(merge(tree, {"3-y", "2-x"}), Merge::kNewBranch);
  EXPECT_EQ(merge(tree, {"1-b"}), Merge::kNewBranch);
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-y", "1-b", "1-a"}));
  EXPECT_EQ(history(tree, "3-y"), (Texts{"3-y", "2-x"}));
}

TEST(RevisionTree, a_history_that_spans_two_roots_joins_them) {
  // 3-c was pulled with a stemmed history, 1-a is what was there: an apparent conflict, until the
  // whole history shows that one descends from the other.
  RevisionTree tree = tree_of({{"1-a"}, {"4-d", "3-c"}});
  EXPECT_EQ(leaf_texts(tree), (Texts{"4-d", "1-a"}));
  EXPECT_EQ(merge(tree, {"4-d", "3-c", "2-b", "1-a"}), Merge::kCompleted);
  EXPECT_EQ(leaf_texts(tree), (Texts{"4-d"}));
  EXPECT_EQ(history(tree, "4-d"), (Texts{"4-d", "3-c", "2-b", "1-a"}));
  EXPECT_EQ(*tree.find(revision("1-a")), kLive);
}

TEST(RevisionTree, a_new_leaf_may_join_three_roots_at_once) {
  RevisionTree tree = tree_of({{"1-a"}, {"3-c"}, {"5-e"}});
  EXPECT_EQ(merge(tree, {"6-f", "5-e", "4-d", "3-c", "2-b", "1-a"}), Merge::kNewLeaf);
  EXPECT_EQ(leaf_texts(tree), (Texts{"6-f"}));
  EXPECT_EQ(history(tree, "6-f"), (Texts{"6-f", "5-e", "4-d", "3-c", "2-b", "1-a"}));
}

TEST(RevisionTree, a_history_that_fills_the_gap_between_two_roots_duplicates_nothing) {
  // Joining at the first root alone would leave 3-c as a second, spurious leaf.
  RevisionTree tree = tree_of({{"4-d", "3-c"}, {"2-b", "1-a"}});
  merge(tree, {"3-c", "2-b", "1-a"});
  EXPECT_EQ(leaf_texts(tree), (Texts{"4-d"}));
  EXPECT_EQ(tree.size(), 4u);
}

TEST(RevisionTree, of_two_histories_that_contradict_each_other_the_first_parent_stays) {
  RevisionTree tree = tree_of({{"2-x", "1-a"}});
  EXPECT_EQ(merge(tree, {"2-x", "1-b"}), Merge::kKnown);
  EXPECT_EQ(merge(tree, {"3-y", "2-x", "1-b"}), Merge::kNewLeaf);
  EXPECT_EQ(history(tree, "3-y"), (Texts{"3-y", "2-x", "1-a"}));
}

TEST(RevisionTree, nothing_is_learnt_from_what_comes_after_a_contradiction) {
  RevisionTree tree = tree_of({{"3-x", "2-a"}});
  EXPECT_EQ(merge(tree, {"3-x", "2-b", "1-b"}), Merge::kKnown);
  EXPECT_EQ(history(tree, "3-x"), (Texts{"3-x", "2-a"}));
  EXPECT_EQ(tree.size(), 2u);
}

TEST(RevisionTree, the_same_hash_in_another_generation_is_another_revision) {
  const RevisionTree tree = tree_of({{"1-x"}, {"2-x", "1-x"}, {"3-x", "2-x", "1-x"}});
  EXPECT_EQ(history(tree, "3-x"), (Texts{"3-x", "2-x", "1-x"}));
}

TEST(RevisionTree, a_document_recreated_after_its_deletion_continues_from_the_tombstone) {
  RevisionTree tree = tree_of({{"1-a"}});
  merge(tree, {"2-b", "1-a"}, kDeleted);
  EXPECT_EQ(merge(tree, {"3-c", "2-b"}), Merge::kNewLeaf);
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-c"}));
}

// ---- Questions ----

RevisionTree tree_of_three_branches() {
  RevisionTree tree = tree_of({{"1-a"}, {"2-b", "1-a"}, {"3-c", "2-b"}, {"3-d", "2-b"}});
  merge(tree, {"2-e", "1-a"}, kDeleted);
  return tree;
}

TEST(RevisionTree, tells_which_leaves_descend_from_a_revision) {
  const RevisionTree tree = tree_of_three_branches();
  const auto descending = [&](std::string_view of) {
    return texts(tree.leaves_descending_from(revision(of)));
  };
  EXPECT_EQ(descending("1-a"), (Texts{"3-d", "3-c", "2-e"}));
  EXPECT_EQ(descending("2-b"), (Texts{"3-d", "3-c"}));
  EXPECT_EQ(descending("3-c"), (Texts{"3-c"}));
  EXPECT_EQ(descending("2-e"), (Texts{"2-e"}));
  EXPECT_EQ(descending("2-x"), Texts{});
}

TEST(RevisionTree, tells_which_leaves_a_missing_revision_might_descend_from) {
  const RevisionTree tree = tree_of_three_branches();
  const auto ancestors = [&](std::string_view of) {
    return texts(tree.possible_ancestors(revision(of)));
  };
  EXPECT_EQ(ancestors("4-x"), (Texts{"3-d", "3-c", "2-e"}));
  EXPECT_EQ(ancestors("3-x"), (Texts{"2-e"}));
  EXPECT_EQ(ancestors("2-x"), Texts{});
}

TEST(RevisionTree, a_history_can_be_asked_with_what_is_known_of_each_revision) {
  const RevisionTree tree = tree_of_three_branches();
  const std::vector<RevisionNode> history = tree.history_with_info(revision("2-e"));
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0], (RevisionNode{revision("2-e"), kDeleted}));
  EXPECT_EQ(history[1], (RevisionNode{revision("1-a"), kLive}));
}

TEST(RevisionTree, of_an_unknown_revision_there_is_no_history) {
  const RevisionTree tree = tree_of_three_branches();
  EXPECT_TRUE(tree.history(revision("2-x")).empty());
  EXPECT_TRUE(tree.history_with_info(revision("9-a")).empty());
  EXPECT_FALSE(tree.is_leaf(revision("2-x")));
}

// ---- Stemming ----

// How many revisions that forgets.
size_t stem(RevisionTree& tree, uint64_t limit) {
  const size_t before = tree.size();
  tree.stem(limit);
  return before - tree.size();
}

TEST(RevisionTree, stemming_keeps_the_newest_revisions_of_a_branch) {
  RevisionTree tree = tree_of({{"4-d", "3-c", "2-b", "1-a"}});
  EXPECT_EQ(stem(tree, 4), 0u);
  EXPECT_EQ(stem(tree, 3), 1u);
  EXPECT_EQ(history(tree, "4-d"), (Texts{"4-d", "3-c", "2-b"}));
  EXPECT_EQ(stem(tree, 1), 2u);
  EXPECT_EQ(history(tree, "4-d"), (Texts{"4-d"}));
}

TEST(RevisionTree, stemming_leaves_a_forest_where_the_common_ancestor_is_forgotten) {
  RevisionTree tree = tree_of({{"3-c", "2-b", "1-a"}, {"3-d", "2-d", "1-a"}});
  EXPECT_EQ(stem(tree, 2), 1u);
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-d", "3-c"}));
  EXPECT_EQ(history(tree, "3-c"), (Texts{"3-c", "2-b"}));
  EXPECT_EQ(history(tree, "3-d"), (Texts{"3-d", "2-d"}));
}

TEST(RevisionTree, stemming_keeps_what_a_shorter_branch_still_needs) {
  RevisionTree tree = tree_of({{"5-e", "4-d", "3-c", "2-b", "1-a"}, {"2-x", "1-a"}});
  EXPECT_EQ(stem(tree, 2), 2u);
  EXPECT_EQ(history(tree, "5-e"), (Texts{"5-e", "4-d"}));
  EXPECT_EQ(history(tree, "2-x"), (Texts{"2-x", "1-a"}));
}

TEST(RevisionTree, stemming_keeps_the_link_between_two_revisions_that_are_kept) {
  RevisionTree tree = tree_of({{"4-d", "3-c", "2-b", "1-a"}, {"2-x", "1-a"}});
  EXPECT_EQ(stem(tree, 3), 0u);
  EXPECT_EQ(history(tree, "4-d"), (Texts{"4-d", "3-c", "2-b", "1-a"}));
}

TEST(RevisionTree, the_whole_history_merged_after_stemming_makes_no_spurious_branch) {
  RevisionTree tree = tree_of({{"4-d", "3-c", "2-b", "1-a"}});
  tree.stem(2);
  EXPECT_EQ(merge(tree, {"5-e", "4-d", "3-c", "2-b", "1-a"}), Merge::kNewLeaf);
  EXPECT_EQ(leaf_texts(tree), (Texts{"5-e"}));
}

TEST(RevisionTree, a_forgotten_ancestor_that_arrives_alone_looks_like_a_conflict) {
  // As in CouchDB: a revs_limit lower than the distance between replicas makes conflicts.
  RevisionTree tree = tree_of({{"4-d", "3-c", "2-b", "1-a"}});
  tree.stem(2);
  EXPECT_EQ(merge(tree, {"1-a"}), Merge::kNewBranch);
  EXPECT_EQ(leaf_texts(tree), (Texts{"4-d", "1-a"}));
}

// ---- Forgetting bodies ----

// Each revision with a body of its own: 1-a's is 1, 2-b's is 2, 3-c's is 3, 3-d's is 4.
RevisionTree tree_with_bodies() {
  RevisionTree tree;
  merge(tree, {"1-a"}, {.body = 1, .size = 100});
  merge(tree, {"2-b", "1-a"}, {.body = 2, .size = 200});
  merge(tree, {"3-c", "2-b"}, {.is_deleted = true, .has_attachments = true, .body = 3, .size = 30});
  merge(tree, {"3-d", "2-b"}, {.body = 4, .size = 4});
  return tree;
}

Numbers numbers(const RevisionTree::Bodies& bodies) {
  Numbers numbers;
  for (const RevisionInfo& info : bodies) numbers.push_back(info.body);
  std::ranges::sort(numbers);
  return numbers;
}

TEST(RevisionTree, stemming_tells_the_bodies_of_what_it_forgets) {
  RevisionTree tree = tree_with_bodies();
  EXPECT_EQ(numbers(tree.stem(2)), Numbers{1});
  EXPECT_EQ(numbers(tree.stem(1)), Numbers{2});
  EXPECT_EQ(numbers(tree.stem(1)), Numbers{});
}

TEST(RevisionTree, all_but_the_leaves_can_be_made_missing) {
  RevisionTree tree = tree_with_bodies();
  const std::vector<RevisionNode> leaves = tree.leaves();
  EXPECT_EQ(numbers(tree.forget_inner_bodies()), (Numbers{1, 2}));
  EXPECT_EQ(tree.leaves(), leaves);
  EXPECT_EQ(history(tree, "3-c"), (Texts{"3-c", "2-b", "1-a"}));
  EXPECT_EQ(*tree.find(revision("2-b")), RevisionInfo{});
  EXPECT_EQ(numbers(tree.forget_inner_bodies()), Numbers{});
}

TEST(RevisionTree, a_body_that_was_forgotten_is_taken_again) {
  RevisionTree tree = tree_with_bodies();
  tree.forget_inner_bodies();
  EXPECT_EQ(merge(tree, {"2-b", "1-a"}, {.body = 9}), Merge::kCompleted);
  EXPECT_EQ(tree.find(revision("2-b"))->body, 9u);
  EXPECT_FALSE(tree.is_leaf(revision("2-b")));
}

TEST(RevisionTree, one_body_can_be_forgotten_and_its_leaf_stays_deleted_or_live) {
  RevisionTree tree = tree_with_bodies();
  EXPECT_TRUE(tree.forget_body(revision("3-c")));
  EXPECT_EQ(*tree.find(revision("3-c")), RevisionInfo{.is_deleted = true});
  EXPECT_TRUE(tree.forget_body(revision("3-d")));
  EXPECT_EQ(*tree.find(revision("3-d")), RevisionInfo{});
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-d", "3-c"}));
  EXPECT_FALSE(tree.forget_body(revision("3-d")));
  EXPECT_FALSE(tree.forget_body(revision("3-x")));
}

TEST(RevisionTree, the_size_of_a_document_is_that_of_its_leaves) {
  RevisionTree tree = tree_with_bodies();
  EXPECT_EQ(tree.size_of_leaves(), 34u);
  tree.forget_body(revision("3-d"));
  EXPECT_EQ(tree.size_of_leaves(), 30u);
  EXPECT_EQ(RevisionTree().size_of_leaves(), 0u);
}

// ---- Removing leaves ----

Texts removed(RevisionTree& tree, std::string_view leaf) {
  Texts texts;
  for (const RevisionNode& node : tree.remove_leaf(revision(leaf))) {
    texts.push_back(node.revision.text());
  }
  return texts;
}

TEST(RevisionTree, a_leaf_is_removed_down_to_where_another_branch_begins) {
  RevisionTree tree = tree_of({{"4-d", "3-c", "2-b", "1-a"}, {"3-x", "2-b"}});
  EXPECT_EQ(removed(tree, "4-d"), (Texts{"4-d", "3-c"}));
  EXPECT_EQ(leaf_texts(tree), (Texts{"3-x"}));
  EXPECT_EQ(history(tree, "3-x"), (Texts{"3-x", "2-b", "1-a"}));
  EXPECT_TRUE(tree.is_leaf(revision("3-x")));
}

TEST(RevisionTree, the_only_leaf_is_removed_with_all_the_rest) {
  RevisionTree tree = tree_of({{"3-c", "2-b", "1-a"}});
  EXPECT_EQ(removed(tree, "3-c"), (Texts{"3-c", "2-b", "1-a"}));
  EXPECT_TRUE(tree.empty());
}

TEST(RevisionTree, what_was_removed_is_told_with_its_bodies) {
  RevisionTree tree = tree_with_bodies();
  const std::vector<RevisionNode> path = tree.remove_leaf(revision("3-d"));
  ASSERT_EQ(path.size(), 1u);
  EXPECT_EQ(path[0], (RevisionNode{revision("3-d"), {.body = 4, .size = 4}}));
}

TEST(RevisionTree, only_leaves_can_be_removed) {
  RevisionTree tree = tree_of({{"3-c", "2-b", "1-a"}});
  const std::string before = encoded(tree);
  EXPECT_EQ(removed(tree, "2-b"), Texts{});
  EXPECT_EQ(removed(tree, "3-x"), Texts{});
  EXPECT_EQ(encoded(tree), before);
}

// ---- Stored form ----

std::string bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

TEST(RevisionTree,
     a_document_that_was_never_edited_takes_twenty_bytes_and_number_and_size_of_its_body) {
  const RevisionTree tree = tree_of({{"1-000102030405060708090a0b0c0d0e0f"}});
  EXPECT_EQ(encoded(tree),
            bytes({2,     // version
                   1, 1,  // from generation 1, one revision
                   4,     // has a body
                   0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1, 10}));  // body, size
}

TEST(RevisionTree, a_second_branch_is_stored_down_to_what_it_shares) {
  RevisionTree tree;
  merge(tree, {"3-c", "2-b", "1-a"}, {.body = 300, .size = 7});
  merge(tree, {"2-x", "1-a"}, {.is_deleted = true, .has_attachments = true, .body = 5});
  EXPECT_EQ(encoded(tree), bytes({2,                          // version
                                  3,  3,                      // from generation 3, three revisions:
                                  12, 1, 'c', 0xac, 0x02, 7,  // text hash, body 300, size 7
                                  8,  1, 'b',                 // text hash, missing
                                  8,  1, 'a',                 //
                                  2,  1, 3,                   // one revision, on the third written:
                                  15, 1, 'x', 5,    0}));     // all flags
}

TEST(RevisionTree, decodes_what_it_encoded) {
  for (const RevisionTree& tree :
       {RevisionTree(), tree_of({{"1-a"}}), tree_of_three_branches(),
        tree_of({{"1-a"}, {"4-d", "3-c"}, {"7-000102030405060708090a0b0c0d0e0f"}})}) {
    const Result<RevisionTree> decoded = RevisionTree::decode(encoded(tree));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(encoded(*decoded), encoded(tree));
    EXPECT_EQ(decoded->leaves(), tree.leaves());
    for (const RevisionNode& leaf : tree.leaves()) {
      EXPECT_EQ(decoded->history_with_info(leaf.revision), tree.history_with_info(leaf.revision));
    }
  }
}

TEST(RevisionTree, the_winner_can_be_read_without_the_rest) {
  EXPECT_EQ(RevisionTree::decode_winning_leaf(encoded(tree_of_three_branches())).value(),
            (RevisionNode{revision("3-d"), kLive}));
  EXPECT_FALSE(RevisionTree::decode_winning_leaf("").ok());
  EXPECT_FALSE(RevisionTree::decode_winning_leaf(encoded(RevisionTree())).ok());
}

bool is_refused(std::string_view bytes) {
  const Result<RevisionTree> tree = RevisionTree::decode(bytes);
  return !tree.ok() && tree.error().status == 500 && tree.error().name == "corrupt_data";
}

TEST(RevisionTree, damaged_bytes_are_an_error) {
  EXPECT_FALSE(is_refused(bytes({2, 1, 1, 12, 1, 'a', 7, 0})));
  const std::string digest_as_text(16, 'a');
  const std::string hex_digits_as_text(32, 'a');
  EXPECT_TRUE(is_refused(bytes({2, 1, 1, 8, 16}) + digest_as_text));
  EXPECT_TRUE(is_refused(bytes({2, 1, 1, 8, 32}) + hex_digits_as_text));
  for (const auto& [damaged, what] : std::vector<std::pair<std::string, std::string_view>>{
           {bytes({}), "nothing"},
           {bytes({3, 1, 1, 12, 1, 'a', 7, 0}), "another version"},
           {bytes({2, 1}), "half a header"},
           {bytes({2, 0, 0}), "generation 0"},
           {bytes({2, 1, 0, 12, 1, 'a', 7, 0}), "a branch without revisions"},
           {bytes({2, 1, 2, 8, 1, 'b', 8, 1, 'a'}), "more revisions than generations"},
           {bytes({2, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x7f, 8, 1, 'a'}),
            "more revisions than bytes"},
           {bytes({2, 1, 1, 16, 1, 'a'}), "an unknown flag"},
           {bytes({2, 1, 1, 12, 1, 'a', 0, 0}), "body number 0"},
           {bytes({2, 1, 1, 12, 1, 'a'}), "no body number"},
           {bytes({2, 1, 1, 12, 1, 'a', 7}), "no size"},
           {bytes({2, 1, 1, 8, 1, '"'}), "no hash character"},
           {bytes({2, 1, 1, 8, 0, 0}), "an empty hash"},
           {bytes({2, 1, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8}), "a short digest"},
           {bytes({2, 1, 1, 8, 1, 'a', 2, 1, 0, 8, 1, 'b'}), "a winner that comes second"},
           {bytes({2, 1, 1, 8, 1, 'a', 1, 1, 0, 8, 1, 'a'}), "a leaf that comes twice"},
           {bytes({2, 2, 2, 8, 1, 'b', 8, 1, 'a', 2, 1, 99, 8, 1, 'a'}), "a joint unread"},
           {bytes({2, 2, 2, 8, 1, 'b', 8, 1, 'a', 1, 1, 2, 8, 1, '0'}), "a joint below its child"},
           {bytes({2, 1, 1, 8, 1, 'a', 2, 1, 1, 9, 1, 'b'}), "a joint at a leaf"},
       }) {
    EXPECT_TRUE(is_refused(damaged)) << what;
  }
}

TEST(RevisionTree, a_tree_cut_off_anywhere_is_an_error_or_a_tree_of_fewer_branches) {
  const RevisionTree tree = tree_of_three_branches();
  const std::string whole = encoded(tree);
  std::vector<size_t> sizes;
  for (size_t length = 0; length < whole.size(); ++length) {
    const Result<RevisionTree> cut = RevisionTree::decode(whole.substr(0, length));
    if (cut.ok()) sizes.push_back(cut->leaves().size());
  }
  EXPECT_EQ(sizes, (std::vector<size_t>{0, 1, 2}));
}

}  // namespace
}  // namespace couchlet
