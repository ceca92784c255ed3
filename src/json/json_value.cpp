#include "json/json_value.h"

#include "json/json_number.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

namespace couchlet {

namespace {

using Type = JsonValue::Type;

// Goes as deep as JsonReader lets it (kMaxJsonDepth).
void read_value(JsonReader& reader, JsonValue& value) {
  switch (reader.peek()) {
    case JsonReader::Type::kNull:
      reader.read_null();
      break;
    case JsonReader::Type::kFalse:
    case JsonReader::Type::kTrue: {
      bool is_true = false;
      reader.read_bool(is_true);
      value.type = is_true ? Type::kTrue : Type::kFalse;
      break;
    }
    case JsonReader::Type::kNumber: {
      std::string_view raw;
      if (!reader.read_raw(raw)) break;
      value.type = Type::kNumber;
      value.text = raw;
      value.number = parse_json_double(raw);
      break;
    }
    case JsonReader::Type::kString:
      value.type = Type::kString;
      reader.read_string(value.text);
      break;
    case JsonReader::Type::kArray:
      value.type = Type::kArray;
      reader.enter_array();
      while (reader.next_element()) read_value(reader, value.elements.emplace_back());
      break;
    case JsonReader::Type::kObject:
      value.type = Type::kObject;
      reader.enter_object();
      for (std::string key; reader.next_member(key);) {
        value.keys.push_back(key);
        read_value(reader, value.elements.emplace_back());
      }
      break;
    case JsonReader::Type::kEnd:
    case JsonReader::Type::kError:
      reader.skip();  // which fails
      break;
  }
}

}  // namespace

JsonValue JsonValue::of_string(std::string_view characters) {
  JsonValue value;
  value.type = Type::kString;
  value.text = characters;
  return value;
}

bool JsonValue::is_integer() const {
  return type == Type::kNumber && text.find_first_of(".eE") == std::string::npos;
}

const JsonValue* JsonValue::member(std::string_view key) const {
  for (size_t i = keys.size(); i-- > 0;) {
    if (keys[i] == key) return &elements[i];
  }
  return nullptr;
}

Result<JsonValue> parse_json_value(std::string_view text) {
  JsonReader reader(text);
  JsonValue value;
  read_value(reader, value);
  if (!reader.at_end()) return reader.error();
  return value;
}

void append_json_value(std::string& out, const JsonValue& value) {
  switch (value.type) {
    case Type::kNull:
      out.append("null");
      break;
    case Type::kFalse:
      out.append("false");
      break;
    case Type::kTrue:
      out.append("true");
      break;
    case Type::kNumber:
      out.append(value.text);
      break;
    case Type::kString:
      append_json_string(out, value.text);
      break;
    case Type::kArray:
    case Type::kObject: {
      const bool is_object = value.is(Type::kObject);
      out.push_back(is_object ? '{' : '[');
      for (size_t i = 0; i < value.elements.size(); ++i) {
        if (i > 0) out.push_back(',');
        if (is_object) {
          append_json_string(out, value.keys[i]);
          out.push_back(':');
        }
        append_json_value(out, value.elements[i]);
      }
      out.push_back(is_object ? '}' : ']');
      break;
    }
  }
}

}  // namespace couchlet
