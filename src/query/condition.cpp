#include "query/condition.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "json/json_collation.h"

namespace couchlet {

namespace {

using Operator = Condition::Operator;
using Type = JsonValue::Type;

constexpr ConditionName kConditions[] = {
    {"$eq", Operator::kEqual, false},      {"$ne", Operator::kEqual, true},
    {"$lt", Operator::kLess, false},       {"$gte", Operator::kLess, true},
    {"$gt", Operator::kGreater, false},    {"$lte", Operator::kGreater, true},
    {"$exists", Operator::kExists, false}, {"$type", Operator::kType, false},
    {"$in", Operator::kIn, false},         {"$nin", Operator::kIn, true},
    {"$size", Operator::kSize, false},     {"$mod", Operator::kModulo, false},
    {"$regex", Operator::kRegex, false},   {"$beginsWith", Operator::kBeginsWith, false},
    {"$all", Operator::kAll, false},
};

std::string_view name_of(Type type) {
  switch (type) {
    case Type::kNull:
      return "null";
    case Type::kFalse:
    case Type::kTrue:
      return "boolean";
    case Type::kNumber:
      return "number";
    case Type::kString:
      return "string";
    case Type::kArray:
      return "array";
    case Type::kObject:
      return "object";
  }
  return "";
}

bool parse_int64(const JsonValue& value, int64_t& out) {
  if (!value.is_integer()) return false;
  const char* const end = value.text.data() + value.text.size();
  const auto [after, problem] = std::from_chars(value.text.data(), end, out);
  return problem == std::errc() && after == end;
}

// The remainder as Erlang's `rem` has it: with the sign of the number. The number may be of any
// length. REQUIRES: an integer; divisor != 0.
int64_t remainder_of(std::string_view integer, int64_t divisor) {
  const bool is_negative = integer.front() == '-';
  if (is_negative) integer.remove_prefix(1);
  const uint64_t magnitude =
      divisor < 0 ? uint64_t{0} - static_cast<uint64_t>(divisor) : static_cast<uint64_t>(divisor);
  unsigned __int128 rest = 0;
  for (const char digit : integer)
    rest = (rest * 10 + static_cast<unsigned>(digit - '0')) % magnitude;
  // Below 2^63, unless the divisor is -2^63 and then at most that less one.
  const auto remainder = static_cast<int64_t>(rest);
  return is_negative ? -remainder : remainder;
}

bool has_equal(const std::vector<JsonValue>& values, const JsonValue& wanted) {
  return std::any_of(values.begin(), values.end(),
                     [&](const JsonValue& value) { return collate(value, wanted) == 0; });
}

// Of an array, any element counts.
bool is_in(const JsonValue& value, const JsonValue& list) {
  if (!value.is(Type::kArray)) return has_equal(list.elements, value);
  return std::any_of(value.elements.begin(), value.elements.end(),
                     [&](const JsonValue& element) { return has_equal(list.elements, element); });
}

bool has_all(const JsonValue& value, const JsonValue& wanted) {
  if (!value.is(Type::kArray) || wanted.elements.empty()) return false;
  const bool are_in =
      std::all_of(wanted.elements.begin(), wanted.elements.end(),
                  [&](const JsonValue& one) { return has_equal(value.elements, one); });
  // [[1, 2]] also stands for the very array [1, 2].
  const JsonValue& only = wanted.elements.front();
  const bool is_itself = wanted.elements.size() == 1 && collate(only, value) == 0;
  return are_in || is_itself;
}

bool is_congruent(const JsonValue& value, const JsonValue& modulo) {
  int64_t divisor = 0;
  int64_t remainder = 0;
  if (!value.is_integer() || !parse_int64(modulo.elements[0], divisor)) return false;
  return parse_int64(modulo.elements[1], remainder) &&
         remainder_of(value.text, divisor) == remainder;
}

// What is wrong with an argument: what it should be. "" if nothing is.
std::string_view expected_argument(Operator op, const JsonValue& argument) {
  int64_t number = 0;
  switch (op) {
    case Operator::kEqual:
    case Operator::kLess:
    case Operator::kGreater:
      return "";
    case Operator::kExists:
      return argument.is_boolean() ? "" : "true or false";
    case Operator::kType:
      return argument.is(Type::kString) ? "" : "the name of a type, as \"string\"";
    case Operator::kIn:
    case Operator::kAll:
      return argument.is(Type::kArray) ? "" : "an array";
    case Operator::kSize:
      return parse_int64(argument, number) && number >= 0 ? "" : "a whole number, not negative";
    case Operator::kRegex:
    case Operator::kBeginsWith:
      return argument.is(Type::kString) ? "" : "a string";
    case Operator::kModulo: {
      const auto& pair = argument.elements;
      const bool is_pair = argument.is(Type::kArray) && pair.size() == 2;
      const bool is_good =
          is_pair && parse_int64(pair[1], number) && parse_int64(pair[0], number) && number != 0;
      return is_good ? "" : "[divisor, remainder], two whole numbers, the first not 0";
    }
  }
  return "";
}

}  // namespace

const ConditionName* find_condition(std::string_view name) {
  for (const ConditionName& condition : kConditions) {
    if (condition.name == name) return &condition;
  }
  return nullptr;
}

Error bad_argument(std::string_view operator_name, const JsonValue& argument,
                   std::string_view expected) {
  std::string reason = "Bad argument for operator " + std::string(operator_name) + ": ";
  append_json_value(reason, argument);
  return {400, "bad_arg", reason.append(" (it must be ").append(expected).append(")")};
}

Result<Condition> make_condition(const ConditionName& name, const JsonValue& argument,
                                 RegexMatcher& regexes) {
  const std::string_view expected = expected_argument(name.op, argument);
  if (!expected.empty()) return bad_argument(name.name, argument, expected);
  Condition condition{name.op, argument, nullptr};
  if (name.op == Operator::kRegex) {
    auto regex = regexes.compile(argument.text);
    if (!regex.ok()) {
      return bad_argument(name.name, argument, "a regular expression: " + regex.error().reason);
    }
    condition.regex = *std::move(regex);
  }
  return condition;
}

bool Condition::holds(const JsonValue& value) const {
  switch (op) {
    case Operator::kEqual:
      return collate(value, argument) == 0;
    case Operator::kLess:
      return collate(value, argument) < 0;
    case Operator::kGreater:
      return collate(value, argument) > 0;
    case Operator::kExists:
      return argument.is(Type::kTrue);
    case Operator::kType:
      return name_of(value.type) == argument.text;
    case Operator::kIn:
      return is_in(value, argument);
    case Operator::kSize:
      return value.is(Type::kArray) && std::to_string(value.elements.size()) == argument.text;
    case Operator::kModulo:
      return is_congruent(value, argument);
    case Operator::kRegex:
      return value.is(Type::kString) && regex->matches(value.text);
    case Operator::kBeginsWith:
      return value.is(Type::kString) && value.text.starts_with(argument.text);
    case Operator::kAll:
      return has_all(value, argument);
  }
  return false;
}

}  // namespace couchlet
