#include "json/random_json.h"

#include <iterator>

namespace couchlet {

namespace {

constexpr const char* kKeys[] = {"a",
                                 "b",
                                 "\\u0061",
                                 "\\u0062",
                                 "",
                                 "\\u0000",
                                 "name",
                                 "n\\u0061me",
                                 "\xc3\xa9",
                                 "\\u00e9",
                                 "\\u00E9",
                                 "a key of more than eight bytes",
                                 "a key of more than eight bytez",
                                 "\\\\",
                                 "\\\"",
                                 "\\/",
                                 "/"};
constexpr const char* kSpecialKeys[] = {
    "_id",        "_rev",       "_deleted",           "_attachments", "_revisions", "_revs_info",
    "_conflicts", "_local_seq", "_deleted_conflicts", "\\u005fid",    "_\\u0072ev", "_unknown",
    "_",          "\\u005F",    "_i\\u0064"};
constexpr const char* kNumbers[] = {"0",
                                    "-0",
                                    "1",
                                    "-1",
                                    "255",
                                    "256",
                                    "2147483647",
                                    "2147483648",
                                    "-2147483648",
                                    "-2147483649",
                                    "4294967295",
                                    "4294967296",
                                    "9007199254740993",
                                    "999999999999999999",
                                    "1000000000000000000",
                                    "-1000000000000000000",
                                    "9223372036854775807",
                                    "-9223372036854775808",
                                    "-9223372036854775809",
                                    "18446744073709551615",
                                    "18446744073709551616",
                                    "-0.0",
                                    "0.0",
                                    "1.0",
                                    "1e3",
                                    "1E+2",
                                    "0.1",
                                    "5e-324",
                                    "2e-324",
                                    "1e-400",
                                    "1.7976931348623157e308",
                                    "1.7976931348623159e308",
                                    "1e400",
                                    "0e400",
                                    "9007199254740993.0",
                                    "0.30000000000000004",
                                    "123456789012345678901234567890.5e-10",
                                    "1e22",
                                    "1e23"};
constexpr const char* kCharacters[] = {"\\\"",
                                       "\\\\",
                                       "\\/",
                                       "\\b",
                                       "\\f",
                                       "\\n",
                                       "\\r",
                                       "\\t",
                                       "\\u0000",
                                       "\\u001f",
                                       "\\u007f",
                                       "\\u0080",
                                       "\\u07ff",
                                       "\\u0800",
                                       "\\uFFFF",
                                       "\\uD83D\\uDE00",
                                       "\\udbff\\udfff",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xe6\x97\xa5"};
constexpr const char* kFragments[] = {"{",
                                      "}",
                                      "[",
                                      "]",
                                      ",",
                                      ":",
                                      "\"",
                                      "\\",
                                      "\\u",
                                      "\\ud800",
                                      "\\udc00",
                                      "\\x",
                                      "null",
                                      "true",
                                      "nul",
                                      "-",
                                      ".",
                                      "e",
                                      "0",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "NaN",
                                      "Infinity",
                                      "//",
                                      "/**/",
                                      "'",
                                      "\xef\xbb\xbf",
                                      "\xc0\x80",
                                      "\xed\xa0\x80",
                                      "\xf5\x80\x80\x80",
                                      "\x80",
                                      "\xff",
                                      " ",
                                      "\n",
                                      "\x01",
                                      "\x1f",
                                      "\xc2\xa0",
                                      "1e400",
                                      "\"_id\":",
                                      "{}",
                                      "[]"};

}  // namespace

std::string RandomJson::document() {
  std::string out;
  has_white_space_ = one_in(4);
  append_white_space(out);
  if (one_in(50)) {
    append_value(out, 0);
  } else {
    append_object(out, 0, true);
  }
  append_white_space(out);
  return out;
}

std::string RandomJson::mutated(std::string text) {
  do {
    const size_t at = random_.below(text.size() + 1);
    const size_t length = random_.below(text.size() - at + 1);
    switch (random_.below(7)) {
      case 0:
        text.resize(at);
        break;
      case 1:
        text.insert(at, 1, static_cast<char>(random_.next()));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random_.next());
        break;
      case 3:
        text.erase(at, 1);
        break;
      case 4:
        text.insert(at, text.substr(at, length % 30));
        break;
      case 5:
        text.erase(at, length % 30);
        break;
      default:
        text.insert(at, kFragments[random_.below(std::size(kFragments))]);
    }
  } while (one_in(3));
  return text;
}

void RandomJson::append_object(std::string& out, size_t depth, bool is_document) {
  const size_t count = one_in(40) ? random_.below(200) : random_.below(8);
  out.push_back('{');
  append_white_space(out);
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out.push_back(',');
    append_white_space(out);
    append_key(out, is_document);
    append_white_space(out);
    out.push_back(':');
    append_white_space(out);
    append_value(out, count > 8 ? 5 : depth + 1);
    append_white_space(out);
  }
  out.push_back('}');
}

