#include "json/json_writer.h"

#include <gtest/gtest.h>

#include "base/seeded_random.h"
#include "json/json_reader.h"

namespace couchlet {

using namespace std::literals;

TEST(JsonWriter, escapes_what_must_be_and_nothing_else) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("a/b'c"), R"("a/b'c")");
  EXPECT_EQ(json_string("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(json_string("\0\x01\x0b\x1f\x7f"sv), "\"\\u0000\\u0001\\u000b\\u001f\x7f\"");
  EXPECT_EQ(json_string("\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8"),
            "\"\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8\"");
}

TEST(JsonWriter, appends_to_what_is_there) {
  std::string out = "[";
  append_json_string(out, "a\nb");
  EXPECT_EQ(out, "[\"a\\nb\"");
}

TEST(JsonWriter, every_string_is_read_back_as_it_was) {
  SeededRandom random(1);
  constexpr const char* kPieces[] = {"a",    "\"", "\\",       "\n",
                                     "\x1f", "/",  "\xc3\xa9", "\xf0\x9f\x98\x80"};
  for (int i = 0; i < 1000; ++i) {
    std::string text;
    for (size_t length = random.below(40); length > 0; --length) {
      text += kPieces[random.below(std::size(kPieces))];
      if (random.below(10) == 0) text.push_back('\0');
    }
    const std::string json = json_string(text);
    JsonReader reader(json);
    std::string read;
    ASSERT_TRUE(reader.read_string(read) && reader.at_end()) << json;
    ASSERT_EQ(read, text);
  }
}

// Strings are looked at in steps of eight bytes.
TEST(JsonWriter, every_character_is_escaped_alike_at_every_place_of_a_string) {
  for (size_t length = 1; length <= 20; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (char character = 0; character < 0x7f; ++character) {
        std::string text(length, 'a');
        text[at] = character;
        const std::string alone = json_string({&character, 1});
        std::string expected(length + 2, 'a');
        expected.front() = expected.back() = '"';
        expected.replace(1 + at, 1, alone, 1, alone.size() - 2);
        ASSERT_EQ(json_string(text), expected);
      }
      std::string text(length, 'a');
      text.insert(at, "\xc3\xa9");
      ASSERT_EQ(json_string(text), '"' + text + '"');
    }
  }
}

}  // namespace couchlet
