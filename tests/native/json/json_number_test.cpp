#include "json/json_number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "base/seeded_random.h"

namespace couchlet {

namespace {

uint64_t bits(double value) { return std::bit_cast<uint64_t>(value); }

using Limbs = std::vector<uint32_t>;

Limbs limbs_of(std::string_view digits) {
  Limbs limbs{1, 2, 3};
  parse_big_integer(digits, limbs);
  return limbs;
}

}  // namespace

TEST(JsonNumber, doubles_keep_their_sign_even_of_zero) {
  EXPECT_EQ(bits(parse_json_double("0.0")), bits(0.0));
  EXPECT_EQ(bits(parse_json_double("-0.0")), bits(-0.0));
  EXPECT_EQ(bits(parse_json_double("-0e5")), bits(-0.0));
  EXPECT_EQ(bits(parse_json_double("-1e-400")), bits(-0.0));
  EXPECT_EQ(parse_json_double("-1.5e2"), -150.0);
}

TEST(JsonNumber, what_no_double_holds_is_infinite) {
  EXPECT_TRUE(std::isinf(parse_json_double("1e400")));
  EXPECT_TRUE(std::isinf(parse_json_double("-1e309")));
  EXPECT_TRUE(std::isinf(parse_json_double("1.7976931348623159e308")));
  EXPECT_TRUE(std::isinf(parse_json_double("1e99999999999999999999")));
  EXPECT_TRUE(std::isinf(parse_json_double(std::string(400, '9') + ".0")));
  EXPECT_EQ(parse_json_double("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(parse_json_double("0e99999999999999999999"), 0.0);
  EXPECT_EQ(parse_json_double("1e-99999999999999999999"), 0.0);
}

// Halfway cases and the ends of the range, where a parser that rounds twice goes wrong.
TEST(JsonNumber, doubles_are_the_nearest_ones) {
  EXPECT_EQ(parse_json_double("9007199254740993.0"), 9007199254740992.0);
  EXPECT_EQ(parse_json_double("9007199254740993.00000000000000000001"), 9007199254740994.0);
  EXPECT_EQ(parse_json_double("0.30000000000000004"), 0.1 + 0.2);
  EXPECT_EQ(parse_json_double("2.2250738585072011e-308"), 0x0.fffffffffffffp-1022);
  EXPECT_EQ(parse_json_double("2.2250738585072014e-308"), 0x1p-1022);
  EXPECT_EQ(parse_json_double("5e-324"), 0x1p-1074);
  EXPECT_EQ(parse_json_double("2e-324"), 0.0);
  EXPECT_EQ(parse_json_double("3e-324"), 0x1p-1074);
  EXPECT_EQ(parse_json_double("1e23"), 1e23);
  EXPECT_EQ(parse_json_double("8.41e21"), 8.41e21);
  EXPECT_EQ(parse_json_double("9.5367431640625e-7"), 0x1p-20);
}

TEST(JsonNumber, a_random_double_comes_back_from_its_digits) {
  SeededRandom random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(random.next());
    if (!std::isfinite(value)) continue;
    char text[40];
    std::snprintf(text, sizeof(text), "%.17g", value);
    ASSERT_EQ(bits(parse_json_double(text)), bits(value)) << text;
  }
}

TEST(JsonNumber, a_random_fraction_comes_back_from_its_digits) {
  SeededRandom random(4);
  for (int i = 0; i < 100'000; ++i) {
    const double value = static_cast<double>(random.next() >> 11) * 0x1p-53 *
                         std::pow(10, static_cast<int>(random.below(12)) - 6);
    char text[40];
    std::snprintf(text, sizeof(text), "%.*f", 17 + static_cast<int>(random.below(6)), value);
    ASSERT_EQ(bits(parse_json_double(text)), bits(std::strtod(text, nullptr))) << text;
  }
}

TEST(JsonNumber, short_and_long_decimals_are_read_as_by_the_library) {
  SeededRandom random(2);
  for (int i = 0; i < 200'000; ++i) {
    std::string text = random.below(2) ? "-" : "";
    text += std::to_string(random.next() >> random.below(64));
    text += '.';
    for (size_t digits = 1 + random.below(20); digits > 0; --digits) {
      text.push_back(static_cast<char>('0' + random.below(10)));
    }
    if (random.below(2)) {
      text += 'e';
      text += std::to_string(static_cast<int>(random.below(60)) - 30);
    }
    ASSERT_EQ(bits(parse_json_double(text)), bits(std::strtod(text.c_str(), nullptr))) << text;
  }
}

// Numbers in the middle between two doubles, and a hair on either side: 2^53 + 2k + 1 scaled down
// by a power of two, which has an exact decimal of few digits.
TEST(JsonNumber, the_middle_between_two_doubles_goes_to_the_even_one) {
  SeededRandom random(3);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t middle = (1ULL << 53) + 2 * random.below(1ULL << 50) + 1;
    const auto halves = static_cast<int>(random.below(4));
    const std::string digits = std::to_string(middle * (halves == 3   ? 125
                                                        : halves == 2 ? 25
                                                        : halves == 1 ? 5
                                                                      : 1));
    std::string text = digits;
    text.insert(text.size() - static_cast<size_t>(halves), ".");
    if (halves == 0) text += '0';
    const double even = std::ldexp(static_cast<double>(middle), -halves);
    ASSERT_EQ(parse_json_double(text), even) << text;
    ASSERT_EQ(bits(parse_json_double(text + "1")),
              bits(std::strtod((text + "1").c_str(), nullptr)));
  }
}

TEST(JsonNumber, big_integers_are_exact) {
  EXPECT_EQ(limbs_of("4294967295"), (Limbs{0xffffffff}));
  EXPECT_EQ(limbs_of("4294967296"), (Limbs{0, 1}));
  EXPECT_EQ(limbs_of("18446744073709551615"), (Limbs{0xffffffff, 0xffffffff}));
  EXPECT_EQ(limbs_of("18446744073709551616"), (Limbs{0, 0, 1}));
  EXPECT_EQ(limbs_of("79228162514264337593543950335"), (Limbs{0xffffffff, 0xffffffff, 0xffffffff}));
  EXPECT_EQ(limbs_of("1000000000000000000"), (Limbs{0xa7640000, 0x0de0b6b3}));
  EXPECT_EQ(limbs_of("1000000000000000000000000000"), (Limbs{0xe8000000, 0x9fd0803c, 0x33b2e3c}));
}

}  // namespace couchlet
