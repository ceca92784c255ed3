#include "json/json_reader.h"

#include <gtest/gtest.h>

#include <limits>

#include "json/json_texts.h"

namespace couchlet {

namespace {

bool is_json(std::string_view text) {
  JsonReader reader(text);
  return reader.skip() && reader.at_end();
}

std::string reason_of(std::string_view text) {
  JsonReader reader(text);
  if (reader.skip() && reader.at_end()) return "";
  EXPECT_EQ(reader.error().status, 400);
  EXPECT_EQ(reader.error().name, "bad_request");
  return reader.error().reason;
}

// Reads everything there is by the calls for each type, to be held against read_raw().
void copy_value(JsonReader& reader, std::string& out) {
  std::string text;
  switch (reader.peek()) {
    case JsonReader::Type::kObject:
      reader.enter_object();
      out += '{';
      while (reader.next_member(text)) {
        out += text + ':';
        copy_value(reader, out);
        out += ';';
      }
      out += '}';
      break;
    case JsonReader::Type::kArray:
      reader.enter_array();
      out += '[';
      while (reader.next_element()) {
        copy_value(reader, out);
        out += ';';
      }
      out += ']';
      break;
    case JsonReader::Type::kString:
      if (reader.read_string(text)) out += '"' + text;
      break;
    case JsonReader::Type::kNumber: {
      uint64_t number = 0;
      if (reader.read_uint64(number)) out += std::to_string(number);
      break;
    }
    case JsonReader::Type::kTrue:
    case JsonReader::Type::kFalse: {
      bool value = false;
      if (reader.read_bool(value)) out += value ? "true" : "false";
      break;
    }
    case JsonReader::Type::kNull:
      if (reader.read_null()) out += "null";
      break;
    default:
      break;
  }
}

std::string nested(std::string_view open, size_t depth, std::string_view inside,
                   std::string_view close) {
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += open;
  text += inside;
  for (size_t i = 0; i < depth; ++i) text += close;
  return text;
}

}  // namespace

TEST(JsonReader, accepts_json_with_and_without_a_container_around_it) {
  for (const std::string_view text : kJsonTexts) {
    EXPECT_TRUE(is_json(text)) << text;
    EXPECT_TRUE(is_json("[" + std::string(text) + "]")) << text;
    EXPECT_TRUE(is_json("{\"k\" : " + std::string(text) + " }")) << text;
  }
}

TEST(JsonReader, refuses_everything_else) {
  for (const std::string_view text : kOtherTexts) EXPECT_FALSE(is_json(text)) << text;
}

TEST(JsonReader, refuses_a_text_that_is_cut_at_any_byte) {
  const std::string text = R"({"a":[1,-2.5e+10,true,false,null,"\u00e9\ud83d\ude00)"
                           "\xc3\xa9\xf0\x9f\x98\x80"
                           R"("],"b":{"c":{}}})";
  ASSERT_TRUE(is_json(text));
  for (size_t cut = 0; cut < text.size(); ++cut) {
    // On the heap, so that the sanitizer sees a byte too many being read.
    const std::vector<char> bytes(text.begin(), text.begin() + static_cast<ptrdiff_t>(cut));
    EXPECT_FALSE(is_json({bytes.data(), bytes.size()})) << cut;
  }
}

TEST(JsonReader, walks_through_an_envelope_and_hands_out_spans_of_it) {
  const std::string text =
      R"( { "total_rows" : 18446744073709551615 , "rows" : [ { "id" : "\u0061" , "doc" : {"x":[1, 2]} } , 5 ] ,
            "ok" : true , "none" : null , "rest" : [[],[{}]] } )";
  JsonReader reader(text);
  std::string key;
  std::string id;
  std::string_view doc;
  uint64_t total = 0;
  bool ok = false;
  EXPECT_EQ(reader.peek(), JsonReader::Type::kObject);
  EXPECT_TRUE(reader.enter_object());
  EXPECT_TRUE(reader.next_member(key));
  EXPECT_EQ(key, "total_rows");
  EXPECT_EQ(reader.peek(), JsonReader::Type::kNumber);
  EXPECT_TRUE(reader.read_uint64(total));
  EXPECT_EQ(total, std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(reader.next_member(key));
  EXPECT_EQ(reader.peek(), JsonReader::Type::kArray);
  EXPECT_TRUE(reader.enter_array());
  EXPECT_TRUE(reader.next_element());
  EXPECT_TRUE(reader.enter_object());
  EXPECT_TRUE(reader.next_member(key));
  EXPECT_EQ(reader.peek(), JsonReader::Type::kString);
  EXPECT_TRUE(reader.read_string(id));
  EXPECT_EQ(id, "a");
  EXPECT_TRUE(reader.next_member(key));
  EXPECT_TRUE(reader.read_raw(doc));
  EXPECT_EQ(doc, R"({"x":[1, 2]})");
  EXPECT_EQ(doc.data(), text.data() + text.find("{\"x\""));
  EXPECT_FALSE(reader.next_member(key));
  EXPECT_TRUE(reader.next_element());
  EXPECT_TRUE(reader.skip());
  EXPECT_FALSE(reader.next_element());
  EXPECT_TRUE(reader.next_member(key));
  EXPECT_EQ(reader.peek(), JsonReader::Type::kTrue);
  EXPECT_TRUE(reader.read_bool(ok));
  EXPECT_TRUE(ok);
  EXPECT_TRUE(reader.next_member(key));
  EXPECT_EQ(reader.peek(), JsonReader::Type::kNull);
  EXPECT_TRUE(reader.read_null());
  EXPECT_TRUE(reader.next_member(key));
  EXPECT_TRUE(reader.skip());
  EXPECT_FALSE(reader.next_member(key));
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.peek(), JsonReader::Type::kEnd);
  EXPECT_FALSE(reader.failed());
}

