#include "query/selector_node.h"

#include <algorithm>

namespace couchlet {

namespace {

using Type = JsonValue::Type;

bool is_leaf_true(const SelectorNode& node, const JsonValue& value) {
  switch (node.kind) {
    case SelectorNode::Kind::kIs:
      return node.condition.holds(value);
    case SelectorNode::Kind::kAnyElement:
    case SelectorNode::Kind::kEachElement: {
      if (!value.is(Type::kArray)) return false;
      const auto matches = [&](const JsonValue& one) { return node.children.front().matches(one); };
      const auto& all = value.elements;
      if (node.kind == SelectorNode::Kind::kAnyElement) {
        return std::any_of(all.begin(), all.end(), matches);
      }
      return !all.empty() && std::all_of(all.begin(), all.end(), matches);
    }
    case SelectorNode::Kind::kAnyKey:
      return std::any_of(value.keys.begin(), value.keys.end(), [&](const std::string& key) {
        return node.children.front().matches(JsonValue::of_string(key));
      });
    case SelectorNode::Kind::kAllOf:
    case SelectorNode::Kind::kAnyOf:
      break;
  }
  return false;
}

// {"$exists": false}, or {"$not": {"$exists": true}}.
bool wants_nothing(const SelectorNode& node) {
  return node.kind == SelectorNode::Kind::kIs &&
         node.condition.op == Condition::Operator::kExists &&
         node.condition.argument.is(Type::kTrue) == node.is_negated;
}

}  // namespace

bool SelectorNode::matches(const JsonValue& value) const {
  const auto child_matches = [&](const SelectorNode& child) { return child.matches(value); };
  if (kind == Kind::kAllOf) return std::all_of(children.begin(), children.end(), child_matches);
  if (kind == Kind::kAnyOf) return std::any_of(children.begin(), children.end(), child_matches);
  const FieldPath::Found found = field.find(value);
  if (found.value == nullptr) return !found.is_impossible && wants_nothing(*this);
  return is_leaf_true(*this, *found.value) != is_negated;
}

}  // namespace couchlet
