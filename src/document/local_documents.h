// Local documents (_local/…): kept beside the documents, never replicated, without a revision tree.
// Their revision is "0-N", N counting the writes (api/local.html).
//
// Stored as: N varint | the members' text without braces.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "document/document_reader.h"
#include "document/incoming_document.h"
#include "document/write_result.h"
#include "store/store.h"

namespace couchlet {

// 404 not_found "missing" where there is none.
Task<Result<std::string>> read_local_document(const DocumentReader& reader, std::string_view id);

// 409 conflict in the result where document.rev isn't the present revision ("" for none).
Task<Result<WriteResult>> write_local_document(WriteView& view, const IncomingDocument& document);

}  // namespace couchlet
