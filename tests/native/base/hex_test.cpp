#include "base/hex.h"

#include <gtest/gtest.h>

namespace couchlet {

TEST(Hex, is_written_as_rfc_4648_section_10_does_in_lower_case) {
  EXPECT_EQ(to_hex(""), "");
  EXPECT_EQ(to_hex("f"), "66");
  EXPECT_EQ(to_hex("foobar"), "666f6f626172");
  EXPECT_EQ(to_hex("\xfe\xdc"), "fedc");
}

TEST(Hex, every_byte_comes_back_in_either_case) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  std::string text = to_hex(bytes);
  EXPECT_EQ(from_hex(text), bytes);
  for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  EXPECT_EQ(from_hex(text), bytes);
}

TEST(Hex, other_text_is_refused) {
  for (const char* text : {"0", "0g", "g0", " 0", "0x", "/0", ":0", "@0", "`0",
                           "\xff"
                           "0"}) {
    EXPECT_FALSE(from_hex(text).has_value()) << text;
  }
}

TEST(Hex, appends_to_what_is_there) {
  std::string out = "1-";
  append_hex(out, "\x01\xab");
  EXPECT_EQ(out, "1-01ab");
}

}  // namespace couchlet
