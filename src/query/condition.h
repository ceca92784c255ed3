// A condition on one value: an operator of a selector and its argument.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "json/json_value.h"
#include "query/regex_matcher.h"

namespace couchlet {

struct Condition {
  enum class Operator {
    kEqual,
    kLess,
    kGreater,
    kExists,
    kType,
    kIn,
    kSize,
    kModulo,
    kRegex,
    kBeginsWith,
    kAll,
  };

  Operator op = Operator::kEqual;
  JsonValue argument;
  std::shared_ptr<const Regex> regex;  // of kRegex

  bool holds(const JsonValue& value) const;
};

// An operator by its name; some are the negation of another ($ne, $lte, $gte, $nin).
struct ConditionName {
  std::string_view name;
  Condition::Operator op;
  bool is_negation;
};
const ConditionName* find_condition(std::string_view name);

// 400 bad_arg for an argument that the operator can't have.
Result<Condition> make_condition(const ConditionName& name, const JsonValue& argument,
                                 RegexMatcher& regexes);

// CouchDB's error for an argument, and what would be one.
Error bad_argument(std::string_view operator_name, const JsonValue& argument,
                   std::string_view expected);

}  // namespace couchlet
