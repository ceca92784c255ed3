// Rows of the changes feed, for those who need them as values and not as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "document/revision.h"

namespace couchlet {

struct ChangeRow {
  uint64_t sequence = 0;
  std::string id;
  std::vector<Revision> revisions;  // the winner first; all leaves with all_leaves
  bool is_deleted = false;          // of the winner
  bool is_plain_edit = false;       // changes_entry.h
  uint64_t lineage = 0;             // with which the document came; 0: none
  std::string document;             // with include_docs: the winner's JSON text, "null" on an error
  std::optional<Error> error;       // the winner's body is missing or damaged
};

struct ChangesPage {
  std::vector<ChangeRow> rows;
  size_t row_count = 0;        // those that went into a RowSink are counted as well
  uint64_t last_sequence = 0;  // ask for changes since this next
  bool is_partial = false;     // most_looked_at were looked at: there may be more rows
  uint64_t pending = 0;        // how many rows may remain after the last one: an upper bound
};

}  // namespace couchlet
