#include "json/json_number.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

namespace couchlet {

namespace {

// Powers of ten that a double holds exactly.
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kMaxExactPower = 22;
constexpr uint64_t kMaxExactInteger = 1ULL << 53;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// What most numbers are: an integer of at most 2^53, multiplied or divided by a power of ten that
// is exact as well, so that the one operation rounds correctly (Clinger 1990). NaN for other
// numbers.
double parse_short_double(std::string_view number) {
  const bool is_negative = number.front() == '-';
  uint64_t mantissa = 0;
  int exponent = 0;
  size_t i = is_negative ? 1 : 0;
  bool is_fraction = false;
  for (; i < number.size() && (is_digit(number[i]) || number[i] == '.'); ++i) {
    if (number[i] == '.') {
      is_fraction = true;
      continue;
    }
    mantissa = mantissa * 10 + static_cast<uint64_t>(number[i] - '0');
    if (mantissa > kMaxExactInteger) return NAN;
    exponent -= is_fraction ? 1 : 0;
  }
  if (i < number.size()) {
    ++i;
    const bool is_down = number[i] == '-';
    if (is_down || number[i] == '+') ++i;
    int written = 0;
    for (; i < number.size(); ++i) {
      written = written * 10 + (number[i] - '0');
      if (written > 1000) return NAN;
    }
    exponent += is_down ? -written : written;
  }
  if (exponent > kMaxExactPower || exponent < -kMaxExactPower) return NAN;
  const auto magnitude = static_cast<double>(mantissa);
  const double value =
      exponent < 0 ? magnitude / kPowersOfTen[-exponent] : magnitude * kPowersOfTen[exponent];
  return is_negative ? -value : value;
}

// strtod wants a NUL behind the number.
double parse_long_double(std::string_view number) {
  char buffer[64];
  if (number.size() >= sizeof(buffer)) return std::strtod(std::string(number).c_str(), nullptr);
  std::memcpy(buffer, number.data(), number.size());
  buffer[number.size()] = '\0';
  return std::strtod(buffer, nullptr);
}

}  // namespace

double parse_json_double(std::string_view number) {
  const double value = parse_short_double(number);
  return std::isnan(value) ? parse_long_double(number) : value;
}

void parse_big_integer(std::string_view digits, std::vector<uint32_t>& limbs) {
  limbs.clear();
  while (!digits.empty()) {
    uint32_t chunk = 0;
    uint32_t scale = 1;
    const size_t count = digits.size() < 9 ? digits.size() : 9;  // 10^9 < 2^32
    for (size_t i = 0; i < count; ++i) {
      chunk = chunk * 10 + static_cast<uint32_t>(digits[i] - '0');
      scale *= 10;
    }
    digits.remove_prefix(count);

    uint64_t carry = chunk;
    for (uint32_t& limb : limbs) {
      carry += static_cast<uint64_t>(limb) * scale;
      limb = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry > 0) limbs.push_back(static_cast<uint32_t>(carry));
  }
}

}  // namespace couchlet
