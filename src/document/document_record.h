// Document record: what the store keeps under a document's id.
//
//   sequence varint (of its newest change) | revision tree (revision_tree.h)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/revision_tree.h"

namespace couchlet {

struct DocumentRecord {
  uint64_t sequence = 0;
  RevisionTree tree;

  static Result<DocumentRecord> decode(std::string_view bytes);
  std::string encode() const;
};

// The winning leaf alone, quicker than decoding the tree.
Result<RevisionNode> decode_winning_leaf(std::string_view document_record);

}  // namespace couchlet
