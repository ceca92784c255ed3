// One JSON value, scanned in one loop without recursion, so that depth costs a bit and no stack.
//
// A Sink is told what the value is made of, in the order of the text:
//
//   begin_object() key(const JsonString&) end_object() begin_array() end_array()
//   string(const JsonString&) literal(JsonLiteral) bool number(const JsonNumber&)
//
// number() may refuse its number, which is then an error of the text. A Sink is a template argument
// because the calls cost more than what they do, and scanning alone (CheckOnly) is then just that.
#pragma once

#include <cstddef>

#include "json/json_lexer.h"
#include "json/json_nesting.h"

namespace couchlet {

struct CheckOnly {
  void begin_object() {}
  void key(const JsonString&) {}
  void end_object() {}
  void begin_array() {}
  void end_array() {}
  void string(const JsonString&) {}
  void literal(JsonLiteral) {}
  bool number(const JsonNumber&) { return true; }
};

// A key, the colon and the white space around them.
inline bool read_json_key(JsonLexer& lexer, JsonString& key) {
  if (!lexer.read_string(key)) return false;
  lexer.skip_white_space();
  if (!lexer.read_character(':')) return false;
  lexer.skip_white_space();
  return true;
}

// Reads the value at lexer.at() up to its last byte. False: the text is at fault at lexer.at().
template <typename Sink>
bool scan_json_value(JsonLexer& lexer, JsonNesting& nesting, Sink& sink) {
  const size_t outer_depth = nesting.depth();
  JsonString string;
  JsonNumber number;
  JsonLiteral literal;
  for (;;) {
    switch (lexer.peek()) {
      case '{':
      case '[': {
        const bool is_object = lexer.peek() == '{';
        if (!nesting.enter(is_object)) return false;
        lexer.read_character(is_object ? '{' : '[');
        is_object ? sink.begin_object() : sink.begin_array();
        lexer.skip_white_space();
        if (lexer.peek() == (is_object ? '}' : ']')) break;
        if (is_object) {
          if (!read_json_key(lexer, string)) return false;
          sink.key(string);
        }
        continue;
      }
      case '"':
        if (!lexer.read_string(string)) return false;
        sink.string(string);
        break;
      case '-':
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7':
      case '8':
      case '9': {
        const JsonLexer number_start = lexer;
        if (!lexer.read_number(number)) return false;
        if (!sink.number(number)) {
          lexer = number_start;
          return false;
        }
        break;
      }
      default:
        if (!lexer.read_literal(literal)) return false;
        sink.literal(literal);
    }

    // A value has ended, or an empty container is about to.
    for (;;) {
      if (nesting.depth() == outer_depth) return true;
      lexer.skip_white_space();
      const bool is_object = nesting.is_in_object();
      if (lexer.read_character(',')) {
        lexer.skip_white_space();
        if (is_object) {
          if (!read_json_key(lexer, string)) return false;
          sink.key(string);
        }
        break;
      }
      if (!lexer.read_character(is_object ? '}' : ']')) return false;
      is_object ? sink.end_object() : sink.end_array();
      nesting.leave();
    }
  }
}

}  // namespace couchlet
