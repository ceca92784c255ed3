#include "document/revision_tree.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace couchlet {

bool wins_over(const RevisionNode& leaf, const RevisionNode& other_leaf) {
  if (leaf.info.is_deleted != other_leaf.info.is_deleted) return other_leaf.info.is_deleted;
  return leaf.revision > other_leaf.revision;
}

// ---- Looking ----

RevisionTree::Index RevisionTree::find_index(const Revision& revision) const {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].known.revision == revision) return static_cast<Index>(i);
  }
  return kNone;
}

std::vector<RevisionTree::Index> RevisionTree::leaf_indexes() const {
  std::vector<Index> leaves;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].is_leaf) leaves.push_back(static_cast<Index>(i));
  }
  std::ranges::sort(
      leaves, [this](Index a, Index b) { return wins_over(nodes_[a].known, nodes_[b].known); });
  return leaves;
}

const RevisionNode* RevisionTree::winning_leaf() const {
  const RevisionNode* winner = nullptr;
  for (const Node& node : nodes_) {
    if (node.is_leaf && (!winner || wins_over(node.known, *winner))) winner = &node.known;
  }
  return winner;
}

std::vector<RevisionNode> RevisionTree::leaves() const {
  std::vector<RevisionNode> leaves;
  for (const Index index : leaf_indexes()) leaves.push_back(nodes_[index].known);
  return leaves;
}

const RevisionInfo* RevisionTree::find(const Revision& revision) const {
  const Index index = find_index(revision);
  return index == kNone ? nullptr : &nodes_[index].known.info;
}

bool RevisionTree::is_leaf(const Revision& revision) const {
  const Index index = find_index(revision);
  return index != kNone && nodes_[index].is_leaf;
}

std::vector<Revision> RevisionTree::history(const Revision& revision) const {
  std::vector<Revision> history;
  for (Index i = find_index(revision); i != kNone; i = nodes_[i].parent) {
    history.push_back(revision_at(i));
  }
  return history;
}

std::vector<RevisionNode> RevisionTree::history_with_info(const Revision& revision) const {
  std::vector<RevisionNode> history;
  for (Index i = find_index(revision); i != kNone; i = nodes_[i].parent) {
    history.push_back(nodes_[i].known);
  }
  return history;
}

std::vector<Revision> RevisionTree::leaves_descending_from(const Revision& revision) const {
  std::vector<Revision> descendants;
  const Index ancestor = find_index(revision);
  if (ancestor == kNone) return descendants;
  for (const Index leaf : leaf_indexes()) {
    Index i = leaf;
    while (i != kNone && revision_at(i).generation() > revision.generation()) i = nodes_[i].parent;
    if (i == ancestor) descendants.push_back(revision_at(leaf));
  }
  return descendants;
}

std::vector<RevisionNode> RevisionTree::revisions_with_bodies() const {
  std::vector<RevisionNode> revisions;
  for (const Node& node : nodes_) {
    if (node.known.info.body != 0) revisions.push_back(node.known);
  }
  return revisions;
}

uint64_t RevisionTree::size_of_leaves() const {
  uint64_t size = 0;
  for (const Node& node : nodes_) {
    if (node.is_leaf) size += node.known.info.size;
  }
  return size;
}

std::vector<Revision> RevisionTree::possible_ancestors(const Revision& missing) const {
  std::vector<Revision> ancestors;
  for (const Index leaf : leaf_indexes()) {
    if (revision_at(leaf).generation() < missing.generation()) {
      ancestors.push_back(revision_at(leaf));
    }
  }
  return ancestors;
}

// ---- Merging ----

RevisionTree::Merge RevisionTree::merge(std::span<const Revision> history,
                                        const RevisionInfo& newest) {
  assert(!history.empty());
  const Joint joint = newest_joint(history);
  if (joint.position == 0) {
    const bool is_filled_in = fill_in(joint.node, newest);
    const bool is_extended = extend_below(joint.node, history.subspan(1));
    return is_filled_in || is_extended ? Merge::kCompleted : Merge::kKnown;
  }
  const bool extends_leaf = joint.node == kNone ? empty() : nodes_[joint.node].is_leaf;
  const Index leaf = append_chain(history.first(joint.position), joint.node);
  nodes_[leaf].known.info = newest;
  if (joint.node != kNone) extend_below(joint.node, history.subspan(joint.position + 1));
  return extends_leaf ? Merge::kNewLeaf : Merge::kNewBranch;
}

// A generation names one place in the history, so that one comparison a node will do.
RevisionTree::Joint RevisionTree::newest_joint(std::span<const Revision> history) const {
  Joint newest{history.size(), kNone};
  const uint64_t highest = history.front().generation();
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Revision& revision = nodes_[i].known.revision;
    if (revision.generation() > highest) continue;
    const uint64_t position = highest - revision.generation();
    if (position < newest.position && history[static_cast<size_t>(position)] == revision) {
      newest = {static_cast<size_t>(position), static_cast<Index>(i)};
    }
  }
  return newest;
}

