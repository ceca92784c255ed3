// A JSON value as a tree, for those who look into it: a selector, a key of a view. Documents on
// their way through the engine are never made into one (document_scanner.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace couchlet {

struct JsonValue {
  // In the order in which values of different types sort (json_collation.h).
  enum class Type : uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

  Type type = Type::kNull;
  double number = 0;
  std::string text;                 // a string's characters; a number as it was written
  std::vector<std::string> keys;    // an object's, in the order of the text, duplicates included
  std::vector<JsonValue> elements;  // an array's elements; an object's values, one for each key

  static JsonValue of_string(std::string_view characters);

  bool is(Type wanted) const { return type == wanted; }
  bool is_boolean() const { return type == Type::kFalse || type == Type::kTrue; }
  bool is_integer() const;  // a number without fraction and exponent, as CouchDB tells them apart

  // The value of a member; the last one of a key that comes twice, null if there is none.
  const JsonValue* member(std::string_view key) const;
};

// 400 bad_request for a text that is no JSON.
Result<JsonValue> parse_json_value(std::string_view text);

void append_json_value(std::string& out, const JsonValue& value);

}  // namespace couchlet
