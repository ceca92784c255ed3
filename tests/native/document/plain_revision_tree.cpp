#include "document/plain_revision_tree.h"

#include <algorithm>

namespace couchlet {
namespace {

using Path = PlainRevisionTree::Path;

bool contains(const Path& path, const Revision& revision) {
  return std::ranges::find(path, revision) != path.end();
}

// The path continued by what another one knows of its oldest revision's ancestors.
Path continued(Path path, const Path& other) {
  const auto shared = std::ranges::find(other, path.back());
  if (shared != other.end()) path.insert(path.end(), shared + 1, other.end());
  return path;
}

}  // namespace

void PlainRevisionTree::merge(const Path& history, const RevisionInfo& newest) {
  infos_.emplace(history.front(), newest);
  paths_.insert(history);
  join();
}

// Continues every path as far as any other goes, then drops those that others contain.
void PlainRevisionTree::join() {
  for (std::set<Path> before; before != paths_;) {
    before = paths_;
    paths_.clear();
    for (Path path : before) {
      for (const Path& other : before) path = continued(path, other);
      paths_.insert(path);
    }
  }
  std::erase_if(paths_, [this](const Path& path) {
    return std::ranges::any_of(paths_, [&](const Path& other) {
      return other.size() > path.size() && contains(other, path.front());
    });
  });
}

void PlainRevisionTree::stem(uint64_t limit) {
  std::set<Revision> kept;
  for (const Path& path : paths_) {
    for (size_t i = 0; i < path.size() && i < limit; ++i) kept.insert(path[i]);
  }
  std::set<Path> stemmed;
  for (Path path : paths_) {
    const auto forgotten = [&](const Revision& revision) { return !kept.contains(revision); };
    path.erase(std::ranges::find_if(path, forgotten), path.end());
    stemmed.insert(path);
  }
  paths_ = std::move(stemmed);
  forget_unless(kept);
}

void PlainRevisionTree::forget_inner_bodies() {
  std::set<Revision> kept;
  for (const Path& path : paths_) kept.insert(path.front());
  forget_unless(kept);
}

void PlainRevisionTree::remove_leaf(const Revision& leaf) {
  std::erase_if(paths_, [&](const Path& path) { return path.front() == leaf; });
  std::set<Revision> kept;
  for (const Path& path : paths_) kept.insert(path.begin(), path.end());
  forget_unless(kept);
}

void PlainRevisionTree::forget_unless(const std::set<Revision>& kept) {
  std::erase_if(infos_, [&](const auto& entry) { return !kept.contains(entry.first); });
}

RevisionInfo PlainRevisionTree::info(const Revision& revision) const {
  const auto found = infos_.find(revision);
  return found == infos_.end() ? RevisionInfo{} : found->second;
}

std::vector<RevisionNode> PlainRevisionTree::leaves() const {
  std::vector<RevisionNode> leaves;
  leaves.reserve(paths_.size());
  for (const Path& path : paths_) leaves.push_back({path.front(), info(path.front())});
  std::ranges::sort(leaves, [](const RevisionNode& a, const RevisionNode& b) {
    const auto rank = [](const RevisionNode& leaf) {
      return std::pair(!leaf.info.is_deleted, leaf.revision);
    };
    return rank(a) > rank(b);
  });
  return leaves;
}

Path PlainRevisionTree::history(const Revision& revision) const {
  for (const Path& path : paths_) {
    const auto found = std::ranges::find(path, revision);
    if (found != path.end()) return Path(found, path.end());
  }
  return {};
}

}  // namespace couchlet
