// The stored form of a revision tree: a run of revisions for each leaf, the winning leaf first.
//
//   version u8 = 2 | branches, up to the end
//   branch:   generation of the leaf varint | number of revisions varint (>= 1) |
//             joint varint, not in the first branch | revisions, newest first
//   joint:    0: the branch reaches down to a root; else 1 + the place, counted from the first
//             revision written, of the parent of the branch's oldest revision
//   revision: flags u8 | hash | body varint and size varint, if kHasBody
//   hash:     16 raw bytes; if kTextHash, length varint and text
//
// The leaves come in winner order, each with all ancestors that no branch before it has: a tree has
// one form, its winner can be read from the first bytes, and a document that was never edited takes
// 20 bytes and its body's number and size.
#include <cstring>
#include <optional>

#include "base/varint.h"
#include "document/revision_tree.h"

namespace couchlet {
namespace {

constexpr char kVersion = 2;

constexpr uint8_t kDeleted = 1;
constexpr uint8_t kAttachments = 2;
constexpr uint8_t kHasBody = 4;
constexpr uint8_t kTextHash = 8;
constexpr uint8_t kAllFlags = kDeleted | kAttachments | kHasBody | kTextHash;

constexpr size_t kDigestSize = sizeof(Revision::Digest);
constexpr size_t kLeastNodeSize = 3;  // flags, and a text hash of one character with its length

Error corrupt_tree() { return errors::corrupt("A revision tree is damaged."); }

struct BranchHeader {
  uint64_t generation = 0;
  uint64_t count = 0;
  uint64_t joint = 0;
};

bool read_version(std::string_view& in) {
  if (in.empty() || in.front() != kVersion) return false;
  in.remove_prefix(1);
  return true;
}

bool read_branch_header(std::string_view& in, bool is_first, BranchHeader& header) {
  if (!get_varint(in, header.generation) || !get_varint(in, header.count)) return false;
  if (!is_first && !get_varint(in, header.joint)) return false;
  return header.count >= 1 && header.count <= header.generation &&
         header.count <= in.size() / kLeastNodeSize;
}

std::optional<Revision> read_revision(std::string_view& in, uint64_t generation, bool is_text) {
  if (is_text) {
    std::string_view text;
    if (!get_length_prefixed(in, text) || text.size() == kDigestSize) return std::nullopt;
    Result<Revision> revision = Revision::from_hash(generation, text);
    if (!revision || revision->hash_bytes() != text) return std::nullopt;
    return *std::move(revision);
  }
  Revision::Digest digest;
  if (in.size() < kDigestSize) return std::nullopt;
  std::memcpy(digest.data(), in.data(), kDigestSize);
  in.remove_prefix(kDigestSize);
  return Revision(generation, digest);
}

std::optional<RevisionNode> read_node(std::string_view& in, uint64_t generation) {
  if (in.empty()) return std::nullopt;
  const uint8_t flags = static_cast<uint8_t>(in.front());
  in.remove_prefix(1);
  if ((flags & ~kAllFlags) != 0) return std::nullopt;
  std::optional<Revision> revision = read_revision(in, generation, (flags & kTextHash) != 0);
  if (!revision) return std::nullopt;
  RevisionInfo info{.is_deleted = (flags & kDeleted) != 0,
                    .has_attachments = (flags & kAttachments) != 0};
  if ((flags & kHasBody) != 0) {
    if (!get_varint(in, info.body) || !get_varint(in, info.size)) return std::nullopt;
    if (info.body == 0) return std::nullopt;
  }
  return RevisionNode{*std::move(revision), info};
}

void append_node(std::string& out, const RevisionNode& node) {
  const std::string_view hash = node.revision.hash_bytes();
  const bool is_text = hash.size() != kDigestSize;
  uint8_t flags = 0;
  if (node.info.is_deleted) flags |= kDeleted;
  if (node.info.has_attachments) flags |= kAttachments;
  if (node.info.body != 0) flags |= kHasBody;
  if (is_text) flags |= kTextHash;
  out += static_cast<char>(flags);
  if (is_text) {
    put_length_prefixed(out, hash);
  } else {
    out += hash;
  }
  if (node.info.body != 0) {
    put_varint(out, node.info.body);
    put_varint(out, node.info.size);
  }
}

}  // namespace

void RevisionTree::append_encoded(std::string& out) const {
  out += kVersion;
  std::vector<Index> place(nodes_.size(), kNone);  // of those written
  Index written = 0;
  for (const Index leaf : leaf_indexes()) {
    uint64_t count = 0;
    Index end = leaf;
    for (; end != kNone && place[end] == kNone; end = nodes_[end].parent) ++count;
    put_varint(out, revision_at(leaf).generation());
    put_varint(out, count);
    if (written > 0) put_varint(out, end == kNone ? 0 : uint64_t{1} + place[end]);
    for (Index i = leaf; i != end; i = nodes_[i].parent) {
      append_node(out, nodes_[i].known);
      place[i] = written++;
    }
  }
}

Result<RevisionTree> RevisionTree::decode(std::string_view bytes) {
  if (!read_version(bytes)) return corrupt_tree();
  RevisionTree tree;
  size_t previous_leaf = 0;
  while (!bytes.empty()) {
    const size_t leaf = tree.nodes_.size();
    if (!tree.decode_branch(bytes)) return corrupt_tree();
    if (leaf > 0 && !wins_over(tree.nodes_[previous_leaf].known, tree.nodes_[leaf].known)) {
      return corrupt_tree();
    }
    previous_leaf = leaf;
  }
  return tree;
}

bool RevisionTree::decode_branch(std::string_view& in) {
  const size_t written_before = nodes_.size();
  BranchHeader branch;
  if (!read_branch_header(in, written_before == 0, branch)) return false;
  if (written_before == 0) nodes_.reserve(static_cast<size_t>(branch.count) + 1);  // for an edit
  for (uint64_t i = 0; i < branch.count; ++i) {
    std::optional<RevisionNode> node = read_node(in, branch.generation - i);
    if (!node) return false;
    const Index next = static_cast<Index>(nodes_.size() + 1);
    nodes_.push_back({*std::move(node), next, /*is_leaf=*/i == 0});
  }
  nodes_.back().parent = kNone;
  if (branch.joint == 0) return true;

  if (branch.joint > written_before) return false;
  const Index parent = static_cast<Index>(branch.joint - 1);
  if (nodes_[parent].is_leaf) return false;
  if (revision_at(parent).generation() != branch.generation - branch.count) return false;
  set_parent(static_cast<Index>(nodes_.size() - 1), parent);
  return true;
}

Result<RevisionNode> RevisionTree::decode_winning_leaf(std::string_view bytes) {
  BranchHeader branch;
  if (!read_version(bytes) || !read_branch_header(bytes, true, branch)) return corrupt_tree();
  std::optional<RevisionNode> leaf = read_node(bytes, branch.generation);
  if (!leaf) return corrupt_tree();
  return *std::move(leaf);
}

}  // namespace couchlet
