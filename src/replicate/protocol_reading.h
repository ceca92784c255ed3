// What the readers of the protocol's answers (protocol_json.h) have in common.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json_reader.h"

namespace couchlet {

inline Error unreadable(const JsonReader& reader) {
  return {502, "bad_response", reader.error().reason};
}

inline Error unexpected(std::string_view problem) {
  return {502, "bad_response", std::string(problem)};
}

// Of a line: nothing, or what ends it.
inline bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// A string member that may be something else or null.
inline void read_optional_string(JsonReader& reader, std::string& out) {
  if (reader.peek() == JsonReader::Type::kString) {
    reader.read_string(out);
  } else {
    reader.skip();
  }
}

}  // namespace couchlet
