// What holds of revision trees whatever histories come in and in whatever order, tried on random
// edit graphs. Failures print the seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/seeded_random.h"
#include "document/plain_revision_tree.h"
#include "document/revision_history.h"
#include "document/revision_tree.h"

namespace couchlet {
namespace {

constexpr uint64_t kSeeds = 400;

// A history as it comes in, by replication or by an edit.
struct Arrival {
  std::vector<Revision> history;  // newest first
  RevisionInfo newest;
};

// The true history of one document: all edits that were ever made to it, anywhere. What arrives is
// a revision of it with its ancestors, often not all of them (stemmed, or told in part).
class EditGraph {
 public:
  explicit EditGraph(SeededRandom& random) {
    const size_t count = 1 + random.below(24);
    for (size_t i = 0; i < count; ++i) {
      const bool is_root = i == 0 || random.below(12) == 0;
      // Mostly the latest edits are edited on, which makes long branches.
      const size_t parent =
          is_root ? kNoParent : i - 1 - random.below(std::min<size_t>(i, 1 + random.below(6)));
      parents_.push_back(parent);
      const uint64_t generation = is_root ? 1 : revisions_[parent].generation() + 1;
      revisions_.push_back(random_revision(generation, i, random));
      infos_.push_back({random.below(5) == 0, random.below(5) == 0, i + 1, random.below(300)});
    }
  }

  Arrival arrival(SeededRandom& random) const {
    size_t edit = random.below(revisions_.size());
    Arrival arrival{{}, infos_[edit]};
    const size_t length = random.below(3) == 0 ? revisions_.size() : 1 + random.below(4);
    for (; edit != kNoParent && arrival.history.size() < length; edit = parents_[edit]) {
      arrival.history.push_back(revisions_[edit]);
    }
    return arrival;
  }

  // Every edit with all its ancestors.
  std::vector<Arrival> everything() const {
    std::vector<Arrival> arrivals;
    for (size_t i = 0; i < revisions_.size(); ++i) {
      Arrival arrival{{}, infos_[i]};
      for (size_t edit = i; edit != kNoParent; edit = parents_[edit]) {
        arrival.history.push_back(revisions_[edit]);
      }
      arrivals.push_back(std::move(arrival));
    }
    return arrivals;
  }

 private:
  static constexpr size_t kNoParent = SIZE_MAX;

  static Revision random_revision(uint64_t generation, size_t edit, SeededRandom& random) {
    if (random.below(8) == 0) {
      return Revision::from_hash(generation, "edit-" + std::to_string(edit)).value();
    }
    Revision::Digest digest;
    const uint64_t low = random.next();
    const uint64_t high = random.next();
    std::memcpy(digest.data(), &low, sizeof(low));
    std::memcpy(digest.data() + sizeof(low), &high, sizeof(high));
    return Revision(generation, digest);
  }

  std::vector<Revision> revisions_;
  std::vector<RevisionInfo> infos_;
  std::vector<size_t> parents_;
};

std::vector<Arrival> random_arrivals(const EditGraph& graph, SeededRandom& random) {
  std::vector<Arrival> arrivals;
  for (size_t i = 1 + random.below(20); i > 0; --i) arrivals.push_back(graph.arrival(random));
  return arrivals;
}

void shuffle(std::vector<Arrival>& arrivals, SeededRandom& random) {
  for (size_t i = arrivals.size(); i > 1; --i)
    std::swap(arrivals[i - 1], arrivals[random.below(i)]);
}

RevisionTree merged(const std::vector<Arrival>& arrivals) {
  RevisionTree tree;
  for (const Arrival& arrival : arrivals) tree.merge(arrival.history, arrival.newest);
  return tree;
}

// All that one tree knows, merged into another.
RevisionTree merged(RevisionTree tree, const RevisionTree& other) {
  for (const RevisionNode& leaf : other.leaves()) {
    const std::vector<Revision> history = other.history(leaf.revision);
    const std::vector<RevisionNode> nodes = other.history_with_info(leaf.revision);
    for (size_t i = 0; i < history.size(); ++i) {
      tree.merge(std::span(history).subspan(i), nodes[i].info);
    }
  }
  return tree;
}

template <typename Property>
void for_each_seed(Property property) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const EditGraph graph(random);
    property(graph, random);
    if (testing::Test::HasFailure()) return;
  }
}

void expect_same(const RevisionTree& tree, const PlainRevisionTree& plain) {
  EXPECT_EQ(tree.leaves(), plain.leaves());
  size_t known = 0;
  std::set<Revision> seen;
  for (const PlainRevisionTree::Path& path : plain.paths()) {
    EXPECT_TRUE(tree.is_leaf(path.front()));
    for (const Revision& revision : path) {
      EXPECT_EQ(tree.history(revision), plain.history(revision));
      ASSERT_NE(tree.find(revision), nullptr) << revision.text();
      EXPECT_EQ(*tree.find(revision), plain.info(revision)) << revision.text();
      if (seen.insert(revision).second) ++known;
    }
  }
  EXPECT_EQ(tree.size(), known);
}

