// The tokens of JSON (RFC 8259) as spans of the text. Whoever reads JSON reads it through this
// file: json_reader.h for a caller who pulls, json_value_scanner.h for a whole value in one loop.
//
// A function that reads a token wants at() on the token's first byte, leaves at() behind its last
// one, and where the text is at fault returns false and leaves at() on the byte that is.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/utf8.h"

namespace couchlet {

// What stands between the quotes. Valid UTF-8, and valid escapes if there are any.
struct JsonString {
  std::string_view raw;
  bool has_escapes = false;
};

struct JsonNumber {
  std::string_view text;
  bool is_integer = false;  // no fraction and no exponent; "1e3" is none, as in CouchDB
  bool has_exponent = false;
};

enum class JsonLiteral { kNull, kFalse, kTrue };

// Writes the characters that `raw` stands for at `out`, at most raw.size() bytes, and returns where
// they end. REQUIRES: a string that has been read.
char* unescape_json(std::string_view raw, char* out);
void unescape_json(const JsonString& string, std::string& out);

// CouchDB's answer to a text that it can't read, and where the text is at fault.
inline Error invalid_json(size_t offset) {
  return errors::bad_request("invalid UTF-8 JSON at byte " + std::to_string(offset));
}

class JsonLexer {
 public:
  explicit JsonLexer(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  const char* at() const { return at_; }
  bool at_end() const { return at_ == end_; }

  // The byte at at(), or NUL at the end: a NUL in the text is an error wherever it is looked at.
  char peek() const { return at_ != end_ ? *at_ : '\0'; }

  void skip_white_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  bool read_character(char character) {
    if (peek() != character || at_ == end_) return false;
    ++at_;
    return true;
  }

  bool read_string(JsonString& string) {
    if (!read_character('"')) return false;
    const char* const start = at_;
    string.has_escapes = false;
    for (;;) {
      skip_plain_characters();
      if (at_ == end_) return false;
      if (*at_ == '"') break;
      if (*at_ == '\\') {
        string.has_escapes = true;
        if (!accept(pass_escape(at_, end_))) return false;
      } else if (!accept(pass_unusual_characters(at_, end_))) {
        return false;
      }
    }
    string.raw = {start, static_cast<size_t>(at_ - start)};
    ++at_;
    return true;
  }

  bool read_number(JsonNumber& number) {
    const char* const start = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!read_digits()) {
      return false;
    }
    number.is_integer = true;
    number.has_exponent = false;
    if (peek() == '.') {
      ++at_;
      number.is_integer = false;
      if (!read_digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      number.is_integer = false;
      number.has_exponent = true;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!read_digits()) return false;
    }
    number.text = {start, static_cast<size_t>(at_ - start)};
    return true;
  }

  bool read_literal(JsonLiteral& literal) {
    switch (peek()) {
      case 'n':
        literal = JsonLiteral::kNull;
        return read_word("null");
      case 'f':
        literal = JsonLiteral::kFalse;
        return read_word("false");
      case 't':
        literal = JsonLiteral::kTrue;
        return read_word("true");
      default:
        return false;
    }
  }

 private:
  // Where a token ends, or the byte where it is at fault.
  struct Passed {
    const char* at;
    bool is_valid;
  };
  static Passed pass_escape(const char* at, const char* end);
  static Passed pass_unusual_characters(const char* at, const char* end);  // not ASCII, or controls

  bool accept(Passed passed) {
    at_ = passed.at;
    return passed.is_valid;
  }

  bool read_digits() {
    const char* const start = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != start;
  }

  bool read_word(std::string_view word) {
    for (const char character : word) {
      if (!read_character(character)) return false;
    }
    return true;
  }

  // Passes ASCII characters that stand for themselves in a string, eight at a time: a byte's top
  // bit is set in `unusual` where the byte is below ' ', '"', '\\' or not ASCII. A subtraction that
  // borrows can set bits of bytes behind such a one only, so the lowest bit is always right.
  void skip_plain_characters() {
    constexpr uint64_t kEach = 0x0101010101010101;
    while (end_ - at_ >= 8) {
      const uint64_t word = load_little_endian<uint64_t>(at_);
      const uint64_t unusual = ((word - kEach * ' ') | ((word ^ kEach * '"') - kEach) |
                                ((word ^ kEach * '\\') - kEach) | word) &
                               kEach * 0x80;
      if (unusual != 0) {
        at_ += std::countr_zero(unusual) / 8;
        return;
      }
      at_ += 8;
    }
    while (at_ != end_ && is_plain(*at_)) ++at_;
  }

  static bool is_plain(char character) {
    const auto byte = static_cast<uint8_t>(character);
    return byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
  }

  const char* at_;
  const char* end_;
};

}  // namespace couchlet
