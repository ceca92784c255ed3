#include "json/sax_document_scanner.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace couchlet {

namespace {

constexpr size_t kMaxDepth = 512;

// Numbers as long doubles, so that nlohmann/json does not stop at an integer above 1.8e308.
using Json =
    nlohmann::basic_json<std::map, std::vector, std::string, bool, int64_t, uint64_t, long double>;

// Counts the bytes that the parser has taken.
class CountingIterator {
 public:
  // NOLINTBEGIN(readability-identifier-naming): the standard library's names
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  // NOLINTEND(readability-identifier-naming)

  CountingIterator(const char* at, size_t& count) : at_(at), count_(&count) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*count_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  size_t* count_;
};

struct Value {
  enum class Kind { kNull, kFalse, kTrue, kInteger, kFloat, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string text;               // of a string unescaped, of a number as written
  std::vector<std::string> keys;  // of an object, as many as elements
  std::vector<Value> elements;
  size_t begin = 0;    // in the text; of an object's member, where its key begins
  size_t bracket = 0;  // of an array or object
  size_t end = 0;
};

class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  size_t& bytes_taken() { return bytes_taken_; }
  const Value& root() const { return root_.elements.front(); }
  bool is_out_of_range() const { return is_out_of_range_; }
  bool has_infinite_number() const { return has_infinite_number_; }

  bool null() override { return add(Value::Kind::kNull); }
  bool boolean(bool value) override {
    return add(value ? Value::Kind::kTrue : Value::Kind::kFalse);
  }
  bool number_integer(int64_t value) override {
    return add(Value::Kind::kInteger, std::to_string(value), true);
  }
  bool number_unsigned(uint64_t value) override {
    return add(Value::Kind::kInteger, std::to_string(value), true);
  }
  bool number_float(long double, const std::string& digits) override {
    if (digits.find_first_of(".eE") == digits.npos) return add(Value::Kind::kInteger, digits, true);
    has_infinite_number_ |= !std::isfinite(std::strtod(digits.c_str(), nullptr));
    return add(Value::Kind::kFloat, digits, true);
  }
  bool string(std::string& value) override { return add(Value::Kind::kString, value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(Value::Kind::kObject); }
  bool key(std::string& key) override {
    top().keys.push_back(key);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return open(Value::Kind::kArray); }
  bool end_array() override { return close(); }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    is_out_of_range_ = error.id == 406;
    return false;
  }

 private:
  static Value container_of_the_text() {
    Value root;
    root.kind = Value::Kind::kArray;
    root.bracket = static_cast<size_t>(-1);  // the byte before the text
    return root;
  }

  Value& top() { return *open_.back(); }

  // A number has ended when the parser looks at the byte behind it.
  size_t token_end(bool is_number) const {
    const bool has_looked_on = is_number && !std::isdigit(text_[bytes_taken_ - 1]);
    return bytes_taken_ - (has_looked_on ? 1 : 0);
  }

  bool add(Value::Kind kind, std::string text = {}, bool is_number = false) {
    Value& value = append(kind);
    value.text = std::move(text);
    value.end = token_end(is_number);
    return true;
  }

  Value& append(Value::Kind kind) {
    Value& parent = top();
    const size_t before = parent.elements.empty() ? parent.bracket + 1 : parent.elements.back().end;
    Value value;
    value.kind = kind;
    value.begin = text_.find_first_not_of(" \t\r\n,", before);
    parent.elements.push_back(std::move(value));
    return parent.elements.back();
  }

  bool open(Value::Kind kind) {
    if (open_.size() > kMaxDepth) return false;
    Value& value = append(kind);
    value.bracket = bytes_taken_ - 1;  // the bracket
    open_.push_back(&value);
    return true;
  }

