#include "json/json_reader.h"

#include <limits>

#include "json/json_value_scanner.h"

namespace couchlet {

namespace {

// False where the digits don't fit.
bool parse_uint64(std::string_view digits, uint64_t& out) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  uint64_t value = 0;
  for (const char character : digits) {
    const auto digit = static_cast<uint64_t>(character - '0');
    if (value > (kMax - digit) / 10) return false;
    value = value * 10 + digit;
  }
  out = value;
  return true;
}

}  // namespace

JsonReader::JsonReader(std::string_view text) : text_(text.data()), lexer_(text) {}

JsonReader::Type JsonReader::peek() {
  if (failed_) return Type::kError;
  lexer_.skip_white_space();
  if (lexer_.at_end()) return Type::kEnd;
  switch (lexer_.peek()) {
    case '{':
      return Type::kObject;
    case '[':
      return Type::kArray;
    case '"':
      return Type::kString;
    case 'n':
      return Type::kNull;
    case 'f':
      return Type::kFalse;
    case 't':
      return Type::kTrue;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return Type::kNumber;
    default:
      fail();
      return Type::kError;
  }
}

bool JsonReader::enter_object() {
  if (peek() != Type::kObject) return fail("expected an object");
  return enter(true);
}

bool JsonReader::enter_array() {
  if (peek() != Type::kArray) return fail("expected an array");
  return enter(false);
}

bool JsonReader::enter(bool is_object) {
  if (!nesting_.enter(is_object)) return fail();
  lexer_.read_character(is_object ? '{' : '[');
  is_first_ = true;
  return true;
}

bool JsonReader::next_member(std::string& key) {
  if (!next_in(true)) return false;
  JsonString string;
  if (!read_json_key(lexer_, string)) return fail();
  unescape_json(string, key);
  return true;
}

bool JsonReader::next_element() { return next_in(false); }

// Passes the comma, if one is due, or the end of the container.
bool JsonReader::next_in(bool is_object) {
  if (failed_) return false;
  lexer_.skip_white_space();
  if (nesting_.depth() == 0 || nesting_.is_in_object() != is_object) return fail();
  const bool is_first = is_first_;
  is_first_ = false;
  if (lexer_.read_character(is_object ? '}' : ']')) {
    nesting_.leave();
    return false;
  }
  if (!is_first && !lexer_.read_character(',')) return fail();
  lexer_.skip_white_space();
  return true;
}

bool JsonReader::read_string(std::string& out) {
  if (peek() != Type::kString) return fail("expected a string");
  JsonString string;
  if (!lexer_.read_string(string)) return fail();
  unescape_json(string, out);
  return true;
}

bool JsonReader::read_bool(bool& out) {
  const Type type = peek();
  if (type != Type::kTrue && type != Type::kFalse) return fail("expected true or false");
  JsonLiteral literal;
  if (!lexer_.read_literal(literal)) return fail();
  out = literal == JsonLiteral::kTrue;
  return true;
}

bool JsonReader::read_null() {
  if (peek() != Type::kNull) return fail("expected null");
  JsonLiteral literal;
  return lexer_.read_literal(literal) || fail();
}

bool JsonReader::read_uint64(uint64_t& out) {
  constexpr std::string_view kExpected = "expected an integer from 0 to 18446744073709551615";
  if (peek() != Type::kNumber) return fail(kExpected);
  const JsonLexer start = lexer_;
  JsonNumber number;
  if (!lexer_.read_number(number)) return fail();
  if (number.is_integer && number.text.front() != '-' && parse_uint64(number.text, out)) {
    return true;
  }
  lexer_ = start;
  return fail(kExpected);
}

bool JsonReader::read_raw(std::string_view& span) {
  if (peek() == Type::kEnd) return fail();
  if (failed_) return false;
  const char* const start = lexer_.at();
  CheckOnly sink;
  if (!scan_json_value(lexer_, nesting_, sink)) return fail();
  span = {start, static_cast<size_t>(lexer_.at() - start)};
  return true;
}

bool JsonReader::skip() {
  std::string_view span;
  return read_raw(span);
}

bool JsonReader::at_end() {
  if (failed_) return false;
  lexer_.skip_white_space();
  return (nesting_.depth() == 0 && lexer_.at_end()) || fail();
}

// The first error stays.
bool JsonReader::fail(std::string_view reason) {
  if (failed_) return false;
  failed_ = true;
  error_offset_ = static_cast<size_t>(lexer_.at() - text_);
  error_reason_ = reason;
  return false;
}

Error JsonReader::error() const {
  if (error_reason_.empty()) return invalid_json(error_offset_);
  return errors::bad_request(std::string(error_reason_) + " at byte " +
                             std::to_string(error_offset_));
}

}  // namespace couchlet
