// Which texts can name a document (CouchDB documentation, "Document ID"; PouchDB's messages).
#pragma once

#include <string_view>

#include "base/result.h"

namespace couchlet {

inline constexpr std::string_view kLocalPrefix = "_local/";
inline constexpr std::string_view kDesignPrefix = "_design/";

inline bool is_local_id(std::string_view id) { return id.starts_with(kLocalPrefix); }

inline Result<void> check_document_id(std::string_view id) {
  if (id.empty()) return Error{412, "missing_id", "_id is required for puts"};
  if (id.front() != '_') return {};
  const bool is_named = (is_local_id(id) && id.size() > kLocalPrefix.size()) ||
                        (id.starts_with(kDesignPrefix) && id.size() > kDesignPrefix.size());
  if (is_named) return {};
  return errors::bad_request("Only reserved document ids may start with underscore.");
}

}  // namespace couchlet
