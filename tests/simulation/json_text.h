// Reading the engine's answers: JSON by nlohmann's library, which the engine does not read them
// with. A member that is missing reads as none at all.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace couchlet {

using Json = nlohmann::json;

inline Json parse_json(std::string_view text) { return Json::parse(text, nullptr, false); }

// For a line about it: large attachments are too long for that.
inline std::string shown(const Json& value) {
  constexpr size_t kMostBytes = 4000;
  std::string text = value.dump();
  if (text.size() > kMostBytes) text.replace(kMostBytes, std::string::npos, "…");
  return text;
}

inline std::string text_at(const Json& object, const char* name) {
  if (!object.is_object()) return "";
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

inline uint64_t number_at(const Json& object, const char* name) {
  if (!object.is_object()) return 0;
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

inline bool is_true_at(const Json& object, const char* name) {
  if (!object.is_object()) return false;
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace couchlet
