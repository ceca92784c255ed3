// The documents in conflict: those with live leaves beside the winner. One look over the changes
// feed, whose entries tell which documents have more than one leaf; of these alone the trees are
// read, and no body.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/document_reader.h"
#include "document/options.h"

namespace couchlet {

// A page: {"rows": [{"id": …, "rev": the winner, "conflicts": [revisions, …]}, …], "last_seq": …,
// "pending": …}, in the order of the documents' last changes. Nothing is pending after the last
// page; the one after this begins at last_seq. A document that is written meanwhile moves to the
// end of the feed, and may be on two pages.
Task<Result<std::string>> read_conflict_list(const DocumentReader& reader,
                                             const ConflictListOptions& options);

}  // namespace couchlet
