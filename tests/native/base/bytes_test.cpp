#include "base/bytes.h"

#include <gtest/gtest.h>

namespace couchlet {

using namespace std::literals;

TEST(Bytes, integers_are_laid_out_in_the_order_that_is_asked_for) {
  std::string out;
  put_u32le(out, 0x01020304);
  put_u64le(out, 0x0102030405060708);
  put_u16be(out, 0x0102);
  put_u32be(out, 0x01020304);
  put_u64be(out, 0xf102030405060708);
  EXPECT_EQ(out,
            "\x04\x03\x02\x01"s
            "\x08\x07\x06\x05\x04\x03\x02\x01"
            "\x01\x02"
            "\x01\x02\x03\x04"
            "\xf1\x02\x03\x04\x05\x06\x07\x08");

  std::string_view in = out;
  uint16_t small = 0;
  uint32_t middle = 0;
  uint64_t large = 0;
  EXPECT_TRUE(get_u32le(in, middle));
  EXPECT_EQ(middle, 0x01020304u);
  EXPECT_TRUE(get_u64le(in, large));
  EXPECT_EQ(large, 0x0102030405060708u);
  EXPECT_TRUE(get_u16be(in, small));
  EXPECT_EQ(small, 0x0102u);
  EXPECT_TRUE(get_u32be(in, middle));
  EXPECT_EQ(middle, 0x01020304u);
  EXPECT_TRUE(get_u64be(in, large));
  EXPECT_EQ(large, 0xf102030405060708u);
  EXPECT_TRUE(in.empty());
}

TEST(Bytes, a_get_that_finds_too_little_takes_nothing) {
  const std::string bytes = "abcdefg";
  std::string_view in = bytes;
  uint64_t large = 42;
  EXPECT_FALSE(get_u64le(in, large));
  EXPECT_FALSE(get_u64be(in, large));
  EXPECT_EQ(large, 42u);
  EXPECT_EQ(in, bytes);
  in = in.substr(0, 1);
  uint16_t small = 42;
  EXPECT_FALSE(get_u16be(in, small));
  uint32_t middle = 42;
  EXPECT_FALSE(get_u32be(in, middle));
  EXPECT_FALSE(get_u32le(in, middle));
  EXPECT_EQ(in, "a");
}

TEST(Bytes, big_endian_bytes_sort_as_their_numbers) {
  const uint64_t numbers[] = {0, 1, 255, 256, 65535, 1ULL << 32, ~0ULL};
  for (size_t i = 1; i < std::size(numbers); ++i) {
    std::string lower;
    std::string higher;
    put_u64be(lower, numbers[i - 1]);
    put_u64be(higher, numbers[i]);
    EXPECT_LT(lower, higher);
  }
}

}  // namespace couchlet
