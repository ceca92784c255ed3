// Selector: which documents are meant (CouchDB documentation, ddocs/mango). All operators of
// CouchDB 3.5 but $text, which needs a search index.
//
//   {"type": "order", "total": {"$gt": 100}, "$or": [{"state": "new"}, {"tags": {"$size": 0}}]}
//
// A condition is on a field that is there: of a document without the field none is true but
// {"$exists": false}, negated ones included, as CouchDB has it. So negations ($not, $nor, $ne, …)
// are moved down to the conditions when the selector is read.
//
// Values compare as in json_collation.h. $regex is what the RegexMatcher takes for one:
// JavaScript's syntax in a browser, PCRE's in CouchDB.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "json/json_value.h"
#include "query/regex_matcher.h"

namespace couchlet {

struct SelectorNode;

class Selector {
 public:
  // Errors, of status 400 and named as CouchDB names them: bad_request for what is no JSON,
  // invalid_selector_json for what is no object, invalid_operator, bad_arg, invalid_field_name.
  static Result<Selector> parse(std::string_view json, RegexMatcher& regexes);

  bool matches(const JsonValue& document) const;

 private:
  explicit Selector(std::shared_ptr<const SelectorNode> root) : root_(std::move(root)) {}

  std::shared_ptr<const SelectorNode> root_;
};

}  // namespace couchlet
