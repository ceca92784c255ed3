// CRC-32C (Castagnoli; RFC 3720, appendix B.4): the checksum of log records and blocks. It finds
// torn and decayed bytes, not forged ones.
#pragma once

#include <cstdint>
#include <string_view>

namespace couchlet {

// The checksum of what `so_far` is the checksum of, followed by `bytes`.
uint32_t crc32c(std::string_view bytes, uint32_t so_far = 0);

}  // namespace couchlet
