// Changes entry: what the store keeps under a sequence. It holds all that a row of the changes feed
// needs in the common case, so that a scan of the feed doesn't jump through the documents' records.
//
//   flags u8 | id length varint | id | winner: generation varint | hash length varint | hash bytes
//   | body number varint | lineage varint, with flag 8
//   flags: 1 the winner is deleted, 2 there is more than one leaf (look into the document record),
//   4 the newest change is a plain edit, 8 the document came with a lineage
//
// A document has one entry, under the sequence of its newest change. A plain edit is one that was
// made here, on a document without conflicts, and has no attachments: nobody has it but those whom
// it was sent to, and it can be sent to whoever lacks it without a question.
//
// A document came with a lineage if all of its leaves did: the database that they were pulled from
// has them, and need not be asked whether it does (replicate/pull_lineage.h).
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
  bool is_plain_edit = false;
  uint64_t lineage = 0;  // 0: none

  static Result<ChangesEntry> decode(std::string_view bytes);
};

// Where a document's newest change was made, and with which lineage the document came, if with one.
struct ChangeOrigin {
  bool is_here = false;
  uint64_t lineage = 0;
};

std::string encode_changes_entry(std::string_view id, const RevisionTree& tree,
                                 ChangeOrigin origin);

}  // namespace couchlet
