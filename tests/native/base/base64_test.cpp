#include "base/base64.h"

#include <gtest/gtest.h>

#include "base/seeded_random.h"

namespace couchlet {

// RFC 4648, section 10.
TEST(Base64, encodes_and_decodes_the_vectors_of_rfc_4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
}

TEST(Base64, uses_the_standard_alphabet) {
  EXPECT_EQ(encode_base64("\xfb\xef\xff"), "++//");
  EXPECT_EQ(decode_base64("++//"), "\xfb\xef\xff");
}

TEST(Base64, bytes_of_every_length_come_back) {
  SeededRandom random(1);
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
    bytes.push_back(static_cast<char>(random.next()));
  }
}

TEST(Base64, foreign_characters_are_refused_wherever_they_stand) {
  for (int c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    const bool is_in_alphabet = std::isalnum(c) || c == '+' || c == '/';
    for (size_t at = 0; at < 8; ++at) {
      std::string text = "AAAAAAAA";
      text[at] = character;
      const bool is_padding_at_the_end = c == '=' && at == 7;
      EXPECT_EQ(decode_base64(text).has_value(), is_in_alphabet || is_padding_at_the_end)
          << c << " at " << at;
    }
  }
}

TEST(Base64, wrong_padding_and_left_over_bits_are_refused) {
  for (const char* text : {"Zg", "Zg=", "Zm9", "=", "==", "====", "Z===", "Zg==Zg==", "Zm8=Zm8=",
                           "Zh==", "Zm9=", "Zg==\n", " Zg=="}) {
    EXPECT_FALSE(decode_base64(text).has_value()) << text;
  }
}

}  // namespace couchlet
