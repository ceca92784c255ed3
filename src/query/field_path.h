// The name of a field in a selector (CouchDB documentation, ddocs/mango, "Selector with 2 fields"):
// members of objects, and elements of arrays by their index, joined by dots.
//
//   "address.city"   city in address          "tags.0"   the first of tags
//   "a\\.b"          the member "a.b"         "\\$a"     the member "$a"
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json_value.h"

namespace couchlet {

class FieldPath {
 public:
  FieldPath() = default;  // the value itself

  // 400 invalid_field_name for a name that is empty or has an empty part.
  static Result<FieldPath> parse(std::string_view name);

  FieldPath followed_by(const FieldPath& deeper) const;

  struct Found {
    const JsonValue* value = nullptr;
    // Nothing is missing where there could be nothing: "a.b" where a is a number. CouchDB takes
    // neither {"$exists": true} nor {"$exists": false} for true there.
    bool is_impossible = false;
  };
  Found find(const JsonValue& in) const;

 private:
  std::vector<std::string> parts_;
};

}  // namespace couchlet
