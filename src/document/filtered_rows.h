// FilteredRows: rows of the changes feed that wait for a filter's answer, so that it can be asked
// for many at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/change_filter.h"
#include "document/changes_page.h"
#include "document/document_reader.h"
#include "document/document_text.h"
#include "document/revision_tree.h"

namespace couchlet {

// A row, and what its document will be made from.
struct FeedRow {
  ChangeRow row;
  RevisionNode winner;
  DocumentExtras extras;
};

class FilteredRows {
 public:
  // Both must outlive it.
  FilteredRows(const DocumentReader& reader, ChangeFilter& filter)
      : reader_(reader), filter_(filter) {}

  // `leaves` are what row.revisions names.
  Task<Result<void>> add(FeedRow row, const std::vector<RevisionNode>& leaves);

  size_t size() const { return rows_.size(); }
  size_t bytes() const { return bytes_; }  // of their documents

  struct Answer {
    std::vector<FeedRow> passing;
    uint64_t last_decided = 0;  // the sequence of the last row that passes or not
    bool is_cut = false;        // more pass than there may be
  };

  // Asks about all, and drops them. REQUIRES: size() > 0.
  Result<Answer> ask(uint64_t limit);

 private:
  struct Waiting {
    FeedRow row;
    std::vector<std::string> documents;  // one for each of row.revisions
  };

  const DocumentReader& reader_;
  ChangeFilter& filter_;
  std::vector<Waiting> rows_;
  size_t bytes_ = 0;
};

}  // namespace couchlet
