// The numbers that JSON text stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace couchlet {

// The double nearest to the number; infinite where none is. REQUIRES: a JSON number.
double parse_json_double(std::string_view number);

// The value of decimal digits of any count, as 32-bit digits, lowest first and without zeros at the
// top; written over what is in `limbs`. Takes time as the square of the count.
void parse_big_integer(std::string_view digits, std::vector<uint32_t>& limbs);

}  // namespace couchlet
