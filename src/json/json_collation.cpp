#include "json/json_collation.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace couchlet {

namespace {

using Type = JsonValue::Type;

template <typename T>
int compare(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

// REQUIRES: two integers of JSON, which have no zeros in front.
int compare_integers(std::string_view a, std::string_view b) {
  const bool is_negative = a.front() == '-';
  if (is_negative != (b.front() == '-')) return is_negative ? -1 : 1;
  const int magnitudes = a.size() != b.size() ? compare(a.size(), b.size()) : a.compare(b);
  return is_negative ? -magnitudes : magnitudes;
}

int compare_numbers(const JsonValue& a, const JsonValue& b) {
  const int rounded = compare(a.number, b.number);
  constexpr double kMaxExactInteger = 9007199254740992;  // 2^53
  const bool may_differ = std::abs(a.number) >= kMaxExactInteger;
  if (rounded != 0 || !may_differ || !a.is_integer() || !b.is_integer()) return rounded;
  return compare_integers(a.text, b.text);
}

int compare_elements(const JsonValue& a, const JsonValue& b) {
  const size_t both = std::min(a.elements.size(), b.elements.size());
  for (size_t i = 0; i < both; ++i) {
    if (a.is(Type::kObject)) {
      if (const int keys = a.keys[i].compare(b.keys[i]); keys != 0) return keys;
    }
    if (const int values = collate(a.elements[i], b.elements[i]); values != 0) return values;
  }
  return compare(a.elements.size(), b.elements.size());
}

}  // namespace

int collate(const JsonValue& a, const JsonValue& b) {
  if (a.type != b.type) return compare(a.type, b.type);
  switch (a.type) {
    case Type::kNull:
    case Type::kFalse:
    case Type::kTrue:
      return 0;
    case Type::kNumber:
      return compare_numbers(a, b);
    case Type::kString:
      return a.text.compare(b.text);  // bytes of UTF-8 are in the order of code points
    case Type::kArray:
    case Type::kObject:
      return compare_elements(a, b);
  }
  return 0;
}

}  // namespace couchlet