std::set<uint64_t> bodies_of(const PlainRevisionTree& plain) {
  std::set<uint64_t> bodies;
  for (const PlainRevisionTree::Path& path : plain.paths()) {
    for (const Revision& revision : path) bodies.insert(plain.info(revision).body);
  }
  bodies.erase(0);
  return bodies;
}

RevisionTree::Bodies bodies_of(const std::vector<RevisionNode>& nodes) {
  RevisionTree::Bodies bodies;
  for (const RevisionNode& node : nodes) {
    if (node.info.body != 0) bodies.push_back(node.info);
  }
  return bodies;
}

// Now and then, and the bodies that go must be those that it tells of.
void forget_something(RevisionTree& tree, PlainRevisionTree& plain, SeededRandom& random) {
  std::set<uint64_t> expected = bodies_of(plain);
  RevisionTree::Bodies forgotten;
  const uint64_t choice = random.below(10);
  if (choice == 0) {
    const uint64_t limit = 1 + random.below(6);
    forgotten = tree.stem(limit);
    plain.stem(limit);
  } else if (choice == 1) {
    forgotten = tree.forget_inner_bodies();
    plain.forget_inner_bodies();
  } else if (choice == 2) {
    const std::vector<RevisionNode> leaves = plain.leaves();
    const Revision leaf = leaves[random.below(leaves.size())].revision;
    forgotten = bodies_of(tree.remove_leaf(leaf));
    plain.remove_leaf(leaf);
  }
  for (const RevisionInfo& info : forgotten) EXPECT_EQ(expected.erase(info.body), 1u) << info.body;
  EXPECT_EQ(expected, bodies_of(plain));
}

TEST(RevisionTreeProperty, says_what_its_plain_twin_says) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    RevisionTree tree;
    PlainRevisionTree plain;
    for (const Arrival& arrival : random_arrivals(graph, random)) {
      tree.merge(arrival.history, arrival.newest);
      plain.merge(arrival.history, arrival.newest);
      forget_something(tree, plain, random);
      expect_same(tree, plain);
    }
  });
}

TEST(RevisionTreeProperty, merging_commutes) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    std::vector<Arrival> arrivals = random_arrivals(graph, random);
    const std::string expected = encoded(merged(arrivals));
    for (int i = 0; i < 4; ++i) {
      shuffle(arrivals, random);
      EXPECT_EQ(encoded(merged(arrivals)), expected);
    }
  });
}

TEST(RevisionTreeProperty, merging_is_idempotent) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    std::vector<Arrival> arrivals = random_arrivals(graph, random);
    RevisionTree tree = merged(arrivals);
    const std::string expected = encoded(tree);
    shuffle(arrivals, random);
    for (const Arrival& arrival : arrivals) {
      EXPECT_EQ(tree.merge(arrival.history, arrival.newest), RevisionTree::Merge::kKnown);
    }
    EXPECT_EQ(encoded(tree), expected);
    EXPECT_EQ(encoded(merged(tree, tree)), expected);
  });
}

TEST(RevisionTreeProperty, merging_is_associative) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    const RevisionTree a = merged(random_arrivals(graph, random));
    const RevisionTree b = merged(random_arrivals(graph, random));
    const RevisionTree c = merged(random_arrivals(graph, random));
    const std::string expected = encoded(merged(merged(a, b), c));
    EXPECT_EQ(encoded(merged(a, merged(b, c))), expected);
    EXPECT_EQ(encoded(merged(merged(c, a), b)), expected);
  });
}

TEST(RevisionTreeProperty, the_winner_does_not_depend_on_the_order_of_arrival) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    std::vector<Arrival> arrivals = random_arrivals(graph, random);
    const RevisionTree tree = merged(arrivals);
    EXPECT_EQ(*tree.winning_leaf(), tree.leaves().front());
    std::ranges::reverse(arrivals);
    EXPECT_EQ(*merged(arrivals).winning_leaf(), *tree.winning_leaf());
  });
}

TEST(RevisionTreeProperty, a_merge_says_what_it_did) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    RevisionTree tree;
    for (const Arrival& arrival : random_arrivals(graph, random)) {
      const std::string before = encoded(tree);
      const size_t leaves_before = tree.leaves().size();
      const bool was_known = tree.find(arrival.history.front()) != nullptr;
      const RevisionTree::Merge merge = tree.merge(arrival.history, arrival.newest);
      const bool is_new =
          merge == RevisionTree::Merge::kNewLeaf || merge == RevisionTree::Merge::kNewBranch;
      EXPECT_EQ(is_new, !was_known);
      EXPECT_EQ(merge == RevisionTree::Merge::kKnown, encoded(tree) == before);
      EXPECT_TRUE(!is_new || tree.is_leaf(arrival.history.front()));
      // Joining roots can only take leaves away.
      const size_t added = merge == RevisionTree::Merge::kNewBranch || leaves_before == 0 ? 1 : 0;
      EXPECT_LE(tree.leaves().size(), leaves_before + added);
    }
  });
}

