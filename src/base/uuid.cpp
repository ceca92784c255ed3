#include "base/uuid.h"

#include "base/bytes.h"
#include "base/hex.h"

namespace couchlet {

namespace {

std::string hex_of(uint64_t high, uint64_t low) {
  std::string bytes;
  put_u64be(bytes, high);
  put_u64be(bytes, low);
  return to_hex(bytes);
}

}  // namespace

std::string uuid_hex(Random& random) {
  const uint64_t high = random.next();
  return hex_of(high, random.next());
}

std::string uuid_v4(Random& random) {
  const uint64_t high = (random.next() & ~0xf000ULL) | 0x4000ULL;       // the version
  const uint64_t low = (random.next() & ~(3ULL << 62)) | (2ULL << 62);  // the variant
  std::string text = hex_of(high, low);
  for (const size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
  return text;
}

}  // namespace couchlet