void RandomJson::append_array(std::string& out, size_t depth) {
  const bool has_only_bytes = one_in(2);
  const size_t count = one_in(40) ? random_.below(400) : random_.below(8);
  out.push_back('[');
  append_white_space(out);
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out.push_back(',');
    append_white_space(out);
    if (has_only_bytes && !one_in(200)) {
      out += std::to_string(random_.below(256));
    } else {
      append_value(out, count > 8 ? 5 : depth + 1);
    }
    append_white_space(out);
  }
  out.push_back(']');
}

void RandomJson::append_value(std::string& out, size_t depth) {
  switch (random_.below(depth < 5 ? 8 : 6)) {
    case 0:
      out += one_in(2) ? "true" : "false";
      break;
    case 1:
      out += "null";
      break;
    case 2:
    case 3:
      append_number(out);
      break;
    case 4:
    case 5:
      append_string(out);
      break;
    case 6:
      append_object(out, depth, false);
      break;
    default:
      append_array(out, depth);
  }
}

void RandomJson::append_key(std::string& out, bool is_document) {
  if (is_document && one_in(4)) {
    // The unknown ones, at the end of the list, are rare: they end the comparison early.
    const size_t known = random_.below(11);
    const size_t i = one_in(20) ? random_.below(std::size(kSpecialKeys)) : known;
    out += std::string("\"") + kSpecialKeys[i] + '"';
    if (i >= 2 || !one_in(2)) return;
    // Mostly the right type.
    append_white_space(out);
    out += ":\"1-ab\"";
    append_white_space(out);
    out += ",\"a\"";
    return;
  }
  if (one_in(4)) {
    append_string(out);
  } else if (one_in(4)) {
    out += "\"key" + std::to_string(random_.below(300)) + '"';
  } else {
    out += std::string("\"") + kKeys[random_.below(std::size(kKeys))] + '"';
  }
}

void RandomJson::append_string(std::string& out) {
  const size_t length = one_in(10) ? random_.below(100) : random_.below(12);
  out.push_back('"');
  for (size_t i = 0; i < length; ++i) append_character(out);
  out.push_back('"');
}

void RandomJson::append_character(std::string& out) {
  if (one_in(8)) {
    out += kCharacters[random_.below(std::size(kCharacters))];
  } else {
    out.push_back(static_cast<char>('a' + random_.below(26)));
  }
}

void RandomJson::append_number(std::string& out) {
  if (one_in(3)) {
    out += kNumbers[random_.below(std::size(kNumbers))];
    return;
  }
  if (one_in(4)) out.push_back('-');
  out.push_back(static_cast<char>('1' + random_.below(9)));
  append_digits(out, one_in(20) ? random_.below(700) : random_.below(25));
  if (one_in(3)) {
    out.push_back('.');
    append_digits(out, 1 + random_.below(20));
  }
  if (one_in(6)) {
    out += one_in(2) ? "e-" : "E";
    append_digits(out, 1 + random_.below(2));
  }
}

void RandomJson::append_digits(std::string& out, size_t count) {
  for (size_t i = 0; i < count; ++i) out.push_back(static_cast<char>('0' + random_.below(10)));
}

void RandomJson::append_white_space(std::string& out) {
  constexpr char kWhiteSpace[] = {' ', '\t', '\n', '\r'};
  while (has_white_space_ && one_in(3)) out.push_back(kWhiteSpace[random_.below(4)]);
}

}  // namespace couchlet
