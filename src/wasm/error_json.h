// Errors and results of writes as js/ takes them: PouchDB's shape of CouchDB's errors,
// {"error": true, "status": 409, "name": "conflict", "message": …, "reason": …}.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "document/write_result.h"

namespace couchlet {

std::string error_json(const Error& error);

// {"ok": true, "id": …, "rev": …}, or an error with the document's id.
std::string write_result_json(const WriteResult& result);

// The error with the names of the document and its revision. REQUIRES: there is an error.
std::string refusal_json(const WriteResult& result);

// An array with one entry a document, or with the errors alone (new_edits=false).
std::string write_results_json(const std::vector<WriteResult>& results, bool errors_only);

}  // namespace couchlet
