#include "query/selector.h"

#include <utility>

#include "query/selector_node.h"

namespace couchlet {

namespace {

using Kind = SelectorNode::Kind;
using Type = JsonValue::Type;

// What a part of a selector is about: a field of the document (or of an array's element), and
// whether what is said of it is to be false.
struct Scope {
  FieldPath field;
  bool is_negated = false;

  Scope negated() const { return {field, !is_negated}; }
  Scope at(const FieldPath& deeper) const { return {field.followed_by(deeper), is_negated}; }
};

// Several statements as one: all of them or, where they are negated, any.
SelectorNode join(Kind kind, bool is_negated, std::vector<SelectorNode> children) {
  if (children.size() == 1) return std::move(children.front());
  SelectorNode node;
  const bool is_all = (kind == Kind::kAllOf) != is_negated;
  node.kind = is_all ? Kind::kAllOf : Kind::kAnyOf;
  node.children = std::move(children);
  return node;
}

class SelectorParser {
 public:
  explicit SelectorParser(RegexMatcher& regexes) : regexes_(regexes) {}

  // {"field": …, "$operator": …}: all of it. What is no object is a value to be equal to.
  Result<SelectorNode> selector(const JsonValue& json, const Scope& scope) {
    if (!json.is(Type::kObject)) return equal(json, scope);
    std::vector<SelectorNode> children;
    for (size_t i = 0; i < json.keys.size(); ++i) {
      TRY_ASSIGN(SelectorNode child, member(json.keys[i], json.elements[i], scope));
      children.push_back(std::move(child));
    }
    return join(Kind::kAllOf, scope.is_negated, std::move(children));
  }

 private:
  Result<SelectorNode> member(const std::string& name, const JsonValue& json, const Scope& scope) {
    if (name.starts_with('$')) return operation(name, json, scope);
    TRY_ASSIGN(const FieldPath path, FieldPath::parse(name));
    const Scope inner = scope.at(path);
    const bool is_empty_object = json.is(Type::kObject) && json.keys.empty();
    return is_empty_object ? equal(json, inner) : selector(json, inner);
  }

  Result<SelectorNode> operation(const std::string& name, const JsonValue& json,
                                 const Scope& scope) {
    if (name == "$and") return combination(name, Kind::kAllOf, json, scope);
    if (name == "$or") return combination(name, Kind::kAnyOf, json, scope);
    if (name == "$nor") return combination(name, Kind::kAnyOf, json, scope.negated());
    if (name == "$not") return selector(json, scope.negated());
    if (name == "$elemMatch") return inner_selector(name, Kind::kAnyElement, json, scope);
    if (name == "$allMatch") return inner_selector(name, Kind::kEachElement, json, scope);
    if (name == "$keyMapMatch") return inner_selector(name, Kind::kAnyKey, json, scope);
    const ConditionName* const found = find_condition(name);
    if (found == nullptr) {
      return Error{400, "invalid_operator",
                   "Invalid operator: " + name +
                       ". (A field whose name begins with $ is written \"\\\\$…\".)"};
    }
    SelectorNode node = leaf(Kind::kIs, scope);
    node.is_negated = scope.is_negated != found->is_negation;
    TRY_ASSIGN(node.condition, make_condition(*found, json, regexes_));
    return node;
  }

  Result<SelectorNode> combination(const std::string& name, Kind kind, const JsonValue& json,
                                   const Scope& scope) {
    if (!json.is(Type::kArray)) return bad_argument(name, json, "an array of selectors");
    if (json.elements.empty()) {
      // No condition, for $or and $nor, too, as in CouchDB.
      return join(Kind::kAllOf, scope.is_negated != (name == "$nor"), {});
    }
    std::vector<SelectorNode> children;
    for (const JsonValue& element : json.elements) {
      TRY_ASSIGN(SelectorNode child, selector(element, scope));
      children.push_back(std::move(child));
    }
    return join(kind, scope.is_negated, std::move(children));
  }

  Result<SelectorNode> inner_selector(const std::string& name, Kind kind, const JsonValue& json,
                                      const Scope& scope) {
    if (!json.is(Type::kObject)) return bad_argument(name, json, "a selector, which is an object");
    SelectorNode node = leaf(kind, scope);
    TRY_ASSIGN(SelectorNode inner, selector(json, Scope{}));
    node.children.push_back(std::move(inner));
    return node;
  }

  static SelectorNode leaf(Kind kind, const Scope& scope) {
    SelectorNode node;
    node.kind = kind;
    node.field = scope.field;
    node.is_negated = scope.is_negated;
    return node;
  }

  static SelectorNode equal(const JsonValue& value, const Scope& scope) {
    SelectorNode node = leaf(Kind::kIs, scope);
    node.condition = {Condition::Operator::kEqual, value, nullptr};
    return node;
  }

  RegexMatcher& regexes_;
};

}  // namespace

Result<Selector> Selector::parse(std::string_view json, RegexMatcher& regexes) {
  TRY_ASSIGN(const JsonValue value, parse_json_value(json));
  if (!value.is(Type::kObject)) {
    std::string reason = "Selector must be a JSON object, not: ";
    append_json_value(reason, value);
    return Error{400, "invalid_selector_json", std::move(reason)};
  }
  TRY_ASSIGN(SelectorNode root, SelectorParser(regexes).selector(value, Scope{}));
  return Selector(std::make_shared<const SelectorNode>(std::move(root)));
}

bool Selector::matches(const JsonValue& document) const { return root_->matches(document); }

}  // namespace couchlet
