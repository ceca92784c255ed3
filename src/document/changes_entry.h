// Changes entry: what the store keeps under a sequence. It holds all that a row of the changes feed
// needs in the common case, so that a scan of the feed doesn't jump through the documents' records.
//
//   flags u8 | id length varint | id | winner: generation varint | hash length varint | hash bytes
//   | body number varint flags: 1 the winner is deleted, 2 there is more than one leaf (look into
//   the document record)
//
// A document has one entry, under the sequence of its newest change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/revision_tree.h"

namespace couchlet {

struct ChangesEntry {
  std::string_view id;  // points into the bytes that were decoded
  RevisionNode winner;
  bool has_conflicting_leaves = false;

  static Result<ChangesEntry> decode(std::string_view bytes);
};

std::string encode_changes_entry(std::string_view id, const RevisionTree& tree);

}  // namespace couchlet