TEST(RevisionTreeProperty, decoding_gives_back_what_was_encoded) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    RevisionTree tree = merged(random_arrivals(graph, random));
    if (random.below(2) == 0) tree.stem(1 + random.below(6));
    const std::string bytes = encoded(tree);
    const Result<RevisionTree> decoded = RevisionTree::decode(bytes);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(encoded(*decoded), bytes);
    EXPECT_EQ(decoded->leaves(), tree.leaves());
    for (const RevisionNode& leaf : tree.leaves()) {
      EXPECT_EQ(decoded->history_with_info(leaf.revision), tree.history_with_info(leaf.revision));
    }
    EXPECT_EQ(RevisionTree::decode_winning_leaf(bytes).value(), *tree.winning_leaf());
  });
}

TEST(RevisionTreeProperty, a_decoded_tree_merges_like_the_one_that_was_encoded) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    RevisionTree tree;
    for (const Arrival& arrival : random_arrivals(graph, random)) {
      RevisionTree decoded = RevisionTree::decode(encoded(tree)).value();
      EXPECT_EQ(decoded.merge(arrival.history, arrival.newest),
                tree.merge(arrival.history, arrival.newest));
      EXPECT_EQ(encoded(decoded), encoded(tree));
    }
  });
}

TEST(RevisionTreeProperty, stemming_keeps_leaves_and_winner_and_so_many_revisions_of_each) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    const RevisionTree tree = merged(random_arrivals(graph, random));
    const uint64_t limit = 1 + random.below(6);
    RevisionTree stemmed = tree;
    stemmed.stem(limit);
    EXPECT_EQ(stemmed.leaves(), tree.leaves());
    for (const RevisionNode& leaf : tree.leaves()) {
      const std::vector<RevisionNode> all = tree.history_with_info(leaf.revision);
      const std::vector<RevisionNode> kept = stemmed.history_with_info(leaf.revision);
      EXPECT_GE(kept.size(), std::min<size_t>(all.size(), static_cast<size_t>(limit)));
      ASSERT_LE(kept.size(), all.size());
      EXPECT_TRUE(std::equal(kept.begin(), kept.end(), all.begin()));
    }
    const std::string once = encoded(stemmed);
    EXPECT_EQ(stemmed.stem(limit), RevisionTree::Bodies{});
    EXPECT_EQ(encoded(stemmed), once);
  });
}

TEST(RevisionTreeProperty, whole_histories_merged_after_stemming_make_no_spurious_branch) {
  for_each_seed([](const EditGraph& graph, SeededRandom& random) {
    RevisionTree tree = merged(random_arrivals(graph, random));
    tree.stem(1 + random.below(4));
    const RevisionTree whole = merged(graph.everything());
    for (const RevisionNode& leaf : whole.leaves()) {
      tree.merge(whole.history(leaf.revision), leaf.info);
    }
    EXPECT_EQ(leaf_texts(tree), leaf_texts(whole));
    EXPECT_EQ(tree.size(), whole.size());
    EXPECT_EQ(*tree.winning_leaf(), *whole.winning_leaf());
  });
}

// Histories that no database makes: few hashes, so that the same revision comes with different
// parents. Nothing is promised of the tree but that it is one.
TEST(RevisionTreeProperty, contradicting_histories_still_make_a_tree) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    RevisionTree tree;
    for (int i = 0; i < 20; ++i) {
      const uint64_t newest = 1 + random.below(8);
      std::vector<Revision> history;
      for (uint64_t generation = newest; generation > random.below(newest); --generation) {
        const char hash = static_cast<char>('a' + random.below(3));
        history.push_back(Revision::from_hash(generation, std::string(1, hash)).value());
      }
      if (history.empty()) continue;
      tree.merge(history, {random.below(4) == 0, false, random.below(3)});
      if (random.below(8) == 0) tree.stem(1 + random.below(4));
      std::set<Revision> known;
      for (const RevisionNode& leaf : tree.leaves()) {
        const std::vector<Revision> line = tree.history(leaf.revision);
        known.insert(line.begin(), line.end());
        for (size_t j = 1; j < line.size(); ++j) {
          ASSERT_EQ(line[j].generation() + 1, line[j - 1].generation());
        }
      }
      EXPECT_EQ(known.size(), tree.size());
      const Result<RevisionTree> decoded = RevisionTree::decode(encoded(tree));
      ASSERT_TRUE(decoded.ok());
      EXPECT_EQ(encoded(*decoded), encoded(tree));
    }
  }
}

}  // namespace
}  // namespace couchlet
