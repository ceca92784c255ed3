// The changes feed: every document once, in the order of its newest change
// (api/database/changes.html).
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/changes_page.h"
#include "document/document_reader.h"
#include "document/options.h"

namespace couchlet {

// One look at the feed, without waiting.
Task<Result<ChangesPage>> read_changes(const DocumentReader& reader, const ChangesOptions& options);

// {"results": […], "last_seq": …, "pending": …}
std::string changes_json(const ChangesPage& page, bool include_docs);

}  // namespace couchlet
