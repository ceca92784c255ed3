#include "json/json_writer.h"

#include <cstdint>

namespace couchlet {

namespace {

bool needs_escape(char character) {
  return static_cast<uint8_t>(character) < ' ' || character == '"' || character == '\\';
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
  size_t written = 0;
  for (size_t i = 0; i < utf8.size(); ++i) {
    if (!needs_escape(utf8[i])) continue;
    out.append(utf8, written, i - written);
    append_escape(out, utf8[i]);
    written = i + 1;
  }
  out.append(utf8, written);
  out.push_back('"');
}

std::string json_string(std::string_view utf8) {
  std::string text;
  text.reserve(utf8.size() + 2);
  append_json_string(text, utf8);
  return text;
}

}  // namespace couchlet
