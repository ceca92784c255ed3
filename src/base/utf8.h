// UTF-8, RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace couchlet {

// The length, 1 to 4, of the character that begins at `at`; 0 where there is none.
// REQUIRES: at < end.
inline size_t utf8_character_length(const char* at, const char* end) {
  const auto byte = [at](size_t i) { return static_cast<uint8_t>(at[i]); };
  const auto continues = [&byte](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const size_t left = static_cast<size_t>(end - at);
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;  // a continuation, or the long form of an ASCII character
  if (lead < 0xe0) return left >= 2 && continues(1) ? 2 : 0;
  if (lead < 0xf0) {
    if (left < 3 || !continues(1) || !continues(2)) return 0;
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;   // a long form
    if (lead == 0xed && byte(1) >= 0xa0) return 0;  // a surrogate
    return 3;
  }
  if (lead > 0xf4 || left < 4 || !continues(1) || !continues(2) || !continues(3)) return 0;
  if (lead == 0xf0 && byte(1) < 0x90) return 0;   // a long form
  if (lead == 0xf4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return 4;
}

bool is_valid_utf8(std::string_view text);

// Writes a character at `out` and returns where it ends, at most four bytes later.
// REQUIRES: code_point <= 0x10ffff and no surrogate.
char* write_utf8(char* out, uint32_t code_point);

}  // namespace couchlet
