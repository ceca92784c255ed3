// _bulk_get: many revisions of many documents in one answer (api/database/bulk-api.html).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "document/document_reader.h"

namespace couchlet {

// {"docs": [{"id": …, "rev": …, "atts_since": […]}, …]} -> {"results": [{"id": …, "docs": [{"ok":
// …} | {"error": …}]}]}, one result an entry, in order. Without a rev the winning revision is
// meant. `options` says what documents carry; their revisions and atts_since are the request's.
Task<Result<std::string>> read_bulk_get(const DocumentReader& reader, std::string_view request,
                                        GetOptions options);

}  // namespace couchlet
