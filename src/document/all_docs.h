// _all_docs: the documents in the order of their ids (api/database/bulk-api.html).
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/document_reader.h"
#include "document/options.h"
#include "document/row_sink.h"

namespace couchlet {

// The rows go into `sink`; the answer is what stands before them: {"total_rows": …, "offset": …}. A
// deleted document has a row only where `keys` asks for it by name.
Task<Result<std::string>> read_all_docs(const DocumentReader& reader, const AllDocsOptions& options,
                                        RowSink& sink);

}  // namespace couchlet
