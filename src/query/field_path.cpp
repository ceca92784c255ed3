#include "query/field_path.h"

#include <charconv>
#include <utility>

namespace couchlet {

namespace {

using Type = JsonValue::Type;

const JsonValue* element_at(const JsonValue& array, std::string_view index) {
  size_t number = 0;
  const char* const end = index.data() + index.size();
  const auto [after, problem] = std::from_chars(index.data(), end, number);
  if (problem != std::errc() || after != end || number >= array.elements.size()) return nullptr;
  return &array.elements[number];
}

}  // namespace

Result<FieldPath> FieldPath::parse(std::string_view name) {
  FieldPath path;
  path.parts_.emplace_back();
  for (size_t i = 0; i < name.size(); ++i) {
    const bool is_escape =
        name[i] == '\\' && i + 1 < name.size() && (name[i + 1] == '.' || name[i + 1] == '$');
    if (is_escape) {
      path.parts_.back().push_back(name[++i]);
    } else if (name[i] == '.') {
      path.parts_.emplace_back();
    } else {
      path.parts_.back().push_back(name[i]);
    }
  }
  for (const std::string& part : path.parts_) {
    if (!part.empty()) continue;
    return Error{400, "invalid_field_name",
                 "Invalid field name: \"" + std::string(name) +
                     "\". A name and its parts between dots can't be empty; a dot that belongs to "
                     "a name is written \"\\\\.\"."};
  }
  return path;
}

FieldPath FieldPath::followed_by(const FieldPath& deeper) const {
  FieldPath path = *this;
  path.parts_.insert(path.parts_.end(), deeper.parts_.begin(), deeper.parts_.end());
  return path;
}

FieldPath::Found FieldPath::find(const JsonValue& in) const {
  const JsonValue* value = &in;
  for (const std::string& part : parts_) {
    if (value->is(Type::kObject)) {
      value = value->member(part);
      if (value == nullptr) return {};
    } else {
      value = value->is(Type::kArray) ? element_at(*value, part) : nullptr;
      if (value == nullptr) return {.is_impossible = true};
    }
  }
  return {.value = value};
}

}  // namespace couchlet
