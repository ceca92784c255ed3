// A document's revision tree: every revision that is known of it, each with its parent.
//
// Strictly a forest: where old revisions have been forgotten (stem), or a history came in that
// shares nothing with what is known, there is more than one root. A root's parent is unknown.
//
// Invariants:
//   - a revision is in the tree once, and its parent is of the generation before its own;
//   - merging only adds: revisions, a parent to a root, a body to a revision that had none. Trees
//     that were given the same histories are equal, in whatever order and however often they came
//     (the other operations forget: what a purge, say, has removed comes back if it is merged);
//   - a revision that was superseded stays so: it is an inner node however often it comes again.
// Two histories that name different parents for one revision contradict each other (no database
// makes them, as a revision's hash covers its parent); the parent that was known first stays.
//
// A leaf that isn't deleted is live. The winning leaf, the same on every replica, is the first in
// winner order: live before deleted, then the higher generation, then the higher hash.
//
// One flat vector of nodes that know their parent's index: a tree of one revision is one
// allocation, and every operation is a pass or two over the vector. The stored form is described
// in revision_tree_codec.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/revision.h"

namespace couchlet {

struct RevisionInfo {
  bool is_deleted = false;
  bool has_attachments = false;
  uint64_t body = 0;  // the number under which its body is stored; 0: not here ("missing")
  uint64_t size = 0;  // bytes of the body's content, attachments included; 0 where it is missing

  bool operator==(const RevisionInfo&) const = default;
};

struct RevisionNode {
  Revision revision;
  RevisionInfo info;

  bool operator==(const RevisionNode&) const = default;
};

// Winner order.
bool wins_over(const RevisionNode& leaf, const RevisionNode& other_leaf);

class RevisionTree {
 public:
  // What a merge did to the tree.
  enum class Merge {
    kKnown,      // nothing: all of it was there
    kCompleted,  // the newest revision was there, but not its body, or not all of its ancestors
    kNewLeaf,    // the newest revision extends a leaf, or is the first
    kNewBranch,  // the newest revision begins a branch beside others: a conflict
  };

  // 500 corrupt_data unless the bytes are ones that append_encoded can have written.
  static Result<RevisionTree> decode(std::string_view bytes);

  // Equal trees are encoded alike.
  void append_encoded(std::string& out) const;

  // The winning leaf of an encoded tree, without the cost of decoding the rest.
  static Result<RevisionNode> decode_winning_leaf(std::string_view bytes);

  bool empty() const { return nodes_.empty(); }
  size_t size() const { return nodes_.size(); }  // revisions known

  // Adds a revision and what is known of its ancestors. `history` is newest first and need not
  // reach back to the first revision; `newest` tells of its first element. It is joined at the
  // newest revision that is already in the tree and, where it reaches further back than the tree
  // does, continued below the tree's root. Ancestors that come in this way are missing. The info
  // of a revision that has a body stays: find() tells whether `newest` was taken.
  // REQUIRES: at least one revision, generations that fall by one and don't go below 1.
  Merge merge(std::span<const Revision> history, const RevisionInfo& newest);

  // Null if the tree is empty. Valid until the tree is changed.
  const RevisionNode* winning_leaf() const;

  // In winner order.
  std::vector<RevisionNode> leaves() const;

  // Null if the revision isn't known. Valid until the tree is changed.
  const RevisionInfo* find(const Revision& revision) const;
  bool is_leaf(const Revision& revision) const;

  // A revision and its ancestors as far as they are known, newest first; empty if it isn't known.
  std::vector<Revision> history(const Revision& revision) const;
  std::vector<RevisionNode> history_with_info(const Revision& revision) const;

  // The leaves that are the revision or descend from it, in winner order.
  std::vector<Revision> leaves_descending_from(const Revision& revision) const;

  // The leaves that a revision which isn't known might descend from, which are all of a lower
  // generation (CouchDB's possible_ancestors in _revs_diff), in winner order.
  std::vector<Revision> possible_ancestors(const Revision& missing) const;

  // Of all branches, in no particular order.
  std::vector<RevisionNode> revisions_with_bodies() const;

  // Bytes of the content of all leaves.
  uint64_t size_of_leaves() const;

  // Forgetting. Returned are the infos, in no particular order, of the revisions that had bodies:
  // nothing refers to these bodies any more.
  using Bodies = std::vector<RevisionInfo>;

  // Forgets what is more than `limit` - 1 edits older than all leaves that descend from it
  // (CouchDB's _revs_limit). REQUIRES: limit >= 1.
  Bodies stem(uint64_t limit);

  // All but the leaves become missing (CouchDB's compaction).
  Bodies forget_inner_bodies();

  // The revision becomes missing, as if it had come in as an ancestor only; a leaf stays deleted or
  // live. Says whether it had a body.
  bool forget_body(const Revision& revision);

  // Removes a leaf, and those of its ancestors that no other leaf descends from (CouchDB's _purge).
  // Returns what was removed, newest first: nothing if the revision isn't a leaf.
  std::vector<RevisionNode> remove_leaf(const Revision& leaf);

 private:
  using Index = uint32_t;
  static constexpr Index kNone = UINT32_MAX;

  struct Node {
    RevisionNode known;
    Index parent = kNone;  // kNone: a root
    bool is_leaf = true;
  };

  // Where a history meets the tree: history[position] is nodes_[node]; node is kNone if nowhere.
  struct Joint {
    size_t position;
    Index node;
  };

  const Revision& revision_at(Index index) const { return nodes_[index].known.revision; }
  Index find_index(const Revision& revision) const;
  std::vector<Index> leaf_indexes() const;  // in winner order
  Joint newest_joint(std::span<const Revision> history) const;
  bool fill_in(Index index, const RevisionInfo& info);
  void set_parent(Index index, Index parent);
  Index append_chain(std::span<const Revision> newest_first, Index parent);
  bool extend_below(Index index, std::span<const Revision> ancestors);
  void keep_only(const std::vector<bool>& is_kept);
  bool decode_branch(std::string_view& in);

  std::vector<Node> nodes_;  // in no particular order
};

}  // namespace couchlet
