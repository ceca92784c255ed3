#include "base/utf8.h"

#include <gtest/gtest.h>

namespace couchlet {

namespace {

std::string utf8(uint32_t code_point) {
  char bytes[4];
  return std::string(bytes, write_utf8(bytes, code_point));
}

bool is_surrogate(uint32_t code_point) { return code_point >= 0xd800 && code_point <= 0xdfff; }

}  // namespace

// RFC 3629, section 7.
TEST(Utf8, the_examples_of_rfc_3629_are_valid_and_written_alike) {
  EXPECT_TRUE(is_valid_utf8("\x41\xe2\x89\xa2\xce\x91\x2e"));
  EXPECT_EQ("A" + utf8(0x2262) + utf8(0x391) + ".", "\x41\xe2\x89\xa2\xce\x91\x2e");
  EXPECT_TRUE(is_valid_utf8("\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4"));
  EXPECT_EQ(utf8(0xd55c) + utf8(0xad6d) + utf8(0xc5b4), "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4");
  EXPECT_TRUE(is_valid_utf8("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"));
  EXPECT_TRUE(is_valid_utf8("\xef\xbb\xbf\xf0\xa3\x8e\xb4"));
  EXPECT_EQ(utf8(0xfeff) + utf8(0x233b4), "\xef\xbb\xbf\xf0\xa3\x8e\xb4");
}

TEST(Utf8, every_character_is_valid_and_no_proper_prefix_of_it_is) {
  for (uint32_t code_point = 0; code_point <= 0x10ffff; ++code_point) {
    if (is_surrogate(code_point)) continue;
    const std::string bytes = utf8(code_point);
    ASSERT_EQ(utf8_character_length(bytes.data(), bytes.data() + bytes.size()), bytes.size());
    ASSERT_TRUE(is_valid_utf8(bytes)) << code_point;
    for (size_t cut = 1; cut < bytes.size(); ++cut) {
      ASSERT_FALSE(is_valid_utf8(std::string_view(bytes).substr(0, cut))) << code_point;
    }
  }
}

// All strings of one to three bytes and of four where the first two decide, counted: the grammar of
// RFC 3629, section 4, gives 128, 1,920, 61,440 and 1,048,576 characters.
TEST(Utf8, nothing_else_is_a_character) {
  const auto length_of = [](std::initializer_list<uint32_t> bytes) {
    char text[4] = {};
    size_t size = 0;
    for (const uint32_t byte : bytes) text[size++] = static_cast<char>(byte);
    return utf8_character_length(text, text + size);
  };
  size_t counts[5] = {};
  for (uint32_t a = 0; a < 256; ++a) {
    counts[1] += length_of({a}) == 1;
    for (uint32_t b = 0; b < 256; ++b) {
      counts[2] += length_of({a, b}) == 2;
      for (uint32_t c = 0; c < 256; ++c) counts[3] += length_of({a, b, c}) == 3;
      for (const uint32_t c : {0x00u, 0x7fu, 0x80u, 0xbfu, 0xc0u, 0xffu}) {
        for (const uint32_t d : {0x00u, 0x7fu, 0x80u, 0xbfu, 0xc0u, 0xffu}) {
          counts[4] += length_of({a, b, c, d}) == 4;
        }
      }
    }
  }
  EXPECT_EQ(counts[1], 128u);
  EXPECT_EQ(counts[2], 1920u);
  EXPECT_EQ(counts[3], 61440u);
  EXPECT_EQ(counts[4], 1048576u / (64 * 64) * 4);
}

TEST(Utf8, long_forms_surrogates_and_what_is_above_the_last_plane_are_refused) {
  for (const char* text : {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",  // long
                           "\xed\xa0\x80", "\xed\xbf\xbf",  // surrogates
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "\x80"}) {
    EXPECT_FALSE(is_valid_utf8(text));
  }
}

TEST(Utf8, a_bad_byte_is_found_at_any_place_of_a_long_text) {
  for (size_t length = 1; length < 40; ++length) {
    for (size_t at = 0; at < length; ++at) {
      std::string text(length, 'a');
      EXPECT_TRUE(is_valid_utf8(text));
      text[at] = '\xa9';
      EXPECT_FALSE(is_valid_utf8(text));
      if (at > 0) {
        text[at - 1] = '\xc3';
        EXPECT_TRUE(is_valid_utf8(text));
      }
    }
  }
}

}  // namespace couchlet
