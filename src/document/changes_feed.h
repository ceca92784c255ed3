// The changes feed: every document once, in the order of its newest change
// (api/database/changes.html).
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/changes_page.h"
#include "document/document_reader.h"
#include "document/options.h"
#include "document/row_sink.h"

namespace couchlet {

// One look at the feed, without waiting. With a sink (may be null) the rows go there.
Task<Result<ChangesPage>> read_changes(const DocumentReader& reader, const ChangesOptions& options,
                                       RowSink* sink);

// What stands after the rows: {"last_seq": …, "pending": …}
std::string changes_tail_json(const ChangesPage& page);

}  // namespace couchlet
