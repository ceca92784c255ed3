// Eight bytes a step ("slicing by 8", Kounavis and Berry 2005): table k holds what a byte becomes
// that has k further bytes behind it, so that the eight look-ups don't wait for each other.
#include "base/crc32c.h"

#include <array>

#include "base/bytes.h"

namespace couchlet {

namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // of RFC 3720, bits reversed

using Tables = std::array<std::array<uint32_t, 256>, 8>;

Tables make_tables() {
  Tables tables;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = crc >> 8 ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}

}  // namespace

uint32_t crc32c(std::string_view bytes, uint32_t so_far) {
  // Made when first needed: 8 KiB that the module need not carry.
  static const Tables tables = make_tables();

  uint32_t crc = ~so_far;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const uint32_t low = load_little_endian<uint32_t>(at) ^ crc;
    const uint32_t high = load_little_endian<uint32_t>(at + 4);
    crc = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
          tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^
          tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
  }
  for (; left > 0; ++at, --left) {
    crc = crc >> 8 ^ tables[0][(crc ^ static_cast<uint8_t>(*at)) & 0xff];
  }
  return ~crc;
}

}  // namespace couchlet
