// Revision trees for tests, written down as texts: revisions({"2-b", "1-a"}).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "document/revision_tree.h"

namespace couchlet {

inline Revision revision(std::string_view text) { return Revision::parse(text).value(); }

// Newest first.
inline std::vector<Revision> revisions(std::initializer_list<std::string_view> texts) {
  std::vector<Revision> revisions;
  for (const std::string_view text : texts) revisions.push_back(revision(text));
  return revisions;
}

inline std::vector<std::string> texts(const std::vector<Revision>& revisions) {
  std::vector<std::string> texts;
  for (const Revision& each : revisions) texts.push_back(each.text());
  return texts;
}

inline std::vector<std::string> leaf_texts(const RevisionTree& tree) {
  std::vector<std::string> texts;
  for (const RevisionNode& leaf : tree.leaves()) texts.push_back(leaf.revision.text());
  return texts;
}

inline std::string encoded(const RevisionTree& tree) {
  std::string bytes;
  tree.append_encoded(bytes);
  return bytes;
}

}  // namespace couchlet
