// The requests that JavaScript makes of a database: a method's name, its options as JSON, and a
// payload of document or request text; the answer is JSON text. js/engine.js has the table of
// methods.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/database.h"

namespace couchlet {

struct Request {
  std::string method;
  std::string options;  // JSON object, or ""
  std::string payload;
  std::shared_ptr<Cancellation> cancellation;
};

// 400 bad_request for a method that there is none of. `database` and `request` must outlive the
// task.
Task<Result<std::string>> answer(Database& database, const Request& request);

}  // namespace couchlet
