#include "base/utf8.h"

#include "base/bytes.h"

namespace couchlet {

bool is_valid_utf8(std::string_view text) {
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    if (end - at >= 8 && (load_little_endian<uint64_t>(at) & 0x8080808080808080) == 0) {
      at += 8;  // all ASCII
      continue;
    }
    const size_t length = utf8_character_length(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

char* write_utf8(char* out, uint32_t code_point) {
  const auto write = [&out](uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code_point < 0x80) {
    write(code_point);
  } else if (code_point < 0x800) {
    write(0xc0 | code_point >> 6);
    write(0x80 | (code_point & 63));
  } else if (code_point < 0x10000) {
    write(0xe0 | code_point >> 12);
    write(0x80 | (code_point >> 6 & 63));
    write(0x80 | (code_point & 63));
  } else {
    write(0xf0 | code_point >> 18);
    write(0x80 | (code_point >> 12 & 63));
    write(0x80 | (code_point >> 6 & 63));
    write(0x80 | (code_point & 63));
  }
  return out;
}

}  // namespace couchlet
