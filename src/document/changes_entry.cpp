#include "document/changes_entry.h"

#include <cstring>

#include "base/varint.h"

namespace couchlet {
namespace {

constexpr uint8_t kDeleted = 1;
constexpr uint8_t kSeveralLeaves = 2;
constexpr uint8_t kPlainEdit = 4;
constexpr uint8_t kLineage = 8;

Error corrupt_entry() { return errors::corrupt("An entry of the changes feed can't be read."); }

Result<Revision> make_revision(uint64_t generation, std::string_view hash_bytes) {
  Revision::Digest digest;
  if (hash_bytes.size() != digest.size()) return Revision::from_hash(generation, hash_bytes);
  std::memcpy(digest.data(), hash_bytes.data(), digest.size());
  return Revision(generation, digest);
}

bool has_several_leaves(const RevisionTree& tree) {
  return tree.size() > 1 && tree.leaves().size() > 1;
}

}  // namespace

Result<ChangesEntry> ChangesEntry::decode(std::string_view bytes) {
  if (bytes.empty()) return corrupt_entry();
  const auto flags = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  std::string_view id;
  std::string_view hash;
  uint64_t generation = 0;
  uint64_t body = 0;
  uint64_t lineage = 0;
  if (!get_length_prefixed(bytes, id) || !get_varint(bytes, generation) ||
      !get_length_prefixed(bytes, hash) || !get_varint(bytes, body) ||
      ((flags & kLineage) != 0 && !get_varint(bytes, lineage))) {
    return corrupt_entry();
  }
  TRY_ASSIGN(Revision revision, make_revision(generation, hash));
  RevisionInfo info{.is_deleted = (flags & kDeleted) != 0, .has_attachments = false, .body = body};
  return ChangesEntry{id,
                      {std::move(revision), info},
                      (flags & kSeveralLeaves) != 0,
                      (flags & kPlainEdit) != 0,
                      lineage};
}

std::string encode_changes_entry(std::string_view id, const RevisionTree& tree,
                                 ChangeOrigin origin) {
  const RevisionNode& winner = *tree.winning_leaf();
  uint8_t flags = 0;
  if (winner.info.is_deleted) flags |= kDeleted;
  if (has_several_leaves(tree)) {
    flags |= kSeveralLeaves;
  } else if (origin.is_here && !winner.info.has_attachments) {
    flags |= kPlainEdit;
  }
  if (origin.lineage != 0) flags |= kLineage;
  std::string bytes;
  bytes.push_back(static_cast<char>(flags));
  put_length_prefixed(bytes, id);
  put_varint(bytes, winner.revision.generation());
  put_length_prefixed(bytes, winner.revision.hash_bytes());
  put_varint(bytes, winner.info.body);
  if (origin.lineage != 0) put_varint(bytes, origin.lineage);
  return bytes;
}

}  // namespace couchlet
