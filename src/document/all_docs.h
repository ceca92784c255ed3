// _all_docs: the documents in the order of their ids (api/database/bulk-api.html).
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/document_reader.h"
#include "document/options.h"

namespace couchlet {

// {"total_rows": …, "offset": …, "rows": […]}; a deleted document has a row only where `keys` asks
// for it by name.
Task<Result<std::string>> read_all_docs(const DocumentReader& reader,
                                        const AllDocsOptions& options);

}  // namespace couchlet
