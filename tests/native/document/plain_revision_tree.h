// The plain twin of RevisionTree: a set of paths, each from a leaf down to the oldest revision that
// is known of it. Slow and short; RevisionTree must say the same (revision_tree_property_test.cpp).
#pragma once

#include <map>
#include <set>
#include <vector>

#include "document/revision_tree.h"

namespace couchlet {

class PlainRevisionTree {
 public:
  using Path = std::vector<Revision>;  // newest first

  void merge(const Path& history, const RevisionInfo& newest);
  void stem(uint64_t limit);
  void forget_inner_bodies();
  void remove_leaf(const Revision& leaf);

  std::vector<RevisionNode> leaves() const;  // in winner order
  Path history(const Revision& revision) const;
  const std::set<Path>& paths() const { return paths_; }
  RevisionInfo info(const Revision& revision) const;  // of nothing known: missing

 private:
  void join();
  void forget_unless(const std::set<Revision>& kept);

  std::set<Path> paths_;
  std::map<Revision, RevisionInfo> infos_;  // of those that came as the newest of a history
};

}  // namespace couchlet
