// The requests that JavaScript makes of a database: a method's name, its options as JSON, and a
// payload of document or request text; the answer is JSON text. The rows of all_docs and changes
// are not in it: they have been handed over before (row_pieces.h). js/engine.js has the table of
// methods.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/database.h"

namespace couchlet {

struct Request {
  uint32_t number = 0;
  std::string method;
  std::string options;  // JSON object, or ""
  std::string payload;
  std::shared_ptr<Cancellation> cancellation;
};

// 400 bad_request for a method that there is none of. `database` and `request` must outlive the
// task.
Task<Result<std::string>> answer(Database& database, const Request& request);

}  // namespace couchlet
