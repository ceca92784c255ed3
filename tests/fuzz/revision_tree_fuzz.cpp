// Any bytes, as a stored revision tree and as a sequence of merges. Neither may crash, and a tree
// that was accepted must go through its stored form unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/revision_tree.h"

namespace couchlet {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::string encoded(const RevisionTree& tree) {
  std::string bytes;
  tree.append_encoded(bytes);
  return bytes;
}

void ask_everything(const RevisionTree& tree) {
  for (const RevisionNode& leaf : tree.leaves()) {
    require(tree.find(leaf.revision) != nullptr);
    require(tree.history(leaf.revision).front() == leaf.revision);
    require(!tree.history_with_info(leaf.revision).empty());
    (void)tree.leaves_descending_from(tree.history(leaf.revision).back());
    (void)tree.possible_ancestors(leaf.revision);
  }
}

void forget_everything(RevisionTree tree) {
  tree.forget_inner_bodies();
  ask_everything(tree);
  while (!tree.empty()) {
    const Revision leaf = tree.winning_leaf()->revision;
    require(tree.remove_leaf(leaf).front().revision == leaf);
    ask_everything(tree);
  }
}

// A byte may be given to the stored form for another spelling of a number, so that it is the first
// re-encoding that has to stay.
void decode_foreign(std::string_view bytes) {
  const Result<RevisionNode> winner = RevisionTree::decode_winning_leaf(bytes);
  Result<RevisionTree> tree = RevisionTree::decode(bytes);
  if (!tree.ok()) {
    require(tree.error().name == "corrupt_data");
    return;
  }
  require(tree->empty() || *winner == *tree->winning_leaf());
  ask_everything(*tree);
  const std::string stored = encoded(*tree);
  require(encoded(RevisionTree::decode(stored).value()) == stored);
  tree->stem(3);
  ask_everything(*tree);
  forget_everything(*std::move(tree));
}

// Three bytes a merge: generation and length of the history, hashes of its newest and of the
// others, info. Few hashes, so that histories meet, and also contradict each other.
void merge_foreign(std::string_view bytes) {
  RevisionTree tree;
  for (; bytes.size() >= 3; bytes.remove_prefix(3)) {
    const uint8_t shape = static_cast<uint8_t>(bytes[0]);
    const uint8_t hashes = static_cast<uint8_t>(bytes[1]);
    const uint8_t info = static_cast<uint8_t>(bytes[2]);
    const uint64_t newest = 1 + shape % 16;
    const uint64_t length = 1 + shape / 16;
    std::vector<Revision> history;
    for (uint64_t i = 0; i < length && i < newest; ++i) {
      const int hash = i == 0 ? hashes % 4 : hashes >> (2 + i % 3 * 2) & 3;
      history.push_back(
          Revision::from_hash(newest - i, std::string(1, static_cast<char>('a' + hash))).value());
    }
    tree.merge(history, {(info & 1) != 0, (info & 2) != 0, uint64_t{info} >> 4});
    require(tree.merge(history, {(info & 1) != 0, (info & 2) != 0, uint64_t{info} >> 4}) ==
            RevisionTree::Merge::kKnown);
    if ((info & 12) == 12) tree.stem(1 + shape % 4);
  }
  ask_everything(tree);
  const std::string stored = encoded(tree);
  require(encoded(RevisionTree::decode(stored).value()) == stored);
  forget_everything(std::move(tree));
}

}  // namespace
}  // namespace couchlet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  couchlet::decode_foreign(bytes);
  couchlet::merge_foreign(bytes);
  return 0;
}
