// A selector as it is evaluated: a tree without negations but at the leaves.
#pragma once

#include <vector>

#include "json/json_value.h"
#include "query/condition.h"
#include "query/field_path.h"

namespace couchlet {

struct SelectorNode {
  enum class Kind {
    kAllOf,        // of the children; true if there are none
    kAnyOf,        // of the children; false if there are none
    kIs,           // `condition` on the field
    kAnyElement,   // the first child matches an element of the array in the field
    kEachElement,  // … each one, and there is one
    kAnyKey,       // … a key of the object in the field
  };

  Kind kind = Kind::kAllOf;
  std::vector<SelectorNode> children;

  // Of a leaf: of all but kAllOf and kAnyOf.
  FieldPath field;
  bool is_negated = false;
  Condition condition;

  bool matches(const JsonValue& value) const;
};

}  // namespace couchlet
