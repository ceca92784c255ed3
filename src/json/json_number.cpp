#include "json/json_number.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

namespace couchlet {

namespace {

// Powers of ten that a double holds exactly.
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kMaxExactPower = 22;
constexpr uint64_t kMaxExactInteger = 1ULL << 53;

// The number is mantissa * 10^exponent.
struct Decimal {
  uint64_t mantissa = 0;
  int exponent = 0;
  bool is_negative = false;
};

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// False where the mantissa takes more than 64 bits or the exponent is far out.
bool parse_decimal(std::string_view number, Decimal& decimal) {
  constexpr uint64_t kMaxBeforeDigit = (std::numeric_limits<uint64_t>::max() - 9) / 10;
  decimal.is_negative = number.front() == '-';
  bool is_fraction = false;
  size_t i = decimal.is_negative ? 1 : 0;
  for (; i < number.size() && (is_digit(number[i]) || number[i] == '.'); ++i) {
    if (number[i] == '.') {
      is_fraction = true;
      continue;
    }
    if (decimal.mantissa > kMaxBeforeDigit) return false;
    decimal.mantissa = decimal.mantissa * 10 + static_cast<uint64_t>(number[i] - '0');
    decimal.exponent -= is_fraction ? 1 : 0;
  }
  if (i == number.size()) return true;

  ++i;  // the 'e'
  const bool is_down = number[i] == '-';
  if (is_down || number[i] == '+') ++i;
  int exponent = 0;
  for (; i < number.size(); ++i) {
    exponent = exponent * 10 + (number[i] - '0');
    if (exponent > 1000) return false;
  }
  decimal.exponent += is_down ? -exponent : exponent;
  return true;
}

// Both the mantissa and the power of ten are doubles, so the one operation rounds correctly
// (Clinger 1990). This is what most numbers are.
double with_exact_power(const Decimal& decimal) {
  const auto mantissa = static_cast<double>(decimal.mantissa);
  return decimal.exponent < 0 ? mantissa / kPowersOfTen[-decimal.exponent]
                              : mantissa * kPowersOfTen[decimal.exponent];
}

// 5^27 is the largest power of five that 64 bits hold.
constexpr int kMaxPowerOfFive = 27;

constexpr std::array<uint64_t, kMaxPowerOfFive + 1> kPowersOfFive = [] {
  std::array<uint64_t, kMaxPowerOfFive + 1> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 5;
  return powers;
}();

// The mantissa divided by a power of ten: by the power of five to 63 bits or more, with a last bit
// that is set where something is left over, so that the conversion to a double, which rounds
// correctly, sees on which side of the middle it is; then by the power of two, which is exact. This
// is for what a computation leaves, 0.30000000000000004, which strtod takes a microsecond for in
// WebAssembly.
// REQUIRES: mantissa > 0, -kMaxPowerOfFive <= exponent < 0.
double with_division(const Decimal& decimal) {
  const uint64_t power = kPowersOfFive[static_cast<size_t>(-decimal.exponent)];
  const int mantissa_shift = std::countl_zero(decimal.mantissa);
  const int power_shift = std::countl_zero(power);
  const uint64_t divisor = power << power_shift;
  const auto dividend = static_cast<unsigned __int128>(decimal.mantissa << mantissa_shift) << 63;
  const auto quotient = static_cast<uint64_t>(dividend / divisor);
  const bool is_exact = static_cast<unsigned __int128>(quotient) * divisor == dividend;
  const int exponent = decimal.exponent + power_shift - mantissa_shift - 63;
  return std::ldexp(static_cast<double>(quotient | (is_exact ? 0 : 1)), exponent);
}

// strtod wants a NUL behind the number.
double parse_by_library(std::string_view number) {
  char buffer[64];
  if (number.size() >= sizeof(buffer)) return std::strtod(std::string(number).c_str(), nullptr);
  std::memcpy(buffer, number.data(), number.size());
  buffer[number.size()] = '\0';
  return std::strtod(buffer, nullptr);
}

}  // namespace

double parse_json_double(std::string_view number) {
  Decimal decimal;
  if (!parse_decimal(number, decimal)) return parse_by_library(number);
  const int exponent = decimal.exponent;
  double magnitude = 0;
  if (decimal.mantissa <= kMaxExactInteger && std::abs(exponent) <= kMaxExactPower) {
    magnitude = with_exact_power(decimal);
  } else if (decimal.mantissa > 0 && exponent < 0 && exponent >= -kMaxPowerOfFive) {
    magnitude = with_division(decimal);
  } else {
    return parse_by_library(number);
  }
  return decimal.is_negative ? -magnitude : magnitude;
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
