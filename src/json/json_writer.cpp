#include "json/json_writer.h"

#include <bit>
#include <cstdint>

#include "base/bytes.h"

namespace couchlet {

namespace {

bool needs_escape(char character) {
  return static_cast<uint8_t>(character) < ' ' || character == '"' || character == '\\';
}

// The first character that needs an escape, or the end: eight at a time, as in json_lexer.h.
const char* plain_end(const char* at, const char* end) {
  constexpr uint64_t kEach = 0x0101010101010101;
  while (end - at >= 8) {
    const uint64_t word = load_little_endian<uint64_t>(at);
    const uint64_t found =
        ((word - kEach * ' ') | ((word ^ kEach * '"') - kEach) | ((word ^ kEach * '\\') - kEach)) &
        ~word & kEach * 0x80;
    if (found != 0) return at + std::countr_zero(found) / 8;
    at += 8;
  }
  while (at != end && !needs_escape(*at)) ++at;
  return at;
}

void append_escape(std::string& out, char character) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto append_letter = [&out](char letter) {
    out.push_back('\\');
    out.push_back(letter);
  };
  switch (character) {
    case '"':
    case '\\':
      return append_letter(character);
    case '\b':
      return append_letter('b');
    case '\f':
      return append_letter('f');
    case '\n':
      return append_letter('n');
    case '\r':
      return append_letter('r');
    case '\t':
      return append_letter('t');
    default:
      out.append("\\u00");
      out.push_back(kDigits[static_cast<uint8_t>(character) >> 4]);
      out.push_back(kDigits[static_cast<uint8_t>(character) & 15]);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view utf8) {
  out.push_back('"');
  const char* at = utf8.data();
  const char* const end = at + utf8.size();
  for (;;) {
    const char* const plain = plain_end(at, end);
    out.append(at, plain);
    if (plain == end) break;
    append_escape(out, *plain);
    at = plain + 1;
  }
  out.push_back('"');
}

std::string json_string(std::string_view utf8) {
  std::string text;
  text.reserve(utf8.size() + 2);
  append_json_string(text, utf8);
  return text;
}

}  // namespace couchlet
