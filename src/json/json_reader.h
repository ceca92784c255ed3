// A pull reader of JSON text, for envelopes: HTTP answers, options, arrays of documents. It copies
// nothing but the strings that are asked for; a value that is only passed on is a span of the text.
//
//   JsonReader reader(text);
//   reader.enter_object();
//   for (std::string key; reader.next_member(key);) {
//     if (key == "docs") reader.read_raw(docs);
//     else reader.skip();
//   }
//   if (!reader.at_end()) return reader.error();
//
// Strict: RFC 8259, valid UTF-8, no lone surrogates, no byte order mark, at most kMaxJsonDepth
// deep. Every byte that is passed has been checked, but for what comes after the last call.
//
// Errors are sticky: after one every call returns false (peek(): kError). A value that is not of
// the type asked for is an error, too; where several types are possible, peek() first. After every
// next_member() and next_element() that returned true exactly one value must be read or skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json_lexer.h"
#include "json/json_nesting.h"

namespace couchlet {

class JsonReader {
 public:
  // `text` must outlive the reader and the spans that it gives.
  explicit JsonReader(std::string_view text);

  enum class Type { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject, kEnd, kError };

  // The type of the value that comes next, by its first character; kEnd where the text has ended.
  Type peek();

  bool enter_object();
  bool next_member(std::string& key);  // false at the object's end, which is then passed
  bool enter_array();
  bool next_element();  // false at the array's end, which is then passed

  bool read_string(std::string& out);
  bool read_bool(bool& out);
  bool read_uint64(uint64_t& out);  // digits only; what doesn't fit is an error
  bool read_null();
  bool read_raw(std::string_view& span);  // any value, checked, without the white space around it
  bool skip();

  // True where the whole text has been read. Anything but white space that is left is an error.
  bool at_end();

  bool failed() const { return failed_; }
  Error error() const;  // REQUIRES: failed()

 private:
  bool enter(bool is_object);
  bool next_in(bool is_object);
  bool fail(std::string_view reason = {});

  const char* text_;
  JsonLexer lexer_;
  JsonNesting nesting_;
  bool is_first_ = false;  // nothing of the innermost container has been read yet
  bool failed_ = false;
  size_t error_offset_ = 0;
  std::string_view error_reason_;  // empty: the text is at fault in itself
};

}  // namespace couchlet
