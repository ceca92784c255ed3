#include "json/json_collation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace couchlet {
namespace {

JsonValue value_of(std::string_view json) { return *parse_json_value(json); }

int sign_of(int order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

TEST(JsonCollation, every_value_comes_before_those_behind_it) {
  const std::vector<std::string> in_order = {
      "null",
      "false",
      "true",
      "-1e300",
      "-9007199254740994",
      "-9007199254740993",
      "-2",
      "-1.5",
      "0",
      "0.1",
      "1",
      "9007199254740992",
      "9007199254740993",
      "123456789012345678901234567890",
      "123456789012345678901234567891",
      "\"\"",
      "\"A\"",
      "\"a\"",
      "\"aa\"",
      "\"b\"",
      "\"\\u00e9\"",
      "\"\\uffee\"",
      "\"\\ud83d\\ude00\"",
      "[]",
      "[null]",
      "[1]",
      "[1,2]",
      "[\"a\"]",
      "[[]]",
      "{}",
      "{\"a\":1}",
      "{\"a\":1,\"b\":1}",
      "{\"a\":2}",
      "{\"b\":0}",
      "{\"b\":0,\"a\":0}",
  };
  for (size_t i = 0; i < in_order.size(); ++i) {
    for (size_t j = 0; j < in_order.size(); ++j) {
      const int expected = i < j ? -1 : (i > j ? 1 : 0);
      EXPECT_EQ(sign_of(collate(value_of(in_order[i]), value_of(in_order[j]))), expected)
          << in_order[i] << " and " << in_order[j];
    }
  }
}

TEST(JsonCollation, numbers_are_equal_however_they_are_written) {
  EXPECT_EQ(collate(value_of("1"), value_of("1.0")), 0);
  EXPECT_EQ(collate(value_of("100"), value_of("1e2")), 0);
  EXPECT_EQ(collate(value_of("-0"), value_of("0.0")), 0);
}

TEST(JsonValue, is_written_as_it_was_read) {
  for (const char* text : {"null", "true", "1.50", "\"a\\\"b\"", "[]", "[1,[2],{}]",
                           "{\"a\":{\"b\":[false]},\"a\":1}"}) {
    std::string written;
    append_json_value(written, value_of(text));
    EXPECT_EQ(written, text);
  }
}

TEST(JsonValue, of_a_key_that_comes_twice_the_last_one_counts) {
  const JsonValue value = value_of("{\"a\":1,\"b\":2,\"a\":3}");
  EXPECT_EQ(value.member("a")->text, "3");
  EXPECT_EQ(value.member("c"), nullptr);
}

TEST(JsonValue, a_text_that_is_no_json_is_an_error) {
  for (const char* text : {"", "{", "[1,]", "{\"a\"}", "nul", "1 2"}) {
    const auto value = parse_json_value(text);
    ASSERT_FALSE(value.ok()) << text;
    EXPECT_EQ(value.error().status, 400);
  }
}

}  // namespace
}  // namespace couchlet