TEST(JsonReader, empty_containers_have_no_members_whatever_white_space_they_hold) {
  JsonReader reader("[ {} , { } , [] , [ ] ]");
  std::string key;
  reader.enter_array();
  EXPECT_TRUE(reader.next_element());
  EXPECT_TRUE(reader.enter_object());
  EXPECT_FALSE(reader.next_member(key));
  EXPECT_TRUE(reader.next_element());
  EXPECT_TRUE(reader.enter_object());
  EXPECT_FALSE(reader.next_member(key));
  EXPECT_TRUE(reader.next_element());
  EXPECT_TRUE(reader.enter_array());
  EXPECT_FALSE(reader.next_element());
  EXPECT_TRUE(reader.next_element());
  EXPECT_TRUE(reader.enter_array());
  EXPECT_FALSE(reader.next_element());
  EXPECT_FALSE(reader.next_element());
  EXPECT_TRUE(reader.at_end());
}

TEST(JsonReader, walking_and_skipping_refuse_the_same_texts) {
  for (const std::string_view text : kOtherTexts) {
    JsonReader reader(text);
    if (reader.peek() == JsonReader::Type::kEnd) continue;  // nothing to walk through
    std::string out;
    copy_value(reader, out);
    EXPECT_FALSE(reader.at_end()) << text;
    EXPECT_TRUE(reader.failed()) << text;
  }
  JsonReader reader(R"({"a":[1,"x",{"b":null}],"c":true})");
  std::string out;
  copy_value(reader, out);
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(out, R"({a:[1;"x;{b:null;};];c:true;})");
}

TEST(JsonReader, unescapes_keys_and_strings) {
  JsonReader reader(R"({"\u0000\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\uDE00x":"\u0041\u0000b"})");
  std::string key;
  std::string value;
  reader.enter_object();
  ASSERT_TRUE(reader.next_member(key));
  EXPECT_EQ(key, "\0\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x"sv);
  ASSERT_TRUE(reader.read_string(value));
  EXPECT_EQ(value, "A\0b"sv);
}

TEST(JsonReader, a_value_of_another_type_is_an_error_that_stays) {
  JsonReader reader(R"({"a":"x","b":1})");
  std::string key;
  uint64_t number = 42;
  reader.enter_object();
  reader.next_member(key);
  EXPECT_FALSE(reader.read_uint64(number));
  EXPECT_EQ(number, 42u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.error().reason, "expected an integer from 0 to 18446744073709551615 at byte 5");
  EXPECT_FALSE(reader.read_string(key));
  EXPECT_FALSE(reader.next_member(key));
  EXPECT_FALSE(reader.skip());
  EXPECT_FALSE(reader.at_end());
  EXPECT_EQ(reader.peek(), JsonReader::Type::kError);
  EXPECT_EQ(reader.error().reason, "expected an integer from 0 to 18446744073709551615 at byte 5");
}

TEST(JsonReader, says_what_was_expected) {
  std::string text;
  bool flag = false;
  const auto reason = [](std::string_view json, auto&& read) {
    JsonReader reader(json);
    EXPECT_FALSE(read(reader));
    return reader.error().reason;
  };
  EXPECT_EQ(reason("[]", [](JsonReader& r) { return r.enter_object(); }),
            "expected an object at byte 0");
  EXPECT_EQ(reason(" {}", [](JsonReader& r) { return r.enter_array(); }),
            "expected an array at byte 1");
  EXPECT_EQ(reason("1", [&](JsonReader& r) { return r.read_string(text); }),
            "expected a string at byte 0");
  EXPECT_EQ(reason("null", [&](JsonReader& r) { return r.read_bool(flag); }),
            "expected true or false at byte 0");
  EXPECT_EQ(reason("true", [](JsonReader& r) { return r.read_null(); }), "expected null at byte 0");
  EXPECT_EQ(reason("", [](JsonReader& r) { return r.enter_object(); }),
            "expected an object at byte 0");
}

