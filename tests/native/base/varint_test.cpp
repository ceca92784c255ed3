#include "base/varint.h"

#include <gtest/gtest.h>

#include <limits>

namespace couchlet {

using namespace std::literals;

namespace {

std::string varint(uint64_t value) {
  std::string out;
  put_varint(out, value);
  return out;
}

}  // namespace

TEST(Varint, is_written_seven_bits_a_byte_low_bits_first) {
  EXPECT_EQ(varint(0), "\0"s);
  EXPECT_EQ(varint(127), "\x7f");
  EXPECT_EQ(varint(128), "\x80\x01");
  EXPECT_EQ(varint(300), "\xac\x02");
  EXPECT_EQ(varint(std::numeric_limits<uint64_t>::max()),
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Varint, every_length_comes_back_and_takes_only_its_own_bytes) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const uint64_t value : {1ULL << bit, (1ULL << bit) - 1, ~0ULL >> bit}) {
      const std::string text = varint(value) + "x";
      std::string_view in = text;
      uint64_t read = 0;
      ASSERT_TRUE(get_varint(in, read));
      EXPECT_EQ(read, value);
      EXPECT_EQ(in, "x");
    }
  }
}

TEST(Varint, a_cut_or_too_large_number_is_refused_and_nothing_is_taken) {
  for (const std::string& text :
       {""s, "\x80"s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff"s,
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s,         // 65 bits
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x01"s}) {  // eleven bytes
    std::string_view in = text;
    uint64_t read = 42;
    EXPECT_FALSE(get_varint(in, read));
    EXPECT_EQ(read, 42u);
    EXPECT_EQ(in, text);
  }
}

TEST(Varint, a_padded_number_can_be_read) {
  std::string_view in = "\x81\x80\x00"sv;
  uint64_t read = 0;
  EXPECT_TRUE(get_varint(in, read));
  EXPECT_EQ(read, 1u);
  EXPECT_TRUE(in.empty());
}

TEST(LengthPrefixed, strings_come_back_in_order) {
  std::string out;
  put_length_prefixed(out, "");
  put_length_prefixed(out, "a\0b"sv);
  put_length_prefixed(out, std::string(300, 'x'));
  std::string_view in = out;
  std::string_view bytes;
  EXPECT_TRUE(get_length_prefixed(in, bytes));
  EXPECT_EQ(bytes, "");
  EXPECT_TRUE(get_length_prefixed(in, bytes));
  EXPECT_EQ(bytes, "a\0b"sv);
  EXPECT_TRUE(get_length_prefixed(in, bytes));
  EXPECT_EQ(bytes, std::string(300, 'x'));
  EXPECT_TRUE(in.empty());
}

TEST(LengthPrefixed, a_length_beyond_the_end_is_refused_and_nothing_is_taken) {
  for (const std::string& text : {""s, "\x01"s,
                                  "\x05"
                                  "abcd"s,
                                  varint(~0ULL) + "abc"}) {
    std::string_view in = text;
    std::string_view bytes = "as it was";
    EXPECT_FALSE(get_length_prefixed(in, bytes));
    EXPECT_EQ(bytes, "as it was");
    EXPECT_EQ(in, text);
  }
}

}  // namespace couchlet
