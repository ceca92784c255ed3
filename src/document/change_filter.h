// ChangeFilter: which documents of the changes feed somebody wants to hear of. Selectors (query/)
// and JavaScript functions (wasm/) are such filters; the feed knows neither.
//
// It is asked once for many documents, as the way to JavaScript and back costs more than what most
// filters do. A document is asked about with each of the leaves that the row would name (one, or
// all with style=all_docs), and the row names those that pass (as CouchDB's feed).
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace couchlet {

class ChangeFilter {
 public:
  virtual ~ChangeFilter() = default;

  // For each document's JSON text whether it passes. A tombstone's has _deleted; a revision whose
  // body is lost has only its _id and _rev.
  virtual Result<std::vector<bool>> passing(const std::vector<std::string_view>& documents) = 0;

  // Whether passing() has failed: it is the app's, and will not get better by itself.
  virtual bool has_failed() const { return false; }
};

}  // namespace couchlet