  bool close() {
    top().end = bytes_taken_;
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  size_t bytes_taken_ = 0;
  Value root_ = container_of_the_text();
  std::vector<Value*> open_{&root_};
  bool is_out_of_range_ = false;
  bool has_infinite_number_ = false;
};

// nlohmann/json takes a NUL as the end of the text and passes over a byte order mark.
bool parse(std::string_view text, TreeBuilder& builder) {
  if (text.find('\0') != text.npos || text.starts_with("\xef\xbb\xbf")) return false;
  const CountingIterator begin(text.data(), builder.bytes_taken());
  const CountingIterator end(text.data() + text.size(), builder.bytes_taken());
  return Json::sax_parse(begin, end, &builder);
}

std::string big_endian(uint64_t value, size_t size) {
  std::string bytes;
  for (size_t i = size; i-- > 0;) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

// The digits of a decimal number to base 256, lowest first, by dividing it again and again.
std::string magnitude_of(std::string decimal) {
  std::string magnitude;
  while (!decimal.empty()) {
    std::string quotient;
    int remainder = 0;
    for (const char digit : decimal) {
      remainder = remainder * 10 + (digit - '0');
      if (!quotient.empty() || remainder / 256 > 0) {
        quotient.push_back(static_cast<char>('0' + remainder / 256));
      }
      remainder %= 256;
    }
    magnitude.push_back(static_cast<char>(remainder));
    decimal = quotient;
  }
  return magnitude;
}

bool is_byte(const Value& value) {
  return value.kind == Value::Kind::kInteger && value.text.size() <= 3 && value.text[0] != '-' &&
         std::stoi(value.text) <= 255;
}

std::string integer_term(std::string text) {
  const bool is_negative = text[0] == '-';
  const std::string digits = is_negative ? text.substr(1) : text;
  if (digits.size() <= 10) {
    const int64_t value = std::stoll(text);
    if (value >= 0 && value <= 255) return std::string("a") + static_cast<char>(value);
    if (value >= INT32_MIN && value <= INT32_MAX) {
      return "b" + big_endian(static_cast<uint64_t>(value), 4);
    }
  }
  const std::string magnitude = magnitude_of(digits);
  return (magnitude.size() < 256 ? "n" + big_endian(magnitude.size(), 1)
                                 : "o" + big_endian(magnitude.size(), 4)) +
         (is_negative ? '\1' : '\0') + magnitude;
}

std::string binary_term(std::string_view bytes) {
  return "m" + big_endian(bytes.size(), 4) + std::string(bytes);
}

std::string list_term(size_t count, const std::string& elements) {
  return count == 0 ? "j" : "l" + big_endian(count, 4) + elements + "j";
}

std::string term_of(const Value& value);

bool is_special(std::string_view key) { return key.starts_with('_'); }

// Whether a later member has the same key.
bool is_superseded(const Value& object, size_t i) {
  return std::find(object.keys.begin() + static_cast<ptrdiff_t>(i) + 1, object.keys.end(),
                   object.keys[i]) != object.keys.end();
}

std::string object_term(const Value& object, bool with_special_members) {
  std::string members;
  size_t count = 0;
  for (size_t i = 0; i < object.keys.size(); ++i) {
    if (is_superseded(object, i)) continue;
    if (!with_special_members && is_special(object.keys[i])) continue;
    members += "h\2" + binary_term(object.keys[i]) + term_of(object.elements[i]);
    ++count;
  }
  return "h\1" + list_term(count, members);
}

std::string array_term(const Value& array) {
  const std::vector<Value>& elements = array.elements;
  const bool is_string = std::all_of(elements.begin(), elements.end(), is_byte);
  std::string text;
  if (is_string && !elements.empty() && elements.size() <= 65'535) {
    for (const Value& element : elements)
      text.push_back(static_cast<char>(std::stoi(element.text)));
    return "k" + big_endian(elements.size(), 2) + text;
  }
  for (const Value& element : elements) text += term_of(element);
  return list_term(elements.size(), text);
}

std::string term_of(const Value& value) {
  using namespace std::literals;
  switch (value.kind) {
    case Value::Kind::kNull:
      return "d\0\4null"s;
    case Value::Kind::kFalse:
      return "d\0\5false"s;
    case Value::Kind::kTrue:
      return "d\0\4true"s;
    case Value::Kind::kInteger:
      return integer_term(value.text);
    case Value::Kind::kFloat:
      return "F" + big_endian(std::bit_cast<uint64_t>(std::strtod(value.text.c_str(), nullptr)), 8);
    case Value::Kind::kString:
      return binary_term(value.text);
    case Value::Kind::kArray:
      return array_term(value);
    case Value::Kind::kObject:
      return object_term(value, true);
  }
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

Error bad_member(std::string_view key) {
  return {400, "doc_validation", "Bad special document member: " + std::string(key)};
}

std::optional<Error> error_of(std::string_view key, const Value& value, bool superseded) {
  using Kind = Value::Kind;
  if (!is_one_of(key, {"_id", "_rev", "_deleted", "_attachments", "_revisions", "_revs_info",
                       "_conflicts", "_deleted_conflicts", "_local_seq"})) {
    return bad_member(key);
  }
  if (superseded) return std::nullopt;
  if (key == "_id" && value.kind != Kind::kString) {
    return Error{400, "illegal_docid", "Document id must be a string"};
  }
  if (key == "_rev" && value.kind != Kind::kString) {
    return errors::bad_request("Invalid rev format");
  }
  const bool is_boolean = value.kind == Kind::kTrue || value.kind == Kind::kFalse;
  if (key == "_deleted" && !is_boolean) return bad_member(key);
  if (is_one_of(key, {"_attachments", "_revisions"}) && value.kind != Kind::kObject) {
    return bad_member(key);
  }
  return std::nullopt;
}

}  // namespace

Result<ScannedDocument> sax_scan_document(std::string_view text) {
  TreeBuilder builder(text);
  const bool is_json = parse(text, builder);
  if (!is_json || (builder.has_infinite_number() && builder.root().kind == Value::Kind::kObject)) {
    return errors::bad_request("invalid UTF-8 JSON");
  }
  const Value& root = builder.root();
  if (root.kind != Value::Kind::kObject) {
    return errors::bad_request("Document must be a JSON object");
  }
  ScannedDocument document;
  for (size_t i = 0; i < root.keys.size(); ++i) {
    const std::string& key = root.keys[i];
    const Value& value = root.elements[i];
    const auto span = [&text](size_t begin, size_t end) { return text.substr(begin, end - begin); };
    if (!is_special(key)) {
      if (!document.body.empty()) document.body += ',';
      document.body += span(value.begin, value.end);
      continue;
    }
    if (const auto error = error_of(key, value, is_superseded(root, i))) return *error;
    if (key == "_id") document.id = value.text;
    if (key == "_rev") document.rev = value.text;
    if (key == "_deleted") document.is_deleted = value.kind == Value::Kind::kTrue;
    if (key == "_attachments") document.attachments = span(value.bracket, value.end);
    if (key == "_revisions") document.revisions = span(value.bracket, value.end);
  }
  document.term = object_term(root, false);
  return document;
}

std::optional<bool> sax_is_json(std::string_view text) {
  TreeBuilder builder(text);
  const bool is_json = parse(text, builder);
  if (builder.is_out_of_range()) return std::nullopt;
  return is_json;
}

}  // namespace couchlet