TEST(JsonReader, only_integers_that_fit_are_read_as_such) {
  for (const char* text : {"-1", "-0", "1.0", "1e3", "18446744073709551616", "99999999999999999999",
                           "123456789012345678901234567890"}) {
    JsonReader reader(text);
    uint64_t number = 0;
    EXPECT_FALSE(reader.read_uint64(number)) << text;
    EXPECT_TRUE(is_json(text));
  }
  JsonReader reader("[0,007]");
  uint64_t number = 42;
  reader.enter_array();
  EXPECT_TRUE(reader.next_element() && reader.read_uint64(number));
  EXPECT_EQ(number, 0u);
  EXPECT_TRUE(reader.next_element() && reader.read_uint64(number));
  EXPECT_FALSE(reader.next_element());  // 0 was read, and 07 is left
  EXPECT_TRUE(reader.failed());
}

TEST(JsonReader, an_error_names_the_byte_at_fault) {
  EXPECT_EQ(reason_of(""), "invalid UTF-8 JSON at byte 0");
  EXPECT_EQ(reason_of("[1,x]"), "invalid UTF-8 JSON at byte 3");
  EXPECT_EQ(reason_of("[1,2"), "invalid UTF-8 JSON at byte 4");
  EXPECT_EQ(reason_of("01"), "invalid UTF-8 JSON at byte 1");
  EXPECT_EQ(reason_of("\"ab\xff\""), "invalid UTF-8 JSON at byte 3");
  EXPECT_EQ(reason_of("\"\xc3\xa9\xc3\xa9\xff\""), "invalid UTF-8 JSON at byte 5");
  EXPECT_EQ(reason_of("\"ab\n\""), "invalid UTF-8 JSON at byte 3");
  EXPECT_EQ(reason_of(R"("a\ud800")"), "invalid UTF-8 JSON at byte 2");
  EXPECT_EQ(reason_of("nulx"), "invalid UTF-8 JSON at byte 3");
  EXPECT_EQ(reason_of("{} {}"), "invalid UTF-8 JSON at byte 3");
  EXPECT_EQ(reason_of("\xef\xbb\xbf{}"), "invalid UTF-8 JSON at byte 0");
}

// Strings are looked at in steps of eight bytes.
TEST(JsonReader, every_byte_is_judged_alike_at_every_place_of_a_string) {
  for (size_t length = 1; length <= 20; ++length) {
    for (size_t at = 1; at <= length; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text = '"' + std::string(length, 'a') + '"';
        text[at] = static_cast<char>(byte);
        const bool stands_for_itself = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
        ASSERT_EQ(is_json(text), stands_for_itself) << byte << " at " << at << " of " << length;
      }
    }
  }
}

TEST(JsonReader, depth_is_limited_and_never_costs_stack) {
  EXPECT_TRUE(is_json(nested("[", kMaxJsonDepth, "", "]")));
  EXPECT_TRUE(is_json(nested("{\"a\":", kMaxJsonDepth, "1", "}")));
  EXPECT_FALSE(is_json(nested("[", kMaxJsonDepth + 1, "", "]")));
  EXPECT_FALSE(is_json(nested("{\"a\":", kMaxJsonDepth + 1, "1", "}")));
  EXPECT_FALSE(is_json(nested("[", 100'000, "", "]")));
  EXPECT_FALSE(is_json(nested("{\"a\":", 100'000, "1", "}")));
  EXPECT_FALSE(is_json(std::string(100'000, '[')));

  const std::string deep = nested("[", 100'000, "", "]");
  JsonReader reader(deep);
  size_t depth = 0;
  while (reader.enter_array() && reader.next_element()) ++depth;
  EXPECT_EQ(depth, kMaxJsonDepth);
  EXPECT_TRUE(reader.failed());
}

TEST(JsonReader, depth_counts_what_has_been_entered_before_a_value_is_skipped) {
  const std::string text = nested("[", kMaxJsonDepth + 1, "", "]");
  JsonReader reader(text);
  EXPECT_TRUE(reader.enter_array());
  EXPECT_TRUE(reader.next_element());
  EXPECT_FALSE(reader.skip());
}

TEST(JsonReader, asking_for_members_where_there_are_none_is_an_error_and_no_crash) {
  std::string key;
  JsonReader outside("1");
  EXPECT_FALSE(outside.next_element());
  EXPECT_TRUE(outside.failed());
  JsonReader in_array("[1]");
  in_array.enter_array();
  EXPECT_FALSE(in_array.next_member(key));
  EXPECT_TRUE(in_array.failed());
  JsonReader in_object("{\"a\":1}");
  in_object.enter_object();
  EXPECT_FALSE(in_object.next_element());
  EXPECT_TRUE(in_object.failed());
  JsonReader unread("{\"a\":1}");
  unread.enter_object();
  unread.next_member(key);
  EXPECT_FALSE(unread.next_member(key));
  EXPECT_TRUE(unread.failed());
}

TEST(JsonReader, the_end_is_only_where_nothing_is_left_open) {
  for (const char* text : {"[]", "["}) {
    JsonReader reader(text);
    reader.enter_array();
    EXPECT_FALSE(reader.at_end());
    EXPECT_TRUE(reader.failed());
  }
}

}  // namespace couchlet