// Says whether anything changed.
bool RevisionTree::fill_in(Index index, const RevisionInfo& info) {
  RevisionInfo& known = nodes_[index].known.info;
  if (known.body != 0 || info.body == 0) return false;
  known = info;
  return true;
}

void RevisionTree::set_parent(Index index, Index parent) {
  nodes_[index].parent = parent;
  if (parent != kNone) nodes_[parent].is_leaf = false;
}

// Adds revisions that aren't in the tree yet; returns the newest's index, `parent` if there is
// none.
RevisionTree::Index RevisionTree::append_chain(std::span<const Revision> newest_first,
                                               Index parent) {
  if (empty()) nodes_.reserve(newest_first.size());
  for (size_t i = newest_first.size(); i-- > 0;) {
    nodes_.push_back({{newest_first[i], {}}});
    const Index index = static_cast<Index>(nodes_.size() - 1);
    set_parent(index, parent);
    parent = index;
  }
  return parent;
}

// Follows a node's ancestors down to its root and goes on from there: through what isn't known yet
// to another branch of the forest or to the end. Says whether anything changed.
bool RevisionTree::extend_below(Index index, std::span<const Revision> ancestors) {
  bool is_changed = false;
  while (!ancestors.empty()) {
    if (const Index parent = nodes_[index].parent; parent != kNone) {
      if (revision_at(parent) != ancestors.front()) break;  // contradicts what is known
      index = parent;
      ancestors = ancestors.subspan(1);
      continue;
    }
    const Joint joint = newest_joint(ancestors);
    set_parent(index, append_chain(ancestors.first(joint.position), joint.node));
    is_changed = true;
    if (joint.node == kNone) break;
    index = joint.node;
    ancestors = ancestors.subspan(joint.position + 1);
  }
  return is_changed;
}

// ---- Forgetting ----

RevisionTree::Bodies RevisionTree::stem(uint64_t limit) {
  assert(limit >= 1);
  if (nodes_.size() <= limit) return {};

  // From the oldest leaf to the newest: of the leaves above a node the first one reaches furthest
  // below it, so the walk can end at a node that was visited before.
  std::vector<Index> leaves = leaf_indexes();
  std::ranges::sort(leaves, {}, [this](Index leaf) { return revision_at(leaf).generation(); });
  std::vector<bool> is_kept(nodes_.size(), false);
  for (const Index leaf : leaves) {
    uint64_t left = limit;
    for (Index i = leaf; i != kNone && !is_kept[i] && left > 0; i = nodes_[i].parent, --left) {
      is_kept[i] = true;
    }
  }
  Bodies bodies;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const RevisionInfo& info = nodes_[i].known.info;
    if (!is_kept[i] && info.body != 0) bodies.push_back(info);
  }
  keep_only(is_kept);
  return bodies;
}

RevisionTree::Bodies RevisionTree::forget_inner_bodies() {
  Bodies bodies;
  for (Node& node : nodes_) {
    if (node.is_leaf || node.known.info.body == 0) continue;
    bodies.push_back(std::exchange(node.known.info, {}));
  }
  return bodies;
}

bool RevisionTree::forget_body(const Revision& revision) {
  const Index index = find_index(revision);
  if (index == kNone || nodes_[index].known.info.body == 0) return false;
  Node& node = nodes_[index];
  node.known.info = {.is_deleted = node.is_leaf && node.known.info.is_deleted};
  return true;
}

std::vector<RevisionNode> RevisionTree::remove_leaf(const Revision& leaf) {
  Index index = kNone;
  std::vector<bool> is_kept(nodes_.size(), false);
  for (const Index other : leaf_indexes()) {
    if (revision_at(other) == leaf) {
      index = other;
      continue;
    }
    for (Index i = other; i != kNone && !is_kept[i]; i = nodes_[i].parent) is_kept[i] = true;
  }
  if (index == kNone) return {};
  std::vector<RevisionNode> removed;
  for (; index != kNone && !is_kept[index]; index = nodes_[index].parent) {
    removed.push_back(nodes_[index].known);
  }
  keep_only(is_kept);
  return removed;
}

// Of a node that is kept at least one child is, so that leaves and only leaves stay leaves.
void RevisionTree::keep_only(const std::vector<bool>& is_kept) {
  std::vector<Index> new_index(nodes_.size(), kNone);
  size_t kept = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!is_kept[i]) continue;
    new_index[i] = static_cast<Index>(kept);
    if (i != kept) nodes_[kept] = std::move(nodes_[i]);
    ++kept;
  }
  nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(kept), nodes_.end());
  for (Node& node : nodes_) {
    if (node.parent != kNone) node.parent = new_index[node.parent];
  }
}

}  // namespace couchlet
