#include "json/json_lexer.h"

#include <cstring>

namespace couchlet {

namespace {

constexpr size_t kUnicodeEscape = 6;  // \uXXXX

// The value of the four digits of a \uXXXX, or what is above every such value.
constexpr uint32_t kNoCodeUnit = 0x10000;

int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

uint32_t code_unit_at(const char* at, const char* end) {
  if (static_cast<size_t>(end - at) < kUnicodeEscape || at[0] != '\\' || at[1] != 'u') {
    return kNoCodeUnit;
  }
  uint32_t unit = 0;
  for (size_t i = 2; i < kUnicodeEscape; ++i) {
    const int value = digit_value(at[i]);
    if (value < 0) return kNoCodeUnit;
    unit = unit << 4 | static_cast<uint32_t>(value);
  }
  return unit;
}

bool is_high_surrogate(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

char unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;  // '"', '\\' or '/'
  }
}

}  // namespace

JsonLexer::Passed JsonLexer::pass_escape(const char* at, const char* end) {
  if (end - at < 2) return {end, false};
  const char letter = at[1];
  if (letter != 'u') {
    const bool is_known = letter != '\0' && std::strchr("\"\\/bfnrt", letter) != nullptr;
    return {is_known ? at + 2 : at, is_known};
  }
  const uint32_t unit = code_unit_at(at, end);
  if (unit == kNoCodeUnit || is_low_surrogate(unit)) return {at, false};
  if (!is_high_surrogate(unit)) return {at + kUnicodeEscape, true};
  const bool is_pair = is_low_surrogate(code_unit_at(at + kUnicodeEscape, end));
  return {is_pair ? at + 2 * kUnicodeEscape : at, is_pair};
}

JsonLexer::Passed JsonLexer::pass_unusual_characters(const char* at, const char* end) {
  do {
    if (static_cast<uint8_t>(*at) < ' ') return {at, false};
    const size_t length = utf8_character_length(at, end);
    if (length == 0) return {at, false};
    at += length;
  } while (at != end && static_cast<uint8_t>(*at) >= 0x80);
  return {at, true};
}

char* unescape_json(std::string_view raw, char* out) {
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while (at != end) {
    const auto* backslash =
        static_cast<const char*>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
    const char* const plain_end = backslash != nullptr ? backslash : end;
    const auto plain = static_cast<size_t>(plain_end - at);
    std::memcpy(out, at, plain);
    out += plain;
    at = plain_end;
    if (at == end) break;
    if (at[1] != 'u') {
      *out++ = unescaped(at[1]);
      at += 2;
      continue;
    }
    uint32_t code_point = code_unit_at(at, end);
    at += kUnicodeEscape;
    if (is_high_surrogate(code_point)) {
      const uint32_t low = code_unit_at(at, end);
      at += kUnicodeEscape;
      code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
    }
    out = write_utf8(out, code_point);
  }
  return out;
}

void unescape_json(const JsonString& string, std::string& out) {
  out.assign(string.raw);
  if (!string.has_escapes) return;
  out.resize(static_cast<size_t>(unescape_json(string.raw, out.data()) - out.data()));
}

}  // namespace couchlet
